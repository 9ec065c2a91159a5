/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/cmd.h"
#include "cli/subcommand/subcommand_list.h"
#include "cli/subcommand/subcommand_options.h"

const struct subcommand subcommand_watch = {
    "watch",
    "follow a sweep on a screen of the terminal",
    "[SWEEP]",
    0,
    1,
    "Shows a sweep of a store or a controller on the whole terminal: how far it is, the best "
    "so far, how long the rest will take, and in panes its trials, their curves, the agents, "
    "causes of failures and the log of the chosen trial. Tab goes to the next pane, ? lists "
    "the keys, q quits; the sweep continues.\n"
    "Without a terminal it prints a line for each change and, every minute, what runs and, if "
    "nothing does, what the sweep waits for or why it is paused. If the controller cannot be "
    "reached, it waits and "
    "says so. Then it ends when the sweep ends.",
    "besom watch last\n",
    subcommand_options_looking,
    cmd_watch,
};

const struct subcommand subcommand_top = {
    "top",
    "show all sweeps and agents on a screen of the terminal",
    NULL,
    0,
    0,
    "Shows the sweeps of a store or a controller, the newest first, with their slots and "
    "agents "
    "and what their GPUs do, and reads them again every second. Enter opens a sweep, as besom "
    "watch shows it; ? lists the keys.",
    "besom top\n"
    "besom top --server 'https://gpu0:8470#sha256:…'\n",
    subcommand_options_looking,
    cmd_top,
};

const struct subcommand subcommand_ls = {
    "ls",
    "list the sweeps of the store",
    NULL,
    0,
    0,
    "Lists the sweeps, with the progress and the best objective of each.",
    "besom ls\n",
    subcommand_options_looking,
    cmd_ls,
};

const struct subcommand subcommand_show = {
    "show",
    "show a sweep or a trial in detail",
    "[SWEEP|TRIAL]",
    0,
    1,
    "Shows a sweep, by default the newest: its state and why, its counts, its best trial. "
    "Shows a trial, named by SWEEP-NUMBER or by its number alone in the newest sweep: its "
    "configuration, its folder, its attempts and how each ended.",
    "besom show\n"
    "besom show k3f9-17\n",
    subcommand_options_looking,
    cmd_show,
};

const struct subcommand subcommand_explain = {
    "explain",
    "say why a trial has its configuration, and why it was stopped, waits or failed",
    "TRIAL",
    1,
    1,
    "Says how a trial was proposed: by what method, from which results, what the model "
    "expected, and which trials are nearest. Also says which rule, person or limit stopped it, "
    "what it waits for, or why it failed. A trial is named by SWEEP-NUMBER, or by its number "
    "alone in the "
    "newest sweep.",
    "besom explain k3f9-17\n"
    "besom explain 17 --json\n",
    subcommand_options_looking,
    cmd_explain,
};

const struct subcommand subcommand_trials = {
    "trials",
    "list the trials of a sweep",
    "[SWEEP]",
    0,
    1,
    "Lists the trials of a sweep, by default the newest: the objective, and the parameters "
    "that vary between the trials of the sweep. On a narrow terminal, numbers are rounded to "
    "four digits and names are shortened; then columns are left out, and named at the end.",
    "besom trials --sort objective --limit 10\n"
    "besom trials k3f9 --state failed --columns number,reason,lr\n"
    "besom trials k3f9 --filter 'lr<1e-2 (optimizer:adamw OR depth>4) has:acc'\n"
    "besom trials k3f9 --metrics --csv > trials.csv\n",
    subcommand_options_trials,
    cmd_trials,
};

const struct subcommand subcommand_runs = {
    "runs",
    "list what scripts that use wandb have recorded: projects, runs, one run",
    "[PROJECT|RUN]",
    0,
    1,
    "Lists the runs of a project, compared by what differs in their configurations and by "
    "their "
    "summaries. PROJECT is its name, or ENTITY/PROJECT. Without it, lists the projects. RUN is "
    "the id of a run, alone or after ENTITY/PROJECT/: prints its configuration, its summary, "
    "its last rows, alerts and output. Trials that used wandb have a run of the same id.",
    "besom runs\n"
    "besom runs demo --where 'lr < 0.01 and loss < 0.5' --sort loss\n"
    "besom runs team/demo --csv > runs.csv\n"
    "besom runs k3f9-12\n",
    subcommand_options_runs,
    cmd_runs,
};

