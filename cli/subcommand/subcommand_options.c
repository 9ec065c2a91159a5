/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/subcommand/subcommand_options.h"

#include "cli/look/complete.h"

#define STORE                                                                                \
    {                                                                                        \
        "store", 0, "DIR", "the store; else the nearest .besom/ here or in a parent folder", \
            "BESOM_STORE", NULL                                                              \
    }
#define SERVER                                                                              \
    {                                                                                       \
        "server", 0, "URL", "the controller that has the sweeps, in place of a store here", \
            "BESOM_SERVER", NULL                                                            \
    }
#define PLACE STORE, SERVER
/* Of commands that use cli/look/looking.h:looking_run_fleet(). */
#define PLACE_OF_FLEET                                                               \
    {"store",                                                                        \
     0,                                                                              \
     "DIR",                                                                          \
     "the store; else the nearest .besom/ here or in a parent folder, else that of " \
     "besom serve",                                                                  \
     "BESOM_STORE",                                                                  \
     NULL},                                                                          \
        SERVER
#define GOAL                                                                                 \
    {                                                                                        \
        "goal", 0, "GOAL", "which value of that metric is better", NULL, "minimize maximize" \
    }
#define ROOT                                                                      \
    {                                                                             \
        "root", 0, "KEY", "read the sweep under this key of the file", NULL, NULL \
    }
#define JSON(what)                        \
    {                                     \
        "json", 0, NULL, what, NULL, NULL \
    }
#define LOGGING                                                                             \
    {"log-level", 0,                                                                        \
     "LEVEL",     "which events to log: error, warn, info or debug; else warn",             \
     "BESOM_LOG", "error warn info debug"},                                                 \
    {                                                                                       \
        "log-file", 0, "FILE", "append the log to FILE; else it goes to stderr", NULL, NULL \
    }
#define ALERT                                                                                    \
    {                                                                                            \
        "alert", 0, "PROGRAM-OR-URL",                                                            \
            "tell it when a sweep ends or needs attention, and pass on each alert of a script: " \
            "JSON "                                                                              \
            "on the program's stdin, or as a POST to the URL",                                   \
            NULL, NULL                                                                           \
    }
#define END                             \
    {                                   \
        NULL, 0, NULL, NULL, NULL, NULL \
    }

#define GPUS                                                                                       \
    {"gpus",                                                                                       \
     0,                                                                                            \
     "LIST",                                                                                       \
     "the GPUs to use: all, none, or numbers and UUIDs with commas between them; else those that " \
     "CUDA_VISIBLE_DEVICES allows",                                                                \
     NULL,                                                                                         \
     NULL},                                                                                        \
        {"slots-per-gpu", 0, "M", "trials that share a GPU; else 1", NULL, NULL},                  \
        {"gpu-others-mib",                                                                         \
         0,                                                                                        \
         "N",                                                                                      \
         "use a GPU while others take at most N MiB of its memory; else 512",                      \
         NULL,                                                                                     \
         NULL},                                                                                    \
    {                                                                                              \
        "gpu-ids", 0, "KIND", "how CUDA_VISIBLE_DEVICES names a trial's GPUs; else uuid", NULL,    \
            "uuid index"                                                                           \
    }

const struct subcommand_option subcommand_options_run[] = {
    {"store", 0, "DIR",
     "the store; else the nearest .besom/ here or in a parent folder; else created here",
     "BESOM_STORE", NULL},
    {"slots", 's', "N",
     "trials at once; else one for each GPU; without GPUs the cores divided by resources.cpus, at "
     "most 8",
     NULL, NULL},
    GPUS,
    {"count", 'n', "N", "end when N trials have ended; the next call continues the sweep", NULL,
     NULL},
    {"new", 0, NULL, "start a new sweep, even if there is one of this spec", NULL, NULL},
    {"detach", 0, NULL, "run in the background, with a log in the store", NULL, NULL},
    {"no-page", 0, NULL, "no page for browsers of this machine", NULL, NULL},
    ALERT,
    {"sweep", 0, "ID", "continue this sweep; else the newest of SPEC", NULL, NULL},
    {"seed", 0, "N", "the seed of a new sweep; else the spec's, else drawn", NULL, NULL},
    ROOT,
    {"quiet", 'q', NULL, "print only problems and the result", NULL, NULL},
    JSON("print what happens as JSON lines on stderr, and the sweep as one object at the end"),
    LOGGING,
    END,
};

const struct subcommand_option subcommand_options_token[] = {
    {"scope", 0, "SCOPE", "of create: what its holder may do", NULL,
     "admin operator viewer agent join"},
    {"name", 0, "NAME", "of create: whose it is", NULL, NULL},
    {"expires", 0, "TIME", "of create: how long it lasts, such as 1h or 30d", NULL, NULL},
    PLACE_OF_FLEET,
    JSON("print one JSON document"),
    END,
};

