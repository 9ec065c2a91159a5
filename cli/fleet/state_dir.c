/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/fleet/state_dir.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int state_dir_path(const char *name, char out[PATH_MAX], struct err *err)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    int n = state && state[0] == '/' ? snprintf(out, PATH_MAX, "%s/%s", state, name)
            : home && home[0] == '/' ? snprintf(out, PATH_MAX, "%s/.local/state/%s", home, name)
                                     : -1;
    return n > 0 && n < PATH_MAX
               ? 0
               : err_set(err, ERR_USAGE,
                         "neither $XDG_STATE_HOME nor $HOME names a folder: name one "
                         "with an option");
}

static int folders_make(char *path, struct err *err)
{
    char *slash = path;
    do {
        slash = strchr(slash + 1, '/');
        if (slash)
            *slash = '\0';
        int rc = mkdir(path, 0700);
        int why = errno;
        if (slash)
            *slash = '/';
        if (rc != 0 && why != EEXIST)
            return err_set(err, ERR_IO, "%s cannot be created: %s", path, strerror(why));
    } while (slash);
    return 0;
}

int state_dir_make(const char *given, const char *name, char out[PATH_MAX], struct err *err)
{
    char path[PATH_MAX];
    int rc = 0;
    if (given)
        rc = snprintf(path, sizeof path, "%s", given) < (int)sizeof path
                 ? 0
                 : err_set(err, ERR_USAGE, "the path of the folder is too long");
    else
        rc = state_dir_path(name, path, err);
    if (rc == 0)
        rc = folders_make(path, err);
    if (rc == 0 && !realpath(path, out))
        rc = err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    return rc;
}