const struct subcommand subcommand_best = {
    "best",
    "show the best trial of a sweep",
    "[SWEEP]",
    0,
    1,
    "Shows the best trial by the sweep's metric: its configuration, ready to copy, and the "
    "command that runs it again. Exits with 1 if there is none yet.\n"
    "--metric accepts any metric that the trials reported, and needs --goal if it is not the "
    "sweep's metric. Only trials that finished or were stopped are compared.\n"
    "If other trials have the same parameters but for the seed, a line says the mean, the "
    "deviation and the range of their results, and another which repeated parameters have a "
    "better mean, if any.\n"
    "If results are noisy, a line names the finished trial that a model of all results "
    "recommends, or finds about as good, and P(best), the probability that it is the best one; "
    "--json has the first five in `recommended`.",
    "besom best\n"
    "besom best digits --metric acc --goal maximize --last\n"
    "besom best --json | jq .params\n",
    subcommand_options_best,
    cmd_best,
};

const struct subcommand subcommand_importance = {
    "importance",
    "show which parameters of a sweep matter",
    "[SWEEP]",
    0,
    1,
    "Shows the share of each parameter in the result, the most important first, with a 90 % "
    "interval. A parameter that does no better than a random one is marked as not told "
    "from noise. A seed is not ranked: a line has its share, the noise between seeds. Finished "
    "trials are compared, and it says how many were left out and why. "
    "If early_terminate let too few finish, trials are compared by their value at its highest "
    "rung that enough trials have reached; --at chooses. With too few trials it shows no "
    "shares, and says how many more it needs.\n"
    "ped-anova asks in which parameters the best 10 % of the trials differ from all trials. "
    "With bayes, tpe and cmaes, which try most trials near the best, that says little, and "
    "forest is used unless --method says otherwise. "
    "fanova asks how much of the variance of a random forest a parameter explains alone. "
    "Both agree with Optuna 5. forest asks how much the splits on it take away of the "
    "variance; "
    "correlation is Spearman's for numbers, with its sign, and eta squared for categorical "
    "parameters. The same trials give the same numbers.\n"
    "--metric accepts any metric that the trials reported: its last value is used, and "
    "it needs --goal if it is not the sweep's metric, unless --method is another than "
    "ped-anova.",
    "besom importance\n"
    "besom importance k3f9 --method fanova --at end\n"
    "besom importance k3f9 --metric accuracy --goal maximize --json\n",
    subcommand_options_importance,
    cmd_importance,
};

const struct subcommand subcommand_plot = {
    "plot",
    "draw a sweep into an SVG file, or in the terminal",
    "[SWEEP]",
    0,
    1,
    "Writes one SVG file: the history with the best so far, the importance of the parameters, "
    "parallel coordinates, the result against each parameter, and the curves of the trials. "
    "Axes have the bounds and the scale of the spec. The file needs no other files, and is "
    "readable on light and dark pages and on paper. Of large sweeps, the best trials and an "
    "even choice of the others are drawn, and the picture says how many.\n"
    "An existing FILE is replaced. Without --output, SWEEP.svg is replaced only if it is a "
    "picture by besom plot.",
    "besom plot\n"
    "besom plot k3f9 -o figure.svg --only history,slices\n"
    "besom plot --term\n",
    subcommand_options_plot,
    cmd_plot,
};

const struct subcommand subcommand_export = {
    "export",
    "print all trials of a sweep, or all their points, for other programs",
    "[SWEEP]",
    0,
    1,
    "Prints every trial of a sweep, by default the newest, with its parameters and the last "
    "value of each metric. With --metrics, prints every point that its trials reported, in all "
    "attempts; with --system, what they used of GPUs, processors and memory, about every 10 s. "
    "Numbers are not rounded; NaN and the infinities are NaN, Infinity and "
    "-Infinity, in JSON as strings. In CSV, an empty field means that there is no value.\n"
    "With --wandb, prints the trials as W&B exports runs.\n"
    "In Python, besom.load(SWEEP) returns the same.",
    "besom export last --csv > trials.csv\n"
    "besom export k3f9 --jsonl --metrics | gzip > points.jsonl.gz\n",
    subcommand_options_export,
    cmd_export,
};

const struct subcommand subcommand_metrics = {
    "metrics",
    "print the metrics that a trial has reported",
    "TRIAL",
    1,
    1,
    "Prints each point of the trial, named by SWEEP-NUMBER or by its number alone in the "
    "newest sweep. With --system, prints what it used of GPUs, processors and memory, about "
    "every 10 s.",
    "besom metrics 17\n"
    "besom metrics k3f9-17 --json\n",
    subcommand_options_metrics,
    cmd_metrics,
};

const struct subcommand subcommand_logs = {
    "logs",
    "print what a trial wrote to stdout and stderr",
    "TRIAL",
    1,
    1,
    "Prints the log of the trial. On a terminal, control characters are left out and only the "
    "last state of a progress bar is shown; elsewhere the bytes are printed unchanged. With "
    "-f, "
    "a controller or an agent that is away is waited for, until Ctrl-C.",
    "besom logs 17\n"
    "besom logs k3f9-17 -f\n",
    subcommand_options_logs,
    cmd_logs,
};
