/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/language.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define LEN(list) (sizeof(list) / sizeof *(list))

const char *const language_methods[] = {"grid", "random", "sobol",  "bayes",
                                        "tpe",  "cmaes",  "custom", NULL};
const char *const language_stoppers[] = {"hyperband", "asha", "median", NULL};
static const char *const goals[] = {"minimize", "maximize", NULL};
static const char *const imputes[] = {"latest", "best", "worst", NULL};
static const char *const running_imputes[] = {"latest", "best", "worst", "false", NULL};
static const char *const nan_ways[] = {"keep", "stop", NULL};
static const char *const reductions[] = {"best", "last", NULL};
static const char *const orders[] = {"random", NULL};
static const char *const kinds[] = {"sweep", NULL};
static const char *const controllers[] = {"cloud", "local", NULL};
static const char *const engines[] = {"wandb", "optuna", "ax", NULL};
static const char *const restarts[] = {"bipop", "ipop", "none", NULL};
static const char *const acquisitions[] = {"auto", "ei", "lcb", NULL};

static const struct language_field metric_fields[] = {
    [METRIC_GOAL] = {.name = "goal",
                     .type = LANGUAGE_WORD,
                     .fault = LANGUAGE_REPLACED,
                     .words = goals,
                     .doc = "Whether small or large values are better.",
                     .example = "goal: maximize",
                     .fallback = "minimize"},
    [METRIC_IMPUTE] = {.name = "impute",
                       .type = LANGUAGE_WORD,
                       .fault = LANGUAGE_REPLACED,
                       .words = imputes,
                       .doc = "Model-based methods: which value the model uses for a failed trial: "
                              "its latest, its best, or the worst of all trials.",
                       .example = "impute: latest",
                       .fallback = "worst"},
    [METRIC_IMPUTE_WHILE_RUNNING] =
        {.name = "impute_while_running",
         .type = LANGUAGE_WORD,
         .fault = LANGUAGE_WARNING,
         .words = running_imputes,
         .doc = "Model-based methods: which value the model uses for a running trial. \"false\", "
                "in quotes: none, the model estimates it.",
         .example = "impute_while_running: latest",
         .fallback = "'false'"},
    [METRIC_NAME] = {.name = "name",
                     .type = LANGUAGE_TEXT,
                     .fault = LANGUAGE_WARNING,
                     .doc = "The name under which the script reports it.",
                     .example = "name: val/loss"},
    [METRIC_REDUCE] = {.name = "reduce",
                       .type = LANGUAGE_WORD,
                       .words = reductions,
                       .doc = "Which of the values that a trial reported counts as its result.",
                       .example = "reduce: last",
                       .fallback = "best"},
    [METRIC_TARGET] = {.name = "target",
                       .type = LANGUAGE_NUMBER,
                       .fault = LANGUAGE_WARNING,
                       .least = -INFINITY,
                       .doc = "Once a trial reaches it, no new ones are started.",
                       .example = "target: 0.9"},
};
static_assert(LEN(metric_fields) == METRIC_COUNT, "a metric's fields");
const struct language_object language_metric = {
    "a metric",    LANGUAGE_WARNING, false,
    metric_fields, METRIC_COUNT,     "metric: {name: loss, goal: minimize}"};

