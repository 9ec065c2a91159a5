/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/cmd.h"
#include "cli/subcommand/subcommand_list.h"
#include "cli/subcommand/subcommand_options.h"

const struct subcommand subcommand_run = {
    "run",
    "run a sweep to its end on this machine, or resume it",
    "SPEC",
    1,
    1,
    "Runs the sweep that the YAML file SPEC describes. After an interruption, by Ctrl-C, kill "
    "-9 or a power cut, the same command resumes it: no finished trial is run again.\n"
    "If the sweep of this spec has finished, it is shown again. If the spec has changed, the "
    "sweep continues with every change that keeps its earlier trials valid, such as a larger "
    "run_cap, another env or added values. Any other change is refused and shown. --new starts "
    "another sweep.\n"
    "Beside a besom run that holds the store, the sweep runs in that process, in its slots, "
    "and is shown here. Ctrl-C then leaves it running.\n"
    "Ctrl-C ends the running trials with SIGTERM; the second one kills them at once; the third "
    "one exits without waiting. The sweep can be resumed afterwards. A signal that is ignored "
    "at the start, as with nohup, stays ignored.\n"
    "With --alert, besom tells a program or a URL once when the sweep ends, is paused or needs "
    "attention, such as when its trials fail. A message may take 30 s; failures are printed.",
    "besom run sweep.yaml\n"
    "besom run sweep.yaml --slots 4 --store /data/besom\n"
    "besom run sweep.yaml --alert https://hooks.slack.com/services/…\n",
    subcommand_options_run,
    cmd_run,
};

const struct subcommand subcommand_ask = {
    "ask",
    "run the strategy alone, with ask and tell on stdin and stdout",
    "SPEC",
    1,
    1,
    "Reads one JSON object from each line and answers each with a line: {\"op\":\"ask\"} with "
    "a configuration to try, {\"op\":\"report\",…} with whether to stop it, "
    "{\"op\":\"tell\",…} with the best trial so far. It runs no trials and stores nothing.\n"
    "The same spec, seed and lines give the same answers, byte for byte.",
    "echo '{\"op\":\"ask\",\"n\":3}' | besom ask sweep.yaml\n"
    "besom ask --seed 7 sweep.yaml\n",
    subcommand_options_ask,
    cmd_ask,
};

const struct subcommand subcommand_lint = {
    "lint",
    "check sweep files, and say what to write instead",
    "SPEC...",
    0,
    SUBCOMMAND_ANY,
    "Reads each file, or stdin for -, and reports mistakes: the place, the line, and the "
    "corrected line. An error cannot run; a warning runs, but probably not as intended; a note "
    "is worth a look. It runs no trials.\n"
    "--fix writes the changes whose meaning is certain, keeps comments and layout, and never "
    "adds an error. For stdin, the corrected text goes to stdout.\n"
    "Exits with 2 if a file has an error.",
    "besom lint sweep.yaml\n"
    "besom lint --fix configs/*.yaml\n"
    "besom lint --json sweep.yaml | jq -r '.diagnostics[].message'\n",
    subcommand_options_lint,
    cmd_lint,
};

const struct subcommand subcommand_plan = {
    "plan",
    "show what a sweep would run, without running it",
    "SPEC",
    1,
    1,
    "Shows how many trials there would be, how besom reads each parameter, the first "
    "configurations with their exact command lines, and the environment of a trial. If the "
    "store has finished trials of this spec, it also shows how long the sweep would take.\n"
    "With --params, prints only the command line for that configuration, even if it is outside "
    "the sweep's space. It is a JSON object of names and values, with members of groups as "
    "group.name.",
    "besom plan sweep.yaml\n"
    "besom plan sweep.yaml --params '{\"lr\":0.1,\"model.depth\":4}'\n",
    subcommand_options_plan,
    cmd_plan,
};

const struct subcommand subcommand_rerun = {
    "rerun",
    "run a trial's command in the foreground",
    "TRIAL",
    1,
    1,
    "Runs the command of the trial in this terminal as its agent ran it: the same arguments, "
    "directory, environment and configuration file, and the sweep's snapshot if it has one. "
    "The "
    "store is not changed: $BESOM_METRICS "
    "and $BESOM_DIR are in a new folder, and the last values of the metrics are printed at the "
    "end. Exits with the status of the command. To run the trial again within its sweep, use "
    "besom retry.",
    "besom rerun k3f9-12\n"
    "besom rerun last-0\n",
    subcommand_options_rerun,
    cmd_rerun,
};

const struct subcommand subcommand_report = {
    "report",
    "report metrics from inside a trial, from any language",
    "KEY=VALUE...",
    1,
    SUBCOMMAND_ANY,
    "Appends one point to the metrics of the trial in which it is called. A value is a "
    "number, true or false, nan or inf. Dots in a key nest it.\n"
    "It writes one line to the file $BESOM_METRICS and does not wait for besom.",
    "besom report loss=0.31 accuracy=0.92 --step 3\n",
    subcommand_options_report,
    cmd_report,
};

const struct subcommand subcommand_try_report = {
    "try-report",
    "show what a sweep would read from a log, line by line",
    "SPEC",
    1,
    1,
    "Reads the output of a training from stdin by the `report` of the sweep file. Prints each "
    "point with its line, then the metrics found, and whether the sweep's metric is among "
    "them. Lines are tried with `stdout` first, then with `stderr`. It runs no trials.\n"
    "Exits with 1 if the sweep's metric is missing.",
    "besom try-report sweep.yaml < train.log\n"
    "python train.py 2>&1 | besom try-report sweep.yaml\n",
    subcommand_options_try_report,
    cmd_try_report,
};

const struct subcommand subcommand_gpus = {
    "gpus",
    "list the GPUs of this host, and say which of them trials can get",
    NULL,
    0,
    0,
    "Lists the GPUs of this host. A trial gets a GPU that no other program computes on, of "
    "whose memory others take at most 512 MiB, that has not failed, and that no other besom "
    "process has locked. For each other GPU it says the reason.\n"
    "A besom run or agent looks again every 10 s, and offers a GPU that was in use after two "
    "free looks. A GPU that failed is not offered until that process is started again.",
    "besom gpus\n"
    "besom gpus --json | jq -r '.[] | select(.offered) | .uuid'\n",
    subcommand_options_gpus,
    cmd_gpus,
};
