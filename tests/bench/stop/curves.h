/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Recorded learning curves as tables: each row is a configuration, a point of the unit cube, with
 * the metric after each epoch; lower is better. */
#include <stdbool.h>
#include <stddef.h>

enum { CURVES_TABLES = 5, CURVES_MAX = 1000, CURVES_EPOCHS_MAX = 64, CURVES_INPUTS_MAX = 8 };

struct curves {
    char name[16];
    size_t n, epochs, inputs;
    char inputs_names[CURVES_INPUTS_MAX][24];
    bool categories[CURVES_INPUTS_MAX]; /* this input's numbers have no order */
    double points[CURVES_MAX][CURVES_INPUTS_MAX];
    double values[CURVES_MAX][CURVES_EPOCHS_MAX];
    double best, scale; /* of all values; from there to the median final value */
};

/* Reads curves_mlp.csv and curves_lcb.csv; ends the program where they cannot be read. */
void curves_load(const char *folder, struct curves tables[CURVES_TABLES]);
