/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/subcommand.h"

#include "cli/cmd.h"

#define STORE                                                                                      \
    {                                                                                              \
        "store", 0, "DIR", "the store; else the nearest .besom/ from here upwards", "BESOM_STORE", \
            NULL                                                                                   \
    }
#define JSON(what)                        \
    {                                     \
        "json", 0, NULL, what, NULL, NULL \
    }
#define END                             \
    {                                   \
        NULL, 0, NULL, NULL, NULL, NULL \
    }

static const struct subcommand_option run_options[] = {
    {"store", 0, "DIR", "the store; else the nearest .besom/ from here upwards, else made here",
     "BESOM_STORE", NULL},
    {"slots", 's', "N", "trials at once; else the cores divided by resources.cpus, at most 8", NULL,
     NULL},
    {"new", 0, NULL, "start a new sweep, even where there is one of this spec", NULL, NULL},
    {"seed", 0, "N", "the seed of a new sweep; else the spec's, else drawn", NULL, NULL},
    {"quiet", 'q', NULL, "no progress, only what went wrong and the result", NULL, NULL},
    JSON("print the sweep as one JSON object at the end"),
    END,
};

static const struct subcommand_option ask_options[] = {
    {"seed", 0, "N", "the seed; else the spec's, else 0", NULL, NULL},
    END,
};

static const struct subcommand_option report_options[] = {
    {"step", 0, "N", "the step that the metrics belong to; else one more than the last", NULL,
     NULL},
    END,
};

static const struct subcommand_option version_options[] = {
    JSON("print a JSON object"),
    END,
};

static const struct subcommand_option help_options[] = {
    {"man", 0, NULL, "print the man page, as roff", NULL, NULL},
    END,
};

const struct subcommand subcommand_table[] = {
    {
        "run",
        "run a sweep to its end on this machine; again: resume it",
        "SPEC",
        1,
        1,
        "Runs the sweep that the YAML file SPEC describes, here and now. Stopped in any way, by "
        "Ctrl-C, kill -9 or a power cut, the same command goes on where it was: no trial that "
        "finished is run again.\n"
        "A sweep of this spec that is finished is shown again; where the spec has changed, the "
        "difference is shown. --new starts another sweep.\n"
        "Ctrl-C ends the running trials politely, a second one at once; both leave a sweep that "
        "can be resumed.",
        "besom run sweep.yaml\n"
        "besom run sweep.yaml --slots 4 --store /data/besom\n",
        run_options,
        cmd_run,
    },
    {
        "ask",
        "the strategy alone, as ask and tell on stdin and stdout",
        "SPEC",
        1,
        1,
        "Reads one JSON object a line and answers each with a line: {\"op\":\"ask\"} with a "
        "configuration to try, {\"op\":\"report\",…} with whether to stop it, "
        "{\"op\":\"tell\",…} with the best trial so far. It runs nothing and keeps nothing.\n"
        "The same spec, seed and lines give the same answers, byte for byte.",
        "echo '{\"op\":\"ask\",\"n\":3}' | besom ask sweep.yaml\n"
        "besom ask --seed 7 sweep.yaml\n",
        ask_options,
        cmd_ask,
    },
    {
        "report",
        "report metrics from inside a trial, from any language",
        "KEY=VALUE...",
        1,
        SUBCOMMAND_ANY,
        "Appends one point to the metrics of the trial that this is called in. A value is a "
        "number, true or false, nan or inf. Dots in a key nest it.\n"
        "It writes one line to the file $BESOM_METRICS and waits for nothing.",
        "besom report loss=0.31 accuracy=0.92 --step 3\n",
        report_options,
        cmd_report,
    },
    {
        "completion",
        "print what a shell needs to complete besom's words",
        "bash|zsh|fish",
        1,
        1,
        "Prints a script for the shell. Have its start-up file read it.",
        "source <(besom completion bash)       # in ~/.bashrc\n"
        "source <(besom completion zsh)        # in ~/.zshrc, behind compinit\n"
        "besom completion fish | source        # in config.fish\n",
        NULL,
        cmd_completion,
    },
    {
        "version",
        "print the version",
        NULL,
        0,
        0,
        "Prints the version of besom.",
        "besom version\n",
        version_options,
        cmd_version,
    },
    {
        "help",
        "show what there is, or how one command is used",
        "[COMMAND]",
        0,
        1,
        "Without COMMAND, lists the commands; the same as besom --help. With it, the same as besom "
        "COMMAND --help.",
        "besom help trials\n"
        "besom help --man run | man -l -\n",
        help_options,
        cmd_help,
    },
    {0},
};
