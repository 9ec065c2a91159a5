/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/agent_folders.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/core/agent_core.h"
#include "agent/launch/launch_attempt.h"

static int folder_check(const char *path, bool make, struct err *err)
{
    struct stat st;
    if (make && mkdir(path, 0777) != 0 && errno != EEXIST)
        return err_set(err, ERR_IO, "cannot create %s: %s", path, strerror(errno));
    if (stat(path, &st) != 0)
        return errno == ENOENT ? 0 : err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    if (!S_ISDIR(st.st_mode))
        return err_set(err, ERR_DAMAGED, "%s is not a folder: move it away", path);
    if (access(path, W_OK | X_OK) != 0)
        return err_set(err, ERR_PERMISSION, "cannot write %s: %s", path, strerror(errno));
    return 0;
}

int agent_folders_check(const char *dir, struct err *err)
{
    struct arena a;
    arena_init(&a);
    int rc = folder_check(arena_printf(&a, "%s/run", dir), true, err);
    if (rc == 0)
        rc = folder_check(arena_printf(&a, "%s/logs", dir), false, err);
    if (rc == 0)
        rc = folder_check(arena_printf(&a, "%s/trials", dir), false, err);
    arena_done(&a);
    return rc;
}

static int run_hold(const char *run, struct agent_core *core, struct err *err)
{
    DIR *folder = opendir(run);
    if (!folder)
        return err_set(err, ERR_IO, "%s cannot be read: %s", run, strerror(errno));
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        struct agent_key key;
        if (launch_attempt_key(entry->d_name, &key))
            agent_core_hold(core, &key);
    }
    closedir(folder);
    return 0;
}

int agent_folders_hold(const char *dir, struct agent_core *core, struct err *err)
{
    struct arena a;
    arena_init(&a);
    int rc = run_hold(arena_printf(&a, "%s/run", dir), core, err);
    arena_done(&a);
    return rc;
}
