/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/spare_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SPARES = 8, PATH_BYTES = 4096 };

/* ".spare-N" beside path. */
static bool name_spare(char out[PATH_BYTES], const char *path, int n)
{
    const char *slash = strrchr(path, '/');
    int folder = slash ? (int)(slash - path) + 1 : 0;
    int len = snprintf(out, PATH_BYTES, "%.*s.spare-%d", folder, path, n);
    return len > 0 && len < PATH_BYTES;
}

static bool path_move(const char *from, const char *to)
{
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0;
}

int spare_dir_take(const char *path, spare_dir_clean clean)
{
    char spare[PATH_BYTES];
    for (int n = 0; n < SPARES && name_spare(spare, path, n); n++) {
        if (access(spare, W_OK) != 0 || (clean && !clean(spare)))
            continue;
        if (path_move(spare, path))
            return 0;
        if (errno == EEXIST)
            return ERR_EXISTS;
    }
    return ERR_NOT_FOUND;
}

bool spare_dir_keep(const char *path)
{
    char spare[PATH_BYTES];
    for (int n = 0; n < SPARES && name_spare(spare, path, n); n++) {
        if (path_move(path, spare))
            return true;
        if (errno != EEXIST)
            return false;
    }
    return false;
}

bool spare_dir_keep_if_empty(const char *path)
{
    DIR *dir = opendir(path);
    if (!dir)
        return false;
    bool empty = true;
    for (const struct dirent *e; empty && (e = readdir(dir));)
        empty = strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0;
    closedir(dir);
    return empty && spare_dir_keep(path);
}