static const struct language_field stopper_fields[] = {
    [STOPPER_ETA] = {.name = "eta",
                     .type = LANGUAGE_NUMBER,
                     .fault = LANGUAGE_WARNING,
                     .above = true,
                     .least = 1,
                     .doc =
                         "hyperband, asha: at each band the best 1/eta of the trials continue, and "
                         "each band is this many times the one before. Default: 3, for asha 2.",
                     .example = "eta: 3"},
    [STOPPER_MAX_ITER] =
        {.name = "max_iter",
         .type = LANGUAGE_INT,
         .fault = LANGUAGE_WARNING,
         .least = 1,
         .doc = "hyperband: the bands are max_iter divided by eta, then again by eta, s times. "
                "asha: how many values a complete trial reports; all bands are smaller.",
         .example = "max_iter: 27"},
    [STOPPER_MIN_ITER] = {.name = "min_iter",
                          .type = LANGUAGE_INT,
                          .fault = LANGUAGE_WARNING,
                          .least = 1,
                          .doc = "How many values of the metric a trial reports before it can be "
                                 "stopped; the first band.",
                          .example = "min_iter: 3"},
    [STOPPER_MIN_TRIALS] = {.name = "min_trials",
                            .type = LANGUAGE_INT,
                            .fault = LANGUAGE_WARNING,
                            .least = 1,
                            .doc = "median: how many other trials must have got as far.",
                            .example = "min_trials: 5"},
    [STOPPER_NAN] = {.name = "nan",
                     .type = LANGUAGE_WORD,
                     .fault = LANGUAGE_WARNING,
                     .words = nan_ways,
                     .doc =
                         "Whether to stop a trial whose metric stays NaN or infinite for as many "
                         "steps as three finite values take. Default: stop, for hyperband keep, "
                         "as in W&B.",
                     .example = "nan: stop"},
    [STOPPER_S] = {.name = "s",
                   .type = LANGUAGE_INT,
                   .fault = LANGUAGE_WARNING,
                   .least = 0,
                   .doc = "hyperband: how many bands max_iter gives.",
                   .example = "s: 2"},
    [STOPPER_STRICT] =
        {.name = "strict",
         .type = LANGUAGE_BOOL,
         .fault = LANGUAGE_WARNING,
         .doc = "hyperband: compare the value of a trial at the band, not its best value so far.",
         .example = "strict: false",
         .fallback = "true"},
    [STOPPER_TYPE] =
        {.name = "type",
         .type = LANGUAGE_WORD,
         .fault = LANGUAGE_WARNING,
         .words = language_stoppers,
         .doc =
             "The rule: hyperband as in W&B, asha (successive halving at each report), or median.",
         .example = "type: hyperband"},
};
static_assert(LEN(stopper_fields) == STOPPER_COUNT, "early_terminate's fields");
const struct language_object language_stopper = {
    "early_terminate", LANGUAGE_WARNING, false,
    stopper_fields,    STOPPER_COUNT,    "early_terminate: {type: hyperband, min_iter: 3}"};

static const struct language_field budget_fields[] = {
    [BUDGET_GPU_HOURS] = {.name = "gpu_hours",
                          .type = LANGUAGE_NUMBER,
                          .above = true,
                          .doc =
                              "GPU hours, summed over all trials, after which no new trials start.",
                          .example = "gpu_hours: 40"},
    [BUDGET_TRIALS] =
        {.name = "trials",
         .type = LANGUAGE_INT,
         .least = 1,
         .doc = "The largest number of trials, like run_cap; the smaller of the two applies.",
         .example = "trials: 100"},
    [BUDGET_UNTIL] = {.name = "until",
                      .type = LANGUAGE_MOMENT,
                      .doc = "The time of day, or date and time, at which the sweep ends, and its "
                             "running trials too. In quotes.",
                      .example = "until: '18:00'"},
    [BUDGET_WALL] = {.name = "wall",
                     .type = LANGUAGE_SPAN,
                     .doc = "How long the sweep may run: then its running trials end too.",
                     .example = "wall: 8h"},
};
static_assert(LEN(budget_fields) == BUDGET_COUNT, "budget's fields");
const struct language_object language_budget = {
    "a budget", LANGUAGE_ERROR, false, budget_fields, BUDGET_COUNT, "budget: {wall: 8h}"};

static const struct language_field code_fields[] = {
    [CODE_FILES] =
        {.name = "files",
         .type = LANGUAGE_NAMES,
         .doc = "The files of the snapshot, relative to the working directory: names, folders, "
                "patterns. Default: all that git does not ignore.",
         .example = "files: [train.py, 'lib/*.py']"},
    [CODE_LIMIT] = {.name = "limit",
                    .type = LANGUAGE_MEMORY,
                    .doc = "How large the compressed snapshot may be, at most 256MiB.",
                    .example = "limit: 64MiB",
                    .fallback = "16MiB"},
};
static_assert(LEN(code_fields) == CODE_COUNT, "code's fields");
const struct language_object language_code = {
    "code", LANGUAGE_ERROR, false, code_fields, CODE_COUNT, "code: {files: [train.py]}"};
static const char *const codes[] = {"snapshot", NULL};

