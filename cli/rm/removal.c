/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/rm/removal.h"

#include <limits.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "agent/code/code_copies.h"
#include "agent/sweep_files.h"
#include "orchestrator/local_user.h"
#include "orchestrator/runs/runs_run.h"
#include "orchestrator/store/store_remove.h"

static bool sweep_is_gone(void *arg, const char *sweep)
{
    return store_remove_was(arg, sweep);
}

/* The sweep is gone already: a fault here leaves runs, which harm nobody. */
static int runs_remove(const char *dir, const char *sweep, struct err *err)
{
    struct runs *runs = NULL;
    if (!runs_is_there(dir))
        return 0;
    int rc = runs_open(dir, &runs, err);
    if (rc == 0)
        rc = runs_begin(runs, err);
    if (rc == 0)
        rc = runs_run_remove_sweep(runs, sweep, err);
    if (rc == 0)
        rc = runs_commit(runs, err);
    runs_close(runs, rc != 0);
    return rc;
}

int removal_do(struct store *s, const char *dir, const char *sweep, bool *ret_removed,
               struct err *err)
{
    char path[PATH_MAX + 64];
    char user[LOCAL_USER_BYTES];
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int rc = store_remove(s, sweep, local_user_text(geteuid(), user),
                          (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000, err);
    *ret_removed = rc == 0;
    if (rc != 0)
        return rc;
    snprintf(path, sizeof path, "%s/run-%s.log", dir, sweep);
    unlink(path);
    rc = runs_remove(dir, sweep, err);
    return rc ? rc : sweep_files_remove(dir, sweep, err);
}

static bool snapshot_is_wanted(void *arg, const char *hash)
{
    return store_remove_keeps(arg, hash);
}

void removal_drop_code(struct store *s, const char *dir)
{
    code_copies_drop(dir, snapshot_is_wanted, s);
}

void removal_tidy(struct store *s, const char *dir)
{
    sweep_files_tidy(dir, sweep_is_gone, s);
}
