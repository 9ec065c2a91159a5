/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/rm/removal.h"

#include <limits.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "agent/code/code_copies.h"
#include "agent/sweep_files.h"
#include "orchestrator/local_user.h"
#include "orchestrator/store/store_remove.h"

static bool sweep_is_gone(void *arg, const char *sweep)
{
    return store_remove_was(arg, sweep);
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
    return sweep_files_remove(dir, sweep, err);
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