static const struct language_field resource_fields[] = {
    [RESOURCE_CPUS] = {.name = "cpus",
                       .type = LANGUAGE_INT,
                       .least = 1,
                       .doc = "Cores for each trial. An agent runs no more trials at once than its "
                              "host has cores for.",
                       .example = "cpus: 4",
                       .fallback = "1"},
    [RESOURCE_GPUS] = {.name = "gpus",
                       .type = LANGUAGE_INT,
                       .least = 0,
                       .doc = "GPUs for each trial, all of one host. 0: it does not see any. "
                              "Default: the GPU of its slot, if the slot has one.",
                       .example = "gpus: 1"},
    [RESOURCE_LABELS] = {.name = "labels",
                         .type = LANGUAGE_NAMES,
                         .doc = "The trials run only on agents that have all of these labels.",
                         .example = "labels: [a100]"},
    [RESOURCE_MEMORY] = {.name = "memory",
                         .type = LANGUAGE_MEMORY,
                         .doc = "Memory of the host for each trial. An agent runs no more trials "
                                "at once than its host has memory for.",
                         .example = "memory: 8GiB"},
    [RESOURCE_TIME] = {.name = "time",
                       .type = LANGUAGE_SPAN,
                       .doc = "How long a trial may take; besom ends it after that.",
                       .example = "time: 30m"},
};
static_assert(LEN(resource_fields) == RESOURCE_COUNT, "resources' fields");
const struct language_object language_resources = {
    "resources",     LANGUAGE_ERROR, false,
    resource_fields, RESOURCE_COUNT, "resources: {cpus: 1, time: 30m}"};

static const struct language_field retry_fields[] = {
    [RETRY_FAILED] = {.name = "failed",
                      .type = LANGUAGE_INT,
                      .doc = "How often a failed trial is run again.",
                      .example = "failed: 1",
                      .fallback = "0"},
    [RETRY_HOST] = {.name = "host",
                    .type = LANGUAGE_INT,
                    .doc = "How often a trial is run again after its machine failed.",
                    .example = "host: 3",
                    .fallback = "3"},
};
static_assert(LEN(retry_fields) == RETRY_COUNT, "retry's fields");
const struct language_object language_retry = {"retry",      LANGUAGE_ERROR, false,
                                               retry_fields, RETRY_COUNT,    "retry: {failed: 1}"};

static const struct language_field report_fields[] = {
    [REPORT_STDERR] = {.name = "stderr",
                       .type = LANGUAGE_OUTPUT,
                       .doc = "The same for stderr, where tqdm and logging print.",
                       .example = "stderr: tqdm"},
    [REPORT_STDOUT] = {.name = "stdout",
                       .type = LANGUAGE_OUTPUT,
                       .doc =
                           "json: each line that is a JSON object is a point. keras, tqdm, …: the "
                           "lines that this tool prints. A regular expression (PCRE2): each named "
                           "group is a metric, and the group step is the step. A mapping from "
                           "metrics to regular expressions: the first group of each is the value.",
                       .example = "stdout: json"},
};
static_assert(LEN(report_fields) == REPORT_COUNT, "report's fields");
const struct language_object language_report = {
    "report", LANGUAGE_ERROR, false, report_fields, REPORT_COUNT, "report: {stdout: json}"};

static const struct language_field scheduler_fields[] = {
    [SCHEDULER_ENGINE] = {.name = "engine",
                          .type = LANGUAGE_WORD,
                          .fault = LANGUAGE_WARNING,
                          .words = engines,
                          .doc = "wandb for grid, random and bayes; optuna or ax for custom.",
                          .example = "engine: optuna"},
    [SCHEDULER_OPTIMIZER] = {.name = "optimizer",
                             .type = LANGUAGE_TEXT,
                             .fault = LANGUAGE_WARNING,
                             .doc = "The function in source that makes the optimiser.",
                             .example = "optimizer: make_study"},
    [SCHEDULER_SEARCH_SPACE] = {.name = "search_space",
                                .type = LANGUAGE_TEXT,
                                .fault = LANGUAGE_WARNING,
                                .doc = "The function in source that defines the parameters.",
                                .example = "search_space: suggest"},
    [SCHEDULER_SOURCE] = {.name = "source",
                          .type = LANGUAGE_TEXT,
                          .fault = LANGUAGE_WARNING,
                          .doc = "The Python file with the two functions.",
                          .example = "source: search.py"},
};
static_assert(LEN(scheduler_fields) == SCHEDULER_COUNT, "scheduler's fields");
const struct language_object language_scheduler = {
    "a scheduler",    LANGUAGE_WARNING, false,
    scheduler_fields, SCHEDULER_COUNT,  "scheduler: {engine: optuna, source: search.py}"};

