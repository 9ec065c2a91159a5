/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The space of a sweep: its parameters, flattened and in W&B's order (names sorted at every level
 * of nesting), each with a quantile function from u in [0,1] to a value. Pure; knows nothing of
 * strategies. */
#include <stdbool.h>
#include <stdint.h>
#include "base/value.h"

/* name as the spec writes it, in the order in which W&B tries them */
#define SPACE_KINDS(X)                                        \
    X(SPACE_Q_BETA, "q_beta")                                 \
    X(SPACE_BETA, "beta")                                     \
    X(SPACE_CATEGORICAL, "categorical")                       \
    X(SPACE_CATEGORICAL_P, "categorical_w_probabilities")     \
    X(SPACE_INT_UNIFORM, "int_uniform")                       \
    X(SPACE_UNIFORM, "uniform")                               \
    X(SPACE_LOG_NORMAL, "log_normal")                         \
    X(SPACE_LOG_UNIFORM, "log_uniform")                       \
    X(SPACE_INV_LOG_UNIFORM, "inv_log_uniform")               \
    X(SPACE_NORMAL, "normal")                                 \
    X(SPACE_Q_LOG_NORMAL, "q_log_normal")                     \
    X(SPACE_Q_LOG_UNIFORM, "q_log_uniform")                   \
    X(SPACE_Q_NORMAL, "q_normal")                             \
    X(SPACE_Q_UNIFORM, "q_uniform")                           \
    X(SPACE_CONSTANT, "constant")                             \
    X(SPACE_INV_LOG_UNIFORM_VALUES, "inv_log_uniform_values") \
    X(SPACE_LOG_UNIFORM_VALUES, "log_uniform_values")         \
    X(SPACE_Q_LOG_UNIFORM_VALUES, "q_log_uniform_values")     \
    X(SPACE_EXPR, "expr") /* computed from others: no distribution, and no spec names it as one */

enum space_kind {
#define X(id, name) id,
    SPACE_KINDS(X)
#undef X
};

struct expr;

/* When a parameter exists: its parent exists and has one of these values (value_same), or a
 * condition holds. */
struct when {
    size_t parent;                     /* index into parameters */
    const struct value *values;        /* list; NULL: see condition */
    const struct condition *condition; /* of a text: parent is no index then */
};

struct condition {
    const struct expr *expr;
    const char *text;    /* as the spec has it */
    const size_t *names; /* the parameters it names, each once */
    size_t names_n;
};

struct parameter {
    const char *name;        /* flattened, joined by '.': for people and for --params */
    const char *const *path; /* the names from the top, path[0..depth-1] */
    size_t depth;
    enum space_kind kind;
    double min, max;          /* uniform family; exponents of e for the v1 log kinds */
    int64_t int_min, int_max; /* int_uniform, both inclusive and whole steps apart */
    int64_t int_step;         /* 0 is 1: every integer; else q is the same, to be shown */
    double mu, sigma, a, b, q;
    bool q_int;      /* q was written as an integer: samples are integers */
    bool bounds_int; /* min and max were too: with q_int, a grid of integers */
    bool from_min;   /* q_uniform: min, min + q, …, each as likely; else multiples of q */
    const struct value *value;    /* constant */
    const struct value *values;   /* categorical: a list, as written */
    const struct value *distinct; /* values without repeats, see space_distinct() */
    const double *probabilities;  /* one for each of values, sum 1 */
    const struct when *when;      /* it exists where all of these hold */
    size_t when_n;
    const struct condition
        *expr; /* what SPACE_EXPR is computed from; it has no choice of its own */
};

struct space {
    const struct parameter *parameters; /* constants among them */
    size_t n;
    const size_t *order; /* n indices: each parameter after those that its when and expr name */
    const struct condition *forbid;
    size_t forbid_n;
    bool conditional; /* there is some when, expr or forbid (sweep/condition.h) */
};

const char *space_kind_name(enum space_kind kind);

/* The value of parameter p at quantile u in [0,1], as W&B computes it (wandb.md A.2), its three
 * edge bugs clamped. Bit for bit for uniform, integer, categorical and q_*; within a relative
 * error of 1e-12 for the others. */
struct value *space_ppf(struct arena *a, const struct parameter *p, double u);

/* Number of distinct values that p can take: 1 for a constant, 0 where it is continuous or not
 * countable. */
uint64_t space_parameter_points(const struct parameter *p);
/* Distinct points of the whole space; 0 where some parameter is continuous; UINT64_MAX where more.
 */
uint64_t space_points(const struct space *s);
/* Whether p can be in a grid: categorical, constant, int_uniform or q_uniform. */
bool space_grid_allows(const struct parameter *p);
/* The grid of p: its number of points (q_uniform: W&B's arange, max excluded), and the i-th of
 * them. */
uint64_t space_grid_points(const struct parameter *p);
struct value *space_grid_value(struct arena *a, const struct parameter *p, uint64_t i);

/* Points of the grid over the whole space; 0 if some parameter cannot be in a grid or the grid has
 * no point, UINT64_MAX if there are more. */
uint64_t space_grid_total(const struct space *s);

/* The parts that space_ppf is made of. space_choice: the index into values of a categorical kind;
 * space_int: int_uniform; space_quantile: of any other kind but constant, before rounding to q. */
size_t space_choice(const struct parameter *p, double u);
int64_t space_int(const struct parameter *p, double u);
double space_quantile(const struct parameter *p, double u);
/* P(X <= x), the inverse of space_quantile. */
double space_cdf(const struct parameter *p, double x);
bool space_is_quantised(const struct parameter *p); /* a q_* kind */
/* Kinds whose distinct values are an unbroken run of levels, q or int_step (int_uniform) apart: the
 * number of the first, and how many there are; false for any other parameter. */
bool space_levels(const struct parameter *p, int64_t *first, uint64_t *n);
/* The value of a level. */
struct value *space_level_value(struct arena *a, const struct parameter *p, int64_t level);
/* Of a q_* kind: the level nearest to x, whether it is one of p's or not, and the number of a level.
 */
double space_level_near(const struct parameter *p, double x);
double space_level_number(const struct parameter *p, double level);

/* The content of parameter.distinct: the items of a list without repeats (value_same()), each at
 * the place of its first occurrence and written like its last (1.0 of 1, 1.0), as in W&B's grid. */
struct value *space_distinct(struct arena *a, const struct value *values);

/* values[i] belongs to parameters[i], NULL where it does not exist; returns the nested dict that
 * the script gets. A group of which nothing exists is left out too. */
struct value *space_nest(struct arena *a, const struct space *s, struct value *const *values);
/* The value at parameter p's path in nested params; NULL where there is none. */
const struct value *space_lookup(const struct value *params, const struct parameter *p);
