/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The keys of a sweep file as tables: the name of each, its allowed values, its meaning. The
 * reader uses them (language/reader/spec_fields.h), and the JSON schema (language/language_schema.h).
 * Parameters have their own: language/reader/parameter/. Knows nothing of reading. */
#include <stdbool.h>
#include <stddef.h>

enum language_type {
    LANGUAGE_TEXT,
    LANGUAGE_BOOL,
    LANGUAGE_INT,
    LANGUAGE_NUMBER,
    LANGUAGE_WORD,   /* one of words */
    LANGUAGE_SPAN,   /* of time: 90, 45s, 1h30m (language/duration.h) */
    LANGUAGE_MEMORY, /* 8GiB (language/memory_size.h) */
    LANGUAGE_MOMENT, /* 18:00, 2026-01-31 18:00 (language/moment.h) */
    LANGUAGE_LIST,   /* of objects */
    LANGUAGE_MAP,    /* an object */
    LANGUAGE_POINTS, /* a list of configurations */
    LANGUAGE_NAMES,  /* a list of texts */
    /* Each of these has its own reader, which reports errors. */
    LANGUAGE_ARGUMENTS,
    LANGUAGE_CONDITIONS,
    LANGUAGE_OPTIONS,
    LANGUAGE_PARAMETERS,
    LANGUAGE_CODE,
    LANGUAGE_OUTPUT,
    LANGUAGE_VARIABLES,
};

/* How severe a wrong value is. Of its own keys W&B warns, and continues as without them; so does besom. */
enum language_fault {
    LANGUAGE_ERROR,
    LANGUAGE_WARNING,
    LANGUAGE_REPLACED,  /* a warning too: W&B takes the default instead */
    LANGUAGE_BY_METHOD, /* an error if the method needs it, else a warning; its reader reports it */
};

struct language_field {
    const char *name;
    enum language_type type;
    enum language_fault fault;
    bool above;   /* a number: more than least, not least itself */
    double least; /* of integers and numbers; -INFINITY where there is none */
    const char *const *words;
    const struct language_object *object;
    const char *doc;      /* one or two sentences for editors */
    const char *example;  /* "run_cap: 50", as YAML */
    const char *fallback; /* as YAML, NULL where there is no default to name */
};

struct language_object {
    const char *name; /* "a metric" in "`gaol` is not a field of a metric" */
    enum language_fault fault;
    bool open; /* other fields are not checked */
    const struct language_field *fields;
    size_t n;
    const char *example;
};

enum { LANGUAGE_FIELDS_MAX = 40 };

enum {
    KEY_API_VERSION,
    KEY_BUDGET,
    KEY_CODE,
    KEY_COMMAND,
    KEY_CONTROLLER,
    KEY_DESCRIPTION,
    KEY_EARLY_TERMINATE,
    KEY_ENTITY,
    KEY_ENV,
    KEY_FORBID,
    KEY_IMAGE_URI,
    KEY_INITIAL,
    KEY_JOB,
    KEY_KIND,
    KEY_MAX_PARALLEL,
    KEY_METHOD,
    KEY_METRIC,
    KEY_METRICS,
    KEY_NAME,
    KEY_ORDER,
    KEY_PARAMETERS,
    KEY_PRIOR,
    KEY_PRIORITY,
    KEY_PROGRAM,
    KEY_PROJECT,
    KEY_REPORT,
    KEY_RESOURCES,
    KEY_RETRY,
    KEY_RUN_CAP,
    KEY_SCHEDULER,
    KEY_SEED,
    KEY_STRATEGY,
    KEY_UNIQUE,
    KEY_WANDB,
    KEY_WEIGHT,
    KEY_WORKDIR,
    KEY_COUNT
};
enum {
    METRIC_GOAL,
    METRIC_IMPUTE,
    METRIC_IMPUTE_WHILE_RUNNING,
    METRIC_NAME,
    METRIC_REDUCE,
    METRIC_TARGET,
    METRIC_COUNT
};
enum {
    STOPPER_ETA,
    STOPPER_MAX_ITER,
    STOPPER_MIN_ITER,
    STOPPER_MIN_TRIALS,
    STOPPER_NAN,
    STOPPER_S,
    STOPPER_STRICT,
    STOPPER_TYPE,
    STOPPER_COUNT
};
enum { CODE_FILES, CODE_LIMIT, CODE_COUNT };
enum { BUDGET_GPU_HOURS, BUDGET_TRIALS, BUDGET_UNTIL, BUDGET_WALL, BUDGET_COUNT };
enum {
    RESOURCE_CPUS,
    RESOURCE_GPUS,
    RESOURCE_LABELS,
    RESOURCE_MEMORY,
    RESOURCE_TIME,
    RESOURCE_COUNT
};
enum { RETRY_FAILED, RETRY_HOST, RETRY_COUNT };
enum { REPORT_STDERR, REPORT_STDOUT, REPORT_COUNT };
enum {
    SCHEDULER_ENGINE,
    SCHEDULER_OPTIMIZER,
    SCHEDULER_SEARCH_SPACE,
    SCHEDULER_SOURCE,
    SCHEDULER_COUNT
};
enum { CONTROLLER_TYPE, CONTROLLER_COUNT };

extern const struct language_object language_top, language_metric, language_stopper,
    language_budget, language_code, language_resources, language_retry, language_report,
    language_scheduler, language_controller;

/* The options of `strategy` for a method, by the method's name; NULL where it has none. */
const struct language_object *language_strategy(const char *method);
extern const char *const language_methods[], *const language_stoppers[]; /* NULL-terminated */