static const struct language_field controller_fields[] = {
    [CONTROLLER_TYPE] = {.name = "type",
                         .type = LANGUAGE_WORD,
                         .fault = LANGUAGE_WARNING,
                         .words = controllers,
                         .doc = "Where W&B's controller runs; besom needs no controller.",
                         .example = "type: cloud",
                         .fallback = "cloud"},
};
static_assert(LEN(controller_fields) == CONTROLLER_COUNT, "controller's fields");
const struct language_object language_controller = {
    "a controller",    LANGUAGE_WARNING, true,
    controller_fields, CONTROLLER_COUNT, "controller: {type: cloud}"};

#define INITIAL                                                                     \
    {                                                                               \
        .name = "initial", .type = LANGUAGE_INT, .least = 1,                        \
        .doc = "How many trials cover the space before the model proposes trials.", \
        .example = "initial: 10"                                                    \
    }
static const struct language_field bayes_fields[] = {
    {.name = "acquisition",
     .type = LANGUAGE_WORD,
     .words = acquisitions,
     .doc = "How the next point is chosen: by expected improvement, by a lower confidence bound, "
            "or by the two in turn.",
     .example = "acquisition: ei",
     .fallback = "auto"},
    INITIAL,
};
static const struct language_field tpe_fields[] = {
    {.name = "candidates",
     .type = LANGUAGE_INT,
     .least = 1,
     .doc = "How many points are drawn for each proposal; the most promising one is proposed.",
     .example = "candidates: 24",
     .fallback = "24"},
    INITIAL,
};
static const struct language_field cmaes_fields[] = {
    {.name = "population",
     .type = LANGUAGE_INT,
     .least = 2,
     .doc = "How many trials each generation has.",
     .example = "population: 10"},
    {.name = "restarts",
     .type = LANGUAGE_WORD,
     .words = restarts,
     .doc = "What follows when a run has converged: another one with a large or a small "
            "population in turns, or always with twice the population, or nothing.",
     .example = "restarts: ipop",
     .fallback = "bipop"},
    {.name = "sigma",
     .type = LANGUAGE_NUMBER,
     .above = true,
     .doc = "The size of the first step, as a fraction of each range.",
     .example = "sigma: 0.2",
     .fallback = "0.2"},
};
static const struct {
    const char *method;
    struct language_object object;
} strategies[] = {
    {"bayes",
     {"bayes's strategy", LANGUAGE_ERROR, false, bayes_fields, LEN(bayes_fields),
      "strategy: {initial: 10}"}},
    {"tpe",
     {"tpe's strategy", LANGUAGE_ERROR, false, tpe_fields, LEN(tpe_fields),
      "strategy: {initial: 10}"}},
    {"cmaes",
     {"cmaes's strategy", LANGUAGE_ERROR, false, cmaes_fields, LEN(cmaes_fields),
      "strategy: {population: 10}"}},
    {"custom", {"custom's strategy", LANGUAGE_ERROR, true, NULL, 0, "strategy: {name: mine}"}},
};

const struct language_object *language_strategy(const char *method)
{
    for (size_t i = 0; i < LEN(strategies); i++)
        if (strcmp(strategies[i].method, method) == 0)
            return &strategies[i].object;
    return NULL;
}

#define IGNORED "Only W&B's service uses it; besom ignores it."

