/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The tasks of ../shared/search-bench in C: functions with literal constants, and forests of real
 * results read from its surr_*.json. Must not know what proposes. */
#include <stdbool.h>

#include "base/buf.h"
#include "base/value.h"

enum task_kind { TASK_REAL, TASK_LOG, TASK_INT, TASK_STEPS, TASK_CHOICE };

struct task_parameter {
    const char *name;
    enum task_kind kind;
    double min, max, q;
    const char *choices[8];
};

enum { TASK_PARAMETERS_MAX = 16 };

struct task {
    const char *name, *class;
    double best; /* the least value known */
    double noise;
    int batch; /* workers */
    double (*f)(const struct task *t, const struct value *params);
    const char *forest; /* its name */
    const double *shift, *scale;
    size_t n;
    struct task_parameter parameters[TASK_PARAMETERS_MAX];
    const struct forest *trees;
};

/* All of them; those whose file is not in folder are left out, and the number of these is given
 * back. */
size_t tasks_load(const char *folder, struct task *ret, size_t cap, size_t *ret_missing);
/* The spec as text: `method`, the metric loss, the parameters. */
void task_spec(const struct task *t, const char *method, struct buf *ret);
/* A parameter in the unit cube, as the forests were grown. */
double task_unit(const struct task_parameter *p, const struct value *v);
double task_number(const struct value *params, size_t i); /* parameter x<i> */

struct forest *forest_read(const char *path); /* NULL where the file is not there */
double forest_value(const struct task *t, const struct value *params);
