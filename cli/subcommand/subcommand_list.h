/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The subcommands of besom, in the order in which help lists them. The functions are in files of
 * their names, the texts in the files beside this one, by what they are about. */
#include "cli/subcommand/subcommand.h"

#define SUBCOMMANDS(X) \
    X(run)             \
    X(ask)             \
    X(serve)           \
    X(agent)           \
    X(sweep)           \
    X(watch)           \
    X(top)             \
    X(lint)            \
    X(plan)            \
    X(gpus)            \
    X(ls)              \
    X(show)            \
    X(explain)         \
    X(trials)          \
    X(runs)            \
    X(wandb)           \
    X(best)            \
    X(importance)      \
    X(plot)            \
    X(export)          \
    X(metrics)         \
    X(logs)            \
    X(pause)           \
    X(resume)          \
    X(stop)            \
    X(cancel)          \
    X(retry)           \
    X(tag)             \
    X(agents)          \
    X(drain)           \
    X(cordon)          \
    X(uncordon)        \
    X(forget)          \
    X(import)          \
    X(enqueue)         \
    X(edit)            \
    X(rename)          \
    X(rm)              \
    X(check)           \
    X(gc)              \
    X(rerun)           \
    X(replay)          \
    X(backup)          \
    X(report)          \
    X(try_report)      \
    X(token)           \
    X(audit)           \
    X(completion)      \
    X(version)         \
    X(help)

#define X(name) extern const struct subcommand subcommand_##name;
SUBCOMMANDS(X)
#undef X
