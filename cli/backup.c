/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom backup: copies a store, even while another process writes it. */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/code/code_copies.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/cmd.h"
#include "cli/complain.h"
#include "cli/invocation.h"
#include "cli/print/terminal.h"
#include "cli/run/child.h"
#include "cli/store_path.h"
#include "orchestrator/runs/runs_check.h"
#include "orchestrator/store/check/store_check.h"

/* Uses cp, which knows sparse files, links and disks that share blocks. */
static int folders_copy(const char *dir, const char *to, struct err *err)
{
    static const char *const folders[] = {"logs", "trials"};
    char paths[2][PATH_MAX + 8];
    char *argv[] = {"cp", "-a", "--reflink=auto", "--", NULL, NULL, NULL, NULL};
    size_t n = 4;
    int exit_code = 0;
    for (size_t i = 0; i < 2; i++) {
        snprintf(paths[i], sizeof paths[i], "%s/%s", dir, folders[i]);
        if (access(paths[i], F_OK) == 0)
            argv[n++] = paths[i];
    }
    if (n == 4)
        return 0;
    char *copy = mem_strdup(to);
    argv[n] = copy;
    int rc = child_run(&(struct child){.argv = argv}, &exit_code, err);
    mem_free(copy);
    if (rc != 0 || exit_code == 0)
        return rc;
    return err_set(err, ERR_IO,
                   "the store is copied to %s, but some files of %s/logs and %s/trials could not "
                   "be copied: see the errors of cp above",
                   to, dir, dir);
}

enum { FOLDERS_MAX = 256 + 1 };

/* The content of files of runs never changes, and is there before runs.db names it. */
static int contents_copy(const char *dir, const char *to, struct err *err)
{
    static const char hex[] = "0123456789abcdef";
    char *argv[FOLDERS_MAX + 6] = {"cp", "-a", "--reflink=auto", "--"};
    char path[PATH_MAX + 16];
    size_t n = 4, first = n;
    int exit_code = 0, rc = 0;
    for (int i = 0; i < 256; i++) {
        snprintf(path, sizeof path, "%s/files/%c%c", dir, hex[i >> 4], hex[i & 15]);
        if (access(path, F_OK) == 0)
            argv[n++] = mem_strdup(path);
    }
    snprintf(path, sizeof path, "%s/files", to);
    if (n > first && mkdir(path, 0700) != 0 && errno != EEXIST)
        rc = err_set(err, ERR_IO, "cannot create %s: %s", path, strerror(errno));
    argv[n] = path;
    if (n > first && rc == 0)
        rc = child_run(&(struct child){.argv = argv}, &exit_code, err);
    while (n > first)
        mem_free(argv[--n]);
    if (rc != 0 || exit_code == 0)
        return rc;
    return err_set(err, ERR_IO,
                   "the store is copied to %s, but some files of runs could not be copied: see the "
                   "errors of cp above",
                   to);
}

/* The real path of `path` or, if it does not exist, of the nearest folder above that does. */
static bool path_resolve(const char *path, char out[PATH_MAX])
{
    char part[PATH_MAX];
    size_t len = strnlen(path, sizeof part - 1);
    memcpy(part, path, len);
    part[len] = '\0';
    while (!realpath(part, out)) {
        char *slash = strrchr(part, '/');
        if (errno != ENOENT || strcmp(part, ".") == 0)
            return false;
        if (slash == part)
            slash++;
        if (slash)
            *slash = '\0';
        else
            snprintf(part, sizeof part, ".");
    }
    return true;
}

/* Refuses a copy inside the store: it would be taken for a part of the store and lost with it. */
static int inside_refuse(const char *dir, const char *to, struct err *err)
{
    char store[PATH_MAX], at[PATH_MAX], named[PATH_MAX];
    if (!realpath(dir, store) || !path_resolve(to, at))
        return 0; /* store_backup() reports the error */
    size_t len = strlen(store);
    bool below = strncmp(at, store, len) == 0 && (at[len] == '/' || at[len] == '\0');
    bool same = realpath(to, named) && strcmp(named, store) == 0; /* the store itself */
    if (!below || same)
        return 0;
    return err_set(err, ERR_USAGE, "%s is inside the store %s: name a folder outside of it", to,
                   dir);
}

static void print_backup(const char *dir, const char *to, bool with_dirs, bool json)
{
    struct buf out;
    if (!json) {
        terminal_print(stdout, "%s is copied to %s%s\n", dir, to,
                       with_dirs ? "" : "; without the logs and folders of its trials");
        return;
    }
    buf_init(&out, SIZE_MAX);
    buf_adds(&out, "{\"ok\":true,\"store\":");
    json_print_str(&out, dir, strlen(dir));
    buf_adds(&out, ",\"copy\":");
    json_print_str(&out, to, strlen(to));
    buf_adds(&out, "}\n");
    fwrite(buf_str(&out), 1, out.len, stdout);
    buf_done(&out);
}

int cmd_backup(struct invocation *inv)
{
    struct err err = {0};
    char dir[PATH_MAX];
    const char *named = inv->n_args == 2 ? invocation_arg(inv, 0) : NULL;
    const char *to = invocation_arg(inv, inv->n_args - 1);
    int rc = store_path_find(named ? named : invocation_option(inv, "store"), dir, &err);
    if (rc == 0)
        rc = inside_refuse(dir, to, &err);
    if (rc == 0)
        rc = store_backup(dir, to, &err);
    if (rc == 0)
        rc = runs_check_copy(dir, to, &err);
    if (rc == 0)
        rc = contents_copy(dir, to, &err);
    if (rc == 0) /* after the facts: each sweep's snapshot was there before the sweep */
        rc = code_copies_copy_all(dir, to, &err);
    bool with_dirs = invocation_flag(inv, "with-dirs");
    if (rc == 0 && with_dirs)
        rc = folders_copy(dir, to, &err);
    if (rc != 0)
        return complain(&err);
    print_backup(dir, to, with_dirs, invocation_flag(inv, "json"));
    return COMPLAIN_DONE;
}
