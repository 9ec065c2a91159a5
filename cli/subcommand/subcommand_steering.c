/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/cmd.h"
#include "cli/subcommand/subcommand_list.h"
#include "cli/subcommand/subcommand_options.h"

const struct subcommand subcommand_pause = {
    "pause",
    "start no new trials of a sweep",
    "SWEEP",
    1,
    1,
    "Running trials continue to their end; no others start until besom resume.",
    "besom pause last\n",
    subcommand_options_steer,
    cmd_steer,
};

const struct subcommand subcommand_resume = {
    "resume",
    "continue a paused sweep",
    "SWEEP",
    1,
    1,
    "Starts new trials again.",
    "besom resume last\n",
    subcommand_options_steer,
    cmd_steer,
};

const struct subcommand subcommand_stop = {
    "stop",
    "start no new trials and end the sweep after the running ones; or stop one trial",
    "SWEEP|TRIAL",
    1,
    1,
    "Of a sweep: no new trials start; once the running ones have ended, the sweep is finished. "
    "Of a "
    "trial: its training gets SIGTERM and, after its grace, SIGKILL, what it has reported "
    "counts, and the sweep continues; a trial that has not started will not run.",
    "besom stop last\n"
    "besom stop k3f9-12\n",
    subcommand_options_steer,
    cmd_steer,
};

const struct subcommand subcommand_cancel = {
    "cancel",
    "end a sweep and its running trials at once",
    "SWEEP",
    1,
    1,
    "The running trials get SIGTERM and, after their grace, SIGKILL; the sweep ends.",
    "besom cancel k3f9\n",
    subcommand_options_steer,
    cmd_steer,
};

const struct subcommand subcommand_retry = {
    "retry",
    "run failed or lost trials again",
    "SWEEP|TRIAL...",
    1,
    SUBCOMMAND_ANY,
    "Runs trials again, as new attempts, with the full number of retries again: the "
    "failed and lost trials of a SWEEP, or each TRIAL that you name, even a cancelled one. A "
    "sweep that has ended continues. A trial that finished, or that early_terminate stopped, "
    "keeps its result; one that finished without the sweep's metric has none.",
    "besom retry last\nbesom retry k3f9-3 k3f9-7\n",
    subcommand_options_retry,
    cmd_retry,
};

const struct subcommand subcommand_tag = {
    "tag",
    "add and remove tags of sweeps and trials",
    "SWEEP|TRIAL...",
    1,
    SUBCOMMAND_ANY,
    "Tags find a SWEEP or TRIAL again: besom trials --filter tag:NAME, a search for tag:NAME "
    "on the page. They do not affect the sweep. A tag has 1 to 64 bytes, without invisible "
    "characters or commas; a sweep or trial has at most 64.",
    "besom tag last --add paper\nbesom tag k3f9-3 k3f9-7 --add good --remove draft\n",
    subcommand_options_tag,
    cmd_tag,
};

const struct subcommand subcommand_enqueue = {
    "enqueue",
    "add a configuration to a sweep",
    "[SWEEP] [NAME=VALUE...]",
    0,
    SUBCOMMAND_ANY,
    "Without SWEEP, the newest sweep is meant. Adds a trial with these values, which runs "
    "next. Names are as besom prints them (model.depth), values as in the sweep file. "
    "Parameters that you leave out are drawn at random. Values outside of the space are "
    "refused. A sweep that has ended continues. run_cap limits what the method proposes: a "
    "trial that you enqueue runs beyond it, too. The method learns from the trial as from any "
    "other. --repeat runs a trial's parameters again, to see how much of its result was luck: "
    "each repeat has another value of the parameter `seed`, if there is one.",
    "besom enqueue lr=0.1 model.depth=4\n"
    "besom enqueue k3f9 --repeat best --times 5\n",
    subcommand_options_enqueue,
    cmd_enqueue,
};

const struct subcommand subcommand_edit = {
    "edit",
    "apply a changed spec to a sweep",
    "SWEEP [SPEC]",
    1,
    2,
    "Reads the sweep's YAML file again, or SPEC in its place, and prints what has changed. As "
    "with besom run, a sweep accepts every change that keeps its earlier trials valid; any "
    "other "
    "change is refused and shown. A running sweep uses the new spec at once; a finished one "
    "that now has more to run continues with the next besom run. SPEC becomes the sweep's "
    "file.",
    "besom edit last\n"
    "besom edit k3f9 longer.yaml\n",
    subcommand_options_edit,
    cmd_edit,
};

const struct subcommand subcommand_rename = {
    "rename",
    "give a sweep another name",
    "SWEEP NAME",
    2,
    2,
    "Commands then find the sweep by NAME, and list it under NAME. The file's `name:` is not "
    "changed, and is used again only after you edit it.",
    "besom rename last baseline\n",
    subcommand_options_steer,
    cmd_rename,
};

const struct subcommand subcommand_rm = {
    "rm",
    "remove sweeps, with their trials, metrics, logs and folders",
    "SWEEP...",
    1,
    SUBCOMMAND_ANY,
    "Shows what each SWEEP holds, asks, and removes it for good. Without a terminal, --yes is "
    "required. A sweep that was interrupted is cancelled first. Refused while another besom "
    "works on the store.",
    "besom rm k3f9\nbesom rm --yes first-try second-try\n",
    subcommand_options_rm,
    cmd_rm,
};