const struct subcommand_option subcommand_options_audit[] = {
    {"limit", 'n', "N", "only the newest N actions; 0: all; else 50", NULL, NULL},
    PLACE_OF_FLEET,
    JSON("print the actions as a JSON array"),
    END,
};

const struct subcommand_option subcommand_options_wandb[] = {
    {"server", 0, "URL", "the controller", "BESOM_SERVER", NULL},
    END,
};

const struct subcommand_option subcommand_options_ask[] = {
    {"seed", 0, "N", "the seed; else the spec's, else 0", NULL, NULL},
    ROOT,
    END,
};

const struct subcommand_option subcommand_options_lint[] = {
    {"fix", 0, NULL, "write safe corrections, and show them", NULL, NULL},
    {"strict", 0, NULL, "treat warnings as errors", NULL, NULL},
    ROOT,
    {"schema", 0, NULL, "print the JSON schema of sweep files, for editors", NULL, NULL},
    JSON("print one JSON object for each file"),
    END,
};

const struct subcommand_option subcommand_options_try_report[] = {
    ROOT,
    JSON("print one JSON object for each line, then a summary"),
    END,
};

const struct subcommand_option subcommand_options_plan[] = {
    {"samples", 'n', "N", "show N configurations; else 3", NULL, NULL},
    {"seed", 0, "N", "the seed; else the spec's, else 0", NULL, NULL},
    ROOT,
    {"slots", 's', "N", "trials at once; else the same as for besom run", NULL, NULL},
    GPUS,
    {"params", 'p', "JSON",
     "only the command line for these parameters; @FILE reads them from FILE, - from stdin", NULL,
     NULL},
    STORE,
    JSON("print a JSON object"),
    END,
};

const struct subcommand_option subcommand_options_gpus[] = {
    {"slots", 's', "N", "trials at once; else one for each GPU", NULL, NULL},
    GPUS,
    JSON("print a JSON array, one object for each GPU"),
    END,
};

const struct subcommand_option subcommand_options_looking[] = {
    PLACE,
    JSON("print JSON"),
    END,
};

const struct subcommand_option subcommand_options_store[] = {
    STORE,
    JSON("print JSON"),
    END,
};

const struct subcommand_option subcommand_options_sweep[] = {
    {"snapshot", 0, NULL, "have the trials run a copy of the project's files, as `code: snapshot`",
     NULL, NULL},
    {"seed", 0, "N", "the seed; else the spec's, else drawn", NULL, NULL},
    ROOT,
    {"quiet", 'q', NULL, "print only the id", NULL, NULL},
    PLACE,
    JSON("print a JSON object"),
    END,
};

const struct subcommand_option subcommand_options_serve[] = {
    {"listen", 0, "HOST:PORT", "the address to listen on; else 127.0.0.1:8470", NULL, NULL},
    {"host", 0, "NAME,…",
     "names by which other machines reach this one, the first in what is printed", NULL, NULL},
    {"lost-after", 0, "TIME", "an agent that is away for longer has lost its trials; else 60s",
     NULL, NULL},
    ALERT,
    {"files-max", 0, "SIZE", "what the files of runs and artifacts may take of the disk: 100GiB",
     NULL, NULL},
    {"restored", 0, NULL,
     "the store is a copy, and the one that it was copied from is gone for good", NULL, NULL},
    {"store", 0, "DIR", "the store; else besom in $XDG_STATE_HOME, or in ~/.local/state",
     "BESOM_STORE", NULL},
    JSON("print the addresses as one JSON object"),
    LOGGING,
    END,
};

const struct subcommand_option subcommand_options_agent[] = {
    {"join", 'j', "STRING", "join a controller: its join string, a file with it, or - for stdin",
     NULL, NULL},
    {"name", 0, "NAME", "its name at the controller; else that it joined under, or the host's",
     NULL, NULL},
    {"dir", 0, "DIR", "its folder; else besom-agent in $XDG_STATE_HOME, or in ~/.local/state", NULL,
     NULL},
    {"workdir", 0, "DIR", "where trainings run whose sweep has no workdir of its own; else here",
     NULL, NULL},
    {"slots", 's', "N", "trials at once; else one for each GPU, else the cores, at most 8", NULL,
     NULL},
    {"labels", 0, "NAMES",
     "names with commas: sweeps with resources.labels run on agents that have them", NULL, NULL},
    {"spool-max", 0, "SIZE",
     "what logs and reports of running trials may take of the disk while the controller is away: "
     "1GiB",
     NULL, NULL},
    GPUS,
    LOGGING,
    END,
};

