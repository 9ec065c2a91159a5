/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* One call of `besom run`: what was asked for, the sweep that was chosen, and what runs it. */
#include <limits.h>
#include "cli/gpus/gpu_options.h"
#include "cli/invocation.h"
#include "cli/progress/run_progress.h"
#include "cli/run/choice/choice.h"
#include "cli/run/local.h"
#include "cli/screen/keyboard.h"

struct run {
    const char *root; /* the key that holds the spec, or NULL */
    char path[PATH_MAX], store[PATH_MAX];
    struct spec *spec;
    struct choice choice;
    const struct invocation *inv;
    struct gpu_host *gpus;         /* NULL: none, or not looked for yet */
    uint64_t slots, most, ended_n; /* most: --count; ended_n: trials that ended in this call */
    bool quiet, json;
    bool made;          /* the store is to be created */
    bool checked;       /* by check_ready() */
    int detached;       /* for detach_done(); -1: it runs in the foreground */
    bool taken;         /* the controller has replied to the new sweep or its new spec */
    uint64_t retried_n; /* trials that run again because they had paused the sweep */
    struct driver *driver;
    struct local *local;
    struct run_progress *progress;
    struct keyboard *keyboard; /* NULL: none */
    bool stop_asked;           /* the next key says whether to stop the sweep */
    struct buf again;          /* what to type after "besom run" to continue */
    struct err refused;        /* why the controller did not take the sweep */
    int nobody_n;              /* successive times that it could not be reached */
    bool done, done_well;      /* the sweep has ended here; with success */
    bool told_kept;            /* said that this process continues for another sweep */
    bool entered;              /* a sweep was chosen, and its trials may have run */
};
