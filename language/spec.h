/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A sweep's spec, read and checked: W&B's language with our own keys (docs/reference). A value,
 * never changed after it is read; its memory is one arena. Knows no file, strategy or clock. */
#include <stdbool.h>
#include <stdint.h>
#include "base/diag/diag.h"
#include "sweep/objective.h"
#include "sweep/space.h"

struct yaml_node;

enum spec_method {
    SPEC_GRID,
    SPEC_RANDOM,
    SPEC_SOBOL,
    SPEC_BAYES,
    SPEC_TPE,
    SPEC_CMAES,
    SPEC_CUSTOM
};
enum spec_unique { SPEC_UNIQUE_DEFAULT, SPEC_UNIQUE_YES, SPEC_UNIQUE_NO };
enum spec_impute { SPEC_IMPUTE_LATEST, SPEC_IMPUTE_BEST, SPEC_IMPUTE_WORST, SPEC_IMPUTE_NONE };
enum spec_stopper { SPEC_STOPPER_HYPERBAND, SPEC_STOPPER_ASHA, SPEC_STOPPER_MEDIAN };

struct spec_metric {
    const char *name; /* NULL: no metric */
    bool maximize;
    bool has_target;
    double target;
    bool reduce_last; /* else the best of the history */
    enum spec_impute impute, impute_while_running;
};

struct spec {
    struct arena arena;
    const char *name, *description, *program; /* NULL where absent */
    enum spec_method method;
    struct spec_metric metric;
    const struct spec_metric *metrics; /* of several objectives all; `metric` is the first */
    size_t metrics_n;                  /* 0, or from 2 to PARETO_OBJECTIVES_MAX */
    struct {
        bool on;
        enum spec_stopper type;
        double eta;
        bool strict;
        bool stop_nan;                          /* a trial whose metric stays NaN or infinite */
        int64_t min_iter, max_iter, min_trials; /* 0: not given */
        const int64_t *bands;                   /* ascending */
        size_t bands_n;
    } early_terminate;
    struct space space;
    const struct value *command; /* list of strings, each already as Python's str() */
    /* Of the parameters that have a `flag` (language/command/command_flag.h), or NULL. */
    const struct value *flags;
    int64_t run_cap;             /* 0: none */
    int64_t max_parallel;        /* 0: none */
    int64_t priority;            /* 0 where absent; higher goes first */
    double weight;               /* 1 where absent; above 0 */
    const struct value *prior;   /* a list of names of earlier sweeps, or NULL */
    const struct value *initial; /* a list of configurations to try first, or NULL: sweep/given.h */
    bool has_seed;
    uint64_t seed;
    enum spec_unique unique;
    bool order_random;
    struct {
        int64_t cpus;               /* 0 where absent */
        int64_t gpus;               /* -1 where absent */
        uint64_t memory_bytes;      /* 0 where absent */
        const struct value *labels; /* a list of texts, or NULL */
        double time_s;              /* 0: no limit */
    } resources;
    struct {
        double wall_s, gpu_hours; /* 0: no limit */
        const char *until;        /* as written (language/moment.h), or NULL */
    } budget;                     /* of trials: run_cap */
    const struct value *strategy; /* the method's options, or NULL */
    bool scheduler;               /* W&B's client-side one proposes */
    struct {
        int64_t failed, host; /* 0 and 3 */
    } retry;
    struct {
        bool snapshot;
        const struct value *files; /* a list of texts, or NULL: what git names */
        uint64_t limit;            /* bytes; 0 where absent */
    } code;
    bool wandb_off;               /* training's wandb reports wherever it would without besom */
    const char *project, *entity; /* for wandb; NULL where absent */
    const struct value *env;      /* dict of strings, or NULL */
    const char *workdir;          /* as written, or NULL */
    const struct value *report;   /* {"stdout":…,"stderr":…} (language/report.h), or NULL */
    /* The whole document, dicts sorted by key: what the store keeps, by spec_content_text(). */
    const struct value *content;
    const struct yaml_node *tree; /* what it was read from, with its marks */
};

/* A spec with only default values, for a reader to fill in (language/spec_read.h). */
struct spec *spec_new(void);
void spec_free(struct spec *s); /* takes NULL */
/* Content as JSON in a canonical form: two specs are the same if these texts are. */
char *spec_content_text(struct arena *a, const struct spec *s);
const char *spec_method_name(enum spec_method m);
/* Whether its proposals depend on a seed: those of a grid in sorted order do not. */
bool spec_is_random(const struct spec *s);
/* Whether trials are drawn independently of results: each is as likely the best as any other. */
bool spec_draws_alike(const struct spec *s);
struct objective_rule spec_objective_rule(const struct spec *s);
