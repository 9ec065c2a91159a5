/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/subcommand_table.h"

#include "cli/cmd.h"
#include "cli/subcommand_options.h"

const struct subcommand subcommand_table[] = {
    {
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
    },
    {
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
    },
    {
        "serve",
        "run the controller of a fleet",
        NULL,
        0,
        0,
        "Runs the sweeps of its store on the agents that have joined it, and answers the commands "
        "of people with a token. It listens only on this machine unless --listen names an "
        "address; beyond this machine it uses TLS. The first start prints an admin link and a "
        "join string; later starts do not. A line on stderr tells when an agent connects, goes "
        "away, leaves or is lost, and when a sweep begins, ends or is paused.\n"
        "When it ends, trainings continue. Their agents keep what they report, and send it to the "
        "next besom serve of this store.\n"
        "With --alert, besom tells a program or URL once when a sweep ends, is paused by besom or "
        "needs attention, and when an agent is away or has trouble. A restart repeats no alert. A "
        "message may take 30 s; failures are printed.",
        "besom serve --listen 0.0.0.0:8470\n"
        "besom token create --scope join\n",
        subcommand_options_serve,
        cmd_serve,
    },
    {
        "agent",
        "run trials on this host for a controller",
        NULL,
        0,
        0,
        "Joins the controller of the string that --join gives, once. From then on `besom agent` "
        "connects to it without the string. It runs trials in its slots until a signal ends it.\n"
        "SIGTERM and SIGUSR1 (the host is taken away) and Ctrl-C end the trainings by SIGTERM, "
        "with "
        "30 s to exit; their trials go back to the queue at no cost. SIGHUP ends only the agent: "
        "trainings continue, and the next agent adopts them.",
        "besom agent --join 'https://gpu0:8470#sha256:…,bsm_join_…'\n"
        "besom agent --slots 4 --workdir ~/project\n",
        subcommand_options_agent,
        cmd_agent,
    },
    {
        "sweep",
        "create a sweep on a controller, without running it here",
        "SPEC",
        1,
        1,
        "Creates a sweep of the YAML file SPEC and prints its id. The controller that --server "
        "names runs it on its agents. In a store of this machine, the process that writes the "
        "store runs it, or the next besom run does. Trainings run in the spec's workdir; a "
        "relative one is below "
        "the --workdir of each agent.\n"
        "With --snapshot, or `code: snapshot` in the spec, the project's files are sent to the "
        "controller: all trials run them as they are now, on every agent.",
        "besom sweep sweep.yaml\n"
        "besom sweep sweep.yaml --snapshot\n"
        "besom sweep sweep.yaml --server 'https://gpu0:8470#sha256:…'\n",
        subcommand_options_sweep,
        cmd_sweep,
    },
    {
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
    },
    {
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
    },
    {
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
    },
    {
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
    },
    {
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
    },
    {
        "ls",
        "list the sweeps of the store",
        NULL,
        0,
        0,
        "Lists the sweeps, with the progress and the best objective of each.",
        "besom ls\n",
        subcommand_options_looking,
        cmd_ls,
    },
    {
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
    },
    {
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
    },
    {
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
    },
    {
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
    },
    {
        "wandb",
        "print the variables that make scripts with wandb report to a controller",
        NULL,
        0,
        0,
        "Prints lines for the shell that set WANDB_BASE_URL and WANDB_API_KEY to the controller in "
        "$BESOM_SERVER and the token in $BESOM_TOKEN. Scripts, wandb sweep and wandb agent then "
        "use that controller. Checks first that it answers and accepts the token.\n"
        "If the controller has a certificate of its own, wandb and Python are told to trust it: "
        "SSL_CERT_FILE and REQUESTS_CA_BUNDLE name a file with that certificate and all that are "
        "trusted on this machine. After an error the only line is `false`, so that eval fails.",
        "eval \"$(besom wandb)\" && python train.py\n",
        subcommand_options_wandb,
        cmd_wandb,
    },
    {
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
    },
    {
        "importance",
        "show which parameters of a sweep matter",
        "[SWEEP]",
        0,
        1,
        "Shows the share of each parameter in the result, the most important first, with a 90 % "
        "interval. A parameter that does no better than a random one is marked as not told "
        "from noise. Finished trials are compared, and it says how many were left out and why. "
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
    },
    {
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
    },
    {
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
    },
    {
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
    },
    {
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
    },
    {
        "pause",
        "start no new trials of a sweep",
        "SWEEP",
        1,
        1,
        "Running trials continue to their end; no others start until besom resume.",
        "besom pause last\n",
        subcommand_options_steer,
        cmd_steer,
    },
    {
        "resume",
        "continue a paused sweep",
        "SWEEP",
        1,
        1,
        "Starts new trials again.",
        "besom resume last\n",
        subcommand_options_steer,
        cmd_steer,
    },
    {
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
    },
    {
        "cancel",
        "end a sweep and its running trials at once",
        "SWEEP",
        1,
        1,
        "The running trials get SIGTERM and, after their grace, SIGKILL; the sweep ends.",
        "besom cancel k3f9\n",
        subcommand_options_steer,
        cmd_steer,
    },
    {
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
    },
    {
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
    },
    {
        "agents",
        "list the agents: their state, slots and trials",
        NULL,
        0,
        0,
        "Lists the agents that the running controller of the store knows. The state is up, away "
        "(not connected), draining, cordoned or gone.",
        "besom agents\nbesom agents --json\n",
        subcommand_options_agents,
        cmd_agents,
    },
    {
        "drain",
        "start no new trials on an agent, and end it after the running ones",
        "AGENT",
        1,
        1,
        "The running trials continue to their end; then the process of the agent exits with 0. "
        "AGENT is its name, or the beginning of it.",
        "besom drain gpu1 --wait\n",
        subcommand_options_drain,
        cmd_agents_steer,
    },
    {
        "cordon",
        "start no new trials on an agent",
        "AGENT",
        1,
        1,
        "The running trials continue, and the agent stays connected. A cordon lasts until besom "
        "uncordon, also when the controller or the agent is restarted.",
        "besom cordon gpu1\n",
        subcommand_options_cordon,
        cmd_agents_steer,
    },
    {
        "uncordon",
        "start new trials on an agent again",
        "AGENT",
        1,
        1,
        "Ends a cordon, or a drain while the agent is still up. Also lets the agent try again to "
        "start the trials of sweeps that it could not start, and to use GPUs in quarantine.",
        "besom uncordon gpu1\n",
        subcommand_options_cordon,
        cmd_agents_steer,
    },
    {
        "forget",
        "take an agent that does not return out of the list",
        "AGENT",
        1,
        1,
        "AGENT must be away or gone. The trials held for it run again elsewhere at once; those of "
        "a paused sweep, when it resumes. Training that still runs on its host is not ended.",
        "besom forget gpu1\n",
        subcommand_options_cordon,
        cmd_agents_steer,
    },
    {
        "import",
        "make a sweep of earlier results in a file, or runs of folders of wandb",
        "FILE | wandb [DIR...]",
        1,
        SUBCOMMAND_ANY,
        "Reads trials from FILE and adds them to the store as a finished sweep, which all commands "
        "that look at sweeps can show. FILE is what besom export --csv or --jsonl printed, an "
        "Optuna journal or SQLite database, runs of W&B (the table's CSV, or JSON with config and "
        "summary), or any CSV or JSON lines with names. Without --spec, the space is made of the "
        "values. Trials that cannot be used are named; after an error nothing is imported.\n"
        "besom import wandb DIR reads the folders that wandb's client has left, such as those of "
        "scripts "
        "that ran with WANDB_MODE=offline: each file run-ID.wandb below DIR becomes a run with its "
        "configuration, rows, summary, output and files. Without DIR it looks into ./wandb. A run "
        "that was "
        "imported before is replaced. Artifacts are left out: wandb sync sends them to a besom "
        "serve.",
        "besom import study.db --study resnet\n"
        "besom import wandb.csv --spec sweep.yaml --metric val/loss\n"
        "besom import wandb ~/project/wandb\n",
        subcommand_options_import,
        cmd_import,
    },
    {
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
    },
    {
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
    },
    {
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
    },
    {
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
    },
    {
        "check",
        "verify a store",
        "[STORE]",
        0,
        1,
        "Reads every page of the store, derives each row again from the facts, and compares. You "
        "can run it while another process writes the store. Exits with 1 if there is a problem.",
        "besom check\n"
        "besom check /data/besom\n",
        subcommand_options_store,
        cmd_check,
    },
    {
        "gc",
        "remove files that nothing uses any more",
        "[STORE]",
        0,
        1,
        "Removes the content of files that no run and no artifact has any more, and uploads that "
        "were never finished, and says how much that was. What is younger than an hour stays. You "
        "can run it while another process writes the store.",
        "besom gc --dry-run\n"
        "besom gc /data/besom\n",
        subcommand_options_gc,
        cmd_gc,
    },
    {
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
    },
    {
        "replay",
        "derive a sweep's decisions again and compare",
        "[SWEEP]",
        0,
        1,
        "Derives again every proposal of the sweep and every stop by early_terminate, each from "
        "the "
        "results that were known then, and compares them with the store. Prints how many were "
        "compared and the first that differs. You can run it while another process writes the "
        "store. Exits with 1 if one differs.",
        "besom replay\n"
        "besom replay k3f9 --json\n",
        subcommand_options_store,
        cmd_replay,
    },
    {
        "backup",
        "copy a store",
        "[STORE] TO",
        1,
        2,
        "Copies the store into TO, a folder that is not a store yet. The copy is the state of one "
        "moment; you can run it while another process writes the store. The copy has the sweeps, "
        "trials, metrics, snapshots, and the files of runs; with --with-dirs also the logs and the "
        "folders of the "
        "trials, which may be "
        "large.",
        "besom backup backup-monday --with-dirs\n"
        "besom backup /data/besom backup-monday\n",
        subcommand_options_backup,
        cmd_backup,
    },
    {
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
    },
    {
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
    },
    {
        "token",
        "make, list and revoke the tokens of a store",
        "create|list|revoke [ID]",
        1,
        2,
        "A token identifies its holder to a controller; its scope says what they may do. admin may "
        "do everything; operator may create and steer sweeps, which means running commands on "
        "every agent; viewer may look; join lets one agent join, once; agent is for an agent on "
        "the machine of the controller.\n"
        "besom token create prints the token, once: the store keeps only its hash. A join token "
        "lasts for 1 h, others for ever, unless --expires says otherwise. The --name of a join "
        "token is that of the agent: it replaces an agent that has this name already.\n"
        "besom token list prints the tokens; when each was used last is recorded once an hour. "
        "besom token revoke ends one, and its open connections, at once.",
        "besom token create --scope viewer --name dashboard --expires 30d\n"
        "besom token create --scope join\n"
        "besom token list\n"
        "besom token revoke k3f9a1b2\n",
        subcommand_options_token,
        cmd_token,
    },
    {
        "audit",
        "show who asked for what",
        NULL,
        0,
        0,
        "Prints the newest actions that somebody asked for, the newest last: what was asked, by "
        "which token or local user, from where, and the outcome. Requests without a valid token "
        "are not included; the log has them.",
        "besom audit --limit 20\n"
        "besom audit --json --limit 0\n",
        subcommand_options_audit,
        cmd_audit,
    },
    {
        "completion",
        "print the completion script for a shell",
        "bash|zsh|fish",
        0,
        1,
        "Prints a completion script. Read it from the start-up file of the shell; ./dev install "
        "puts it in the place where the shell looks for it.\n"
        "The script completes commands and options, and asks besom completion --list for the "
        "sweeps, trials, columns and metrics of the store.",
        "source <(besom completion bash)       # in ~/.bashrc\n"
        "source <(besom completion zsh)        # in ~/.zshrc, after compinit\n"
        "besom completion fish | source        # in config.fish\n",
        subcommand_options_completion,
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
        subcommand_options_version,
        cmd_version,
    },
    {
        "help",
        "list the commands, or describe one",
        "[COMMAND]",
        0,
        1,
        "Without COMMAND, lists the commands; the same as besom --help. With it, the same as besom "
        "COMMAND --help.",
        "besom help trials\n"
        "besom help --man run | man -l -\n",
        subcommand_options_help,
        cmd_help,
    },
    {0},
};
