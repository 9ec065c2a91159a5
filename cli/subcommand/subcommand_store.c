/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/cmd.h"
#include "cli/subcommand/subcommand_list.h"
#include "cli/subcommand/subcommand_options.h"

const struct subcommand subcommand_import = {
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
};

const struct subcommand subcommand_check = {
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
};

const struct subcommand subcommand_gc = {
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
};

const struct subcommand subcommand_replay = {
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
};

const struct subcommand subcommand_backup = {
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
};
