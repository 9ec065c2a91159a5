/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Chooses the next row of a table of curves: at random, by the model of bayes (the free row with the
 * greatest acquisition value), or by a strategy (the free row nearest to its proposal). */
#include "base/number/rng.h"
#include "language/spec.h"
#include "sweep/history.h"
#include "tests/bench/stop/curves.h"

enum chooser_method { CHOOSER_RANDOM, CHOOSER_MODEL, CHOOSER_STRATEGY };

struct chooser;

/* table and spec must outlive it; the spec's method is not looked at under CHOOSER_RANDOM. */
struct chooser *chooser_new(enum chooser_method method, const struct curves *table,
                            const struct spec *spec, uint64_t seed);
void chooser_free(struct chooser *c);
size_t chooser_next(struct chooser *c); /* table->n where none is left */
void chooser_report(struct chooser *c, size_t row, const struct history_fate *fate);