const struct subcommand_option subcommand_options_backup[] = {
    {"with-dirs", 0, NULL, "also copy the logs and the folders of the trials", NULL, NULL},
    STORE,
    JSON("print JSON"),
    END,
};

const struct subcommand_option subcommand_options_rm[] = {
    {"yes", 'y', NULL, "do not ask", NULL, NULL},
    STORE,
    JSON("print one JSON object for each sweep"),
    END,
};

const struct subcommand_option subcommand_options_gc[] = {
    {"dry-run", 'n', NULL, "remove nothing, and say what would be removed", NULL, NULL},
    STORE,
    JSON("print JSON"),
    END,
};

const struct subcommand_option subcommand_options_rerun[] = {
    STORE,
    END,
};

const struct subcommand_option subcommand_options_trials[] = {
    {"state", 0, "STATE", "only the trials in this state", NULL,
     "pending running finished failed stopped cancelled lost preempted"},
    {"filter", 'f', "FILTER",
     "only the trials that it wants: 'state:finished,running lr<1e-2 -optimizer:sgd'", NULL, NULL},
    {"sort", 0, "KEY",
     "sort by number, objective, started, duration, a metric or a parameter; else number", NULL,
     NULL},
    {"desc", 'd', NULL, "sort from the largest to the smallest", NULL, NULL},
    {"limit", 'n', "N", "only the first N trials", NULL, NULL},
    {"columns", 'c', "A,B",
     "show only these columns: fields of a trial, metrics, parameters; params.X and metrics.X if a "
     "name could be either; \"a,b\" is a name with a comma",
     NULL, NULL},
    {"metrics", 'm', NULL, "also show the last value of every metric", NULL, NULL},
    {"csv", 0, NULL, "print CSV: every field and parameter, without rounding numbers", NULL, NULL},
    PLACE,
    JSON("print a JSON array, one trial on each line"),
    END,
};

const struct subcommand_option subcommand_options_runs[] = {
    {"where", 'w', "TESTS",
     "only the runs that pass: 'lr < 0.01 and state = finished'; = != < <= > >=, ~ for a regular "
     "expression; `and`, `or`; also a filter of wandb's Api().runs",
     NULL, NULL},
    {"state", 0, "STATE", "only the runs in this state", NULL,
     "pending running preempting preempted finished failed crashed killed"},
    {"sort", 0, "FIELD",
     "sort by a field of a run, or by a name in its summary or configuration; else by created",
     NULL, NULL},
    {"desc", 'd', NULL, "sort from the largest to the smallest", NULL, NULL},
    {"limit", 'n', "N", "only the first N runs", NULL, NULL},
    {"columns", 'c', "FIELDS",
     "show only these columns: fields of a run, names in its summary or configuration; config.X "
     "and "
     "summary.X if a name could be either",
     NULL, NULL},
    {"csv", 0, NULL,
     "print CSV with the columns of W&B's page: the whole configuration and summary, without "
     "rounding numbers",
     NULL, NULL},
    PLACE,
    JSON("print a JSON array, one object for each run"),
    END,
};

const struct subcommand_option subcommand_options_best[] = {
    {"metric", 'm', "NAME", "the best trial by this metric; else by the sweep's metric", NULL,
     NULL},
    GOAL,
    {"last", 'l', NULL, "compare the last value of each trial, not its best", NULL, NULL},
    PLACE,
    JSON("print JSON"),
    END,
};

const struct subcommand_option subcommand_options_importance[] = {
    {"metric", 'm', "NAME", "what the parameters matter for; else the sweep's metric", NULL, NULL},
    GOAL,
    {"method", 0, "METHOD", "how to measure; else forest if the sweep learns, or ped-anova", NULL,
     "ped-anova fanova forest correlation"},
    {"at", 0, "PLACE", "compare trials at their end, or at a rung: end, or its iteration", NULL,
     NULL},
    PLACE,
    JSON("print a JSON object"),
    END,
};

const struct subcommand_option subcommand_options_plot[] = {
    {"output", 'o', "FILE", "write to FILE; - is stdout; else SWEEP.svg", NULL, NULL},
    {"term", 't', NULL, "draw the history and the importance here, in characters", NULL, NULL},
    {"only", 0, "A,B", "only these panels: history, importance, parallel, slices, curves", NULL,
     NULL},
    {"metric", 'm', "NAME", "the metric to plot; else the sweep's", NULL, NULL},
    GOAL,
    PLACE,
    JSON("print a JSON object about the file"),
    END,
};