static const struct language_field top_fields[] = {
    [KEY_API_VERSION] = {.name = "apiVersion",
                         .type = LANGUAGE_TEXT,
                         .fault = LANGUAGE_WARNING,
                         .doc = IGNORED,
                         .example = "apiVersion: v1"},
    [KEY_BUDGET] = {.name = "budget",
                    .type = LANGUAGE_MAP,
                    .object = &language_budget,
                    .doc = "What the sweep may cost; after that no new trials start.",
                    .example = "budget: {wall: 8h}"},
    [KEY_CODE] = {.name = "code",
                  .type = LANGUAGE_CODE,
                  .words = codes,
                  .object = &language_code,
                  .doc = "snapshot: all trials run the files as they were when the sweep began. A "
                         "mapping is a snapshot too.",
                  .example = "code: snapshot"},
    [KEY_COMMAND] = {.name = "command",
                     .type = LANGUAGE_ARGUMENTS,
                     .doc = "The command of a trial, one item for each argument; it runs without a "
                            "shell. A macro such as ${args} must be an item of its own.",
                     .example = "command: ['${env}', '${interpreter}', '${program}', '${args}']",
                     .fallback = "['${env}', '${interpreter}', '${program}', '${args}']"},
    [KEY_CONTROLLER] = {.name = "controller",
                        .type = LANGUAGE_MAP,
                        .fault = LANGUAGE_WARNING,
                        .object = &language_controller,
                        .doc = IGNORED,
                        .example = "controller: {type: cloud}"},
    [KEY_DESCRIPTION] = {.name = "description",
                         .type = LANGUAGE_TEXT,
                         .fault = LANGUAGE_WARNING,
                         .doc = "What the sweep is for.",
                         .example = "description: does warm-up help?"},
    [KEY_EARLY_TERMINATE] = {.name = "early_terminate",
                             .type = LANGUAGE_MAP,
                             .fault = LANGUAGE_WARNING,
                             .object = &language_stopper,
                             .doc = "The rule that stops poor trials early.",
                             .example = "early_terminate: {type: hyperband, min_iter: 3}"},
    [KEY_ENTITY] = {.name = "entity",
                    .type = LANGUAGE_TEXT,
                    .fault = LANGUAGE_WARNING,
                    .doc = "The entity that wandb in the script sees.",
                    .example = "entity: my-team"},
    [KEY_ENV] = {.name = "env",
                 .type = LANGUAGE_VARIABLES,
                 .doc = "Environment variables of each trial: text, integers, floats.",
                 .example = "env: {OMP_NUM_THREADS: 1}"},
    [KEY_FORBID] =
        {.name = "forbid",
         .type = LANGUAGE_CONDITIONS,
         .doc = "A list of conditions; a configuration that meets one of them is never tried.",
         .example = "forbid: ['batch_size > 64 and depth > 4']"},
    [KEY_IMAGE_URI] = {.name = "image_uri",
                       .type = LANGUAGE_TEXT,
                       .fault = LANGUAGE_WARNING,
                       .doc = IGNORED,
                       .example = "image_uri: registry.example/train"},
    [KEY_INITIAL] = {.name = "initial",
                     .type = LANGUAGE_POINTS,
                     .doc = "Configurations to try first, in this order. Parameters that one "
                            "leaves out are drawn at random.",
                     .example = "initial: [{lr: 0.1, batch_size: 32}]"},
    [KEY_JOB] = {.name = "job",
                 .type = LANGUAGE_TEXT,
                 .fault = LANGUAGE_WARNING,
                 .doc = IGNORED,
                 .example = "job: team/project/job:latest"},
    [KEY_KIND] = {.name = "kind",
                  .type = LANGUAGE_WORD,
                  .fault = LANGUAGE_WARNING,
                  .words = kinds,
                  .doc = IGNORED,
                  .example = "kind: sweep"},
    [KEY_MAX_PARALLEL] = {.name = "max_parallel",
                          .type = LANGUAGE_INT,
                          .least = 1,
                          .doc = "How many trials may run at once.",
                          .example = "max_parallel: 4"},
    [KEY_METHOD] = {.name = "method",
                    .type = LANGUAGE_WORD,
                    .words = language_methods,
                    .doc = "How configurations are proposed.",
                    .example = "method: random"},
    [KEY_METRIC] = {.name = "metric",
                    .type = LANGUAGE_MAP,
                    .fault = LANGUAGE_BY_METHOD,
                    .object = &language_metric,
                    .doc = "The result that the sweep minimises or maximises.",
                    .example = "metric: {name: loss, goal: minimize}"},
    [KEY_METRICS] = {.name = "metrics",
                     .type = LANGUAGE_LIST,
                     .fault = LANGUAGE_WARNING,
                     .object = &language_metric,
                     .doc = "Several objectives, instead of metric.",
                     .example = "metrics: [{name: loss}, {name: latency}]"},
    [KEY_NAME] = {.name = "name",
                  .type = LANGUAGE_TEXT,
                  .fault = LANGUAGE_WARNING,
                  .doc = "The name of the sweep.",
                  .example = "name: learning-rates"},
    [KEY_ORDER] = {.name = "order",
                   .type = LANGUAGE_WORD,
                   .words = orders,
                   .doc = "random: a grid in random order.",
                   .example = "order: random"},
    [KEY_PARAMETERS] = {.name = "parameters",
                        .type = LANGUAGE_PARAMETERS,
                        .doc = "The parameters to try, by name.",
                        .example = "parameters: {lr: {min: 0.001, max: 0.1}}"},
    [KEY_PRIOR] = {.name = "prior",
                   .type = LANGUAGE_NAMES,
                   .doc =
                       "Earlier sweeps of the store, by id or name: methods that learn try their "
                       "best configurations first.",
                   .example = "prior: [baseline]"},
    [KEY_PRIORITY] =
        {.name = "priority",
         .type = LANGUAGE_INT,
         .least = -INFINITY,
         .doc = "Among sweeps that wait for a slot, the one with the highest priority gets it.",
         .example = "priority: 10"},
    [KEY_PROGRAM] = {.name = "program",
                     .type = LANGUAGE_TEXT,
                     .fault = LANGUAGE_WARNING,
                     .doc = "The script to run.",
                     .example = "program: train.py"},
    [KEY_PROJECT] = {.name = "project",
                     .type = LANGUAGE_TEXT,
                     .fault = LANGUAGE_WARNING,
                     .doc = "The project that wandb in the script sees.",
                     .example = "project: my-project"},
    [KEY_REPORT] = {.name = "report",
                    .type = LANGUAGE_MAP,
                    .object = &language_report,
                    .doc = "How metrics are read from what the script prints.",
                    .example = "report: {stdout: json}"},
    [KEY_RESOURCES] = {.name = "resources",
                       .type = LANGUAGE_MAP,
                       .object = &language_resources,
                       .doc = "What each trial needs.",
                       .example = "resources: {cpus: 1, time: 30m}"},
    [KEY_RETRY] = {.name = "retry",
                   .type = LANGUAGE_MAP,
                   .object = &language_retry,
                   .doc = "How often a trial is run again.",
                   .example = "retry: {failed: 1}"},
    [KEY_RUN_CAP] = {.name = "run_cap",
                     .type = LANGUAGE_INT,
                     .fault = LANGUAGE_WARNING,
                     .least = 1,
                     .doc = "The largest number of trials.",
                     .example = "run_cap: 50"},
    [KEY_SCHEDULER] = {.name = "scheduler",
                       .type = LANGUAGE_MAP,
                       .fault = LANGUAGE_WARNING,
                       .object = &language_scheduler,
                       .doc = "W&B's client-side scheduler: an optimiser of your own.",
                       .example = "scheduler: {engine: optuna, source: search.py}"},
    [KEY_SEED] = {.name = "seed",
                  .type = LANGUAGE_INT,
                  .doc = "The same seed proposes the same configurations, in the same order.",
                  .example = "seed: 1"},
    [KEY_STRATEGY] = {.name = "strategy",
                      .type = LANGUAGE_OPTIONS,
                      .doc = "Options of the method.",
                      .example = "strategy: {initial: 10}"},
    [KEY_UNIQUE] =
        {.name = "unique",
         .type = LANGUAGE_BOOL,
         .doc =
             "Whether each point is proposed at most once. Default: true if the space is finite.",
         .example = "unique: false"},
    [KEY_WANDB] = {.name = "wandb",
                   .type = LANGUAGE_BOOL,
                   .doc = "off: besom leaves wandb in the script alone. Otherwise what the script "
                          "logs with wandb goes to besom, and not to the internet.",
                   .example = "wandb: off"},
    [KEY_WEIGHT] =
        {.name = "weight",
         .type = LANGUAGE_NUMBER,
         .above = true,
         .doc = "The share of the slots that the sweep gets among sweeps of the same priority.",
         .example = "weight: 2"},
    [KEY_WORKDIR] = {.name = "workdir",
                     .type = LANGUAGE_TEXT,
                     .doc = "The directory of each trial, relative to this file.",
                     .example = "workdir: ."},
};
static_assert(LEN(top_fields) == KEY_COUNT && LEN(top_fields) <= LANGUAGE_FIELDS_MAX, "the keys");
const struct language_object language_top = {"a sweep",  LANGUAGE_WARNING, false,
                                             top_fields, KEY_COUNT,        "method: random"};
