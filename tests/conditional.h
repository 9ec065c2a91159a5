/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Small random specs with conditions, and their points by brute force: every combination of values
 * is held against the rules by the C operators of this file, not by besom's expressions. */
#include "base/buf.h"
#include "base/number/rng.h"
#include "base/value.h"

enum { COND_MAX = 7, COND_FORBID_MAX = 3, COND_KEY = 200 };

struct cond_number {
    bool exists;
    double x;
};

struct cond_rule {
    int form, a, b; /* of parameters a and b */
    int c;
};

struct cond_parameter {
    char name[16];
    int n; /* its values are 1 to n; 0: it is computed */
    bool range;
    int parents[2], when_n;
    unsigned values[2]; /* of each parent: bit v for value v */
    struct cond_rule computed;
};

struct cond_model {
    struct cond_parameter parameters[COND_MAX]; /* each after those that it names */
    int n;
    struct cond_rule forbid[COND_FORBID_MAX];
    int forbid_n;
    char (*points)[COND_KEY]; /* sorted */
    size_t points_n, points_cap;
};

/* Names come in any order, so that a parameter may stand before those that it depends on; without
 * expressions there is neither forbid nor expr. */
void cond_draw(struct cond_model *m, struct rng *r, bool expressions);
void cond_done(struct cond_model *m);
/* The spec; head holds the keys before `parameters`. */
void cond_write(const struct cond_model *m, const char *head, struct buf *out);
void cond_find_points(struct cond_model *m);
/* What a proposal is among the points. */
void cond_key_of(const struct cond_model *m, const struct value *params, char key[COND_KEY]);
int cond_compare(const void *a, const void *b); /* of keys, for qsort */