const struct subcommand_option subcommand_options_metrics[] = {
    {"attempt", 0, "N", "only this attempt, from 1", NULL, NULL},
    {"system", 0, NULL, "what the trial used: GPUs, processors, memory", NULL, NULL},
    PLACE,
    JSON("print one JSON object for each point"),
    END,
};

const struct subcommand_option subcommand_options_export[] = {
    {"csv", 0, NULL, "print CSV; the first line has the names", NULL, NULL},
    {"jsonl", 0, NULL, "print one JSON object for each line", NULL, NULL},
    {"metrics", 'm', NULL, "print every point that the trials reported, instead of the trials",
     NULL, NULL},
    {"system", 0, NULL, "print every sample of what the trials used: GPUs, processors, memory",
     NULL, NULL},
    {"wandb", 0, NULL, "print the trials as W&B exports runs, with its names of columns", NULL,
     NULL},
    PLACE,
    END,
};

const struct subcommand_option subcommand_options_logs[] = {
    {"follow", 'f', NULL, "continue to print as the log grows, until the trial ends", NULL, NULL},
    {"attempt", 0, "N", "the log of this attempt, from 1; else of the newest", NULL, NULL},
    {"tail", 'n', "N", "begin with the last N lines", NULL, NULL},
    PLACE,
    JSON("print one JSON object for each line"),
    END,
};

const struct subcommand_option subcommand_options_steer[] = {
    PLACE,
    JSON("print a JSON object"),
    END,
};

const struct subcommand_option subcommand_options_enqueue[] = {
    {"repeat", 0, "TRIAL", "enqueue the parameters of this trial (a number, or best) again", NULL,
     NULL},
    {"times", 0, "N", "how many repeats of it, 1 to 20; else 3", NULL, NULL},
    PLACE,
    JSON("print a JSON object"),
    END,
};

const struct subcommand_option subcommand_options_agents[] = {
    PLACE_OF_FLEET,
    JSON("print a JSON array"),
    END,
};

const struct subcommand_option subcommand_options_cordon[] = {
    PLACE_OF_FLEET,
    JSON("print a JSON object"),
    END,
};

const struct subcommand_option subcommand_options_drain[] = {
    {"wait", 0, NULL, "return when the agent has ended", NULL, NULL},
    PLACE_OF_FLEET,
    JSON("print a JSON object"),
    END,
};

const struct subcommand_option subcommand_options_import[] = {
    {"spec", 0, "SPEC", "the sweep file that says what the parameters are", NULL, NULL},
    {"metric", 0, "NAME", "the metric (default: the spec's, or the only objective)", NULL, NULL},
    {"goal", 0, "GOAL", "minimize or maximize (default: the spec's or the study's)", NULL, NULL},
    {"name", 0, "NAME", "the sweep's name", NULL, NULL},
    {"study", 0, "NAME", "which study of an Optuna file", NULL, NULL},
    {"entity", 0, "NAME", "of wandb: the entity of the runs (default: theirs)", NULL, NULL},
    {"project", 0, "NAME", "of wandb: the project of the runs (default: theirs)", NULL, NULL},
    STORE,
    {"server", 0, "URL", "of wandb: the controller that gets the runs, in place of a store here",
     "BESOM_SERVER", NULL},
    JSON("print a JSON object"),
    END,
};

const struct subcommand_option subcommand_options_edit[] = {
    ROOT,
    PLACE,
    JSON("print a JSON object"),
    END,
};

const struct subcommand_option subcommand_options_retry[] = {
    {"failed", 0, NULL, "only trials that failed", NULL, NULL},
    {"lost", 0, NULL, "only trials that were lost", NULL, NULL},
    PLACE,
    JSON("print one JSON object for each sweep"),
    END,
};

const struct subcommand_option subcommand_options_tag[] = {
    {"add", 0, "TAG,...", "add these tags", NULL, NULL},
    {"remove", 0, "TAG,...", "remove these tags", NULL, NULL},
    PLACE,
    JSON("print one JSON object for each request"),
    END,
};

const struct subcommand_option subcommand_options_report[] = {
    {"step", 0, "N", "the step of the metrics; else the previous step plus 1", NULL, NULL},
    END,
};

const struct subcommand_option subcommand_options_completion[] = {
    {"list", 0, "KIND", "print the words of this kind in the store, one on each line", NULL,
     COMPLETE_KINDS},
    PLACE,
    END,
};

const struct subcommand_option subcommand_options_version[] = {
    JSON("print a JSON object"),
    END,
};

const struct subcommand_option subcommand_options_help[] = {
    {"man", 0, NULL, "print the man page, as roff", NULL, NULL},
    END,
};
