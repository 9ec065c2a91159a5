/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/store_path.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/fleet/state_dir.h"
#include "cli/print/shell_word.h"
#include "cli/remote/remote.h"

#define NAME "/.besom"

static int current_folder(char out[PATH_MAX], struct err *err)
{
    if (getcwd(out, PATH_MAX - sizeof NAME))
        return 0;
    if (errno == ENOENT)
        return err_set(err, ERR_NOT_FOUND, "the current directory has been deleted");
    return err_set(err, ERR_IO, "cannot determine the current directory: %s", strerror(errno));
}

/* Absolute: shims are started in another directory. */
static int absolute_path(const char *given, char out[PATH_MAX], struct err *err)
{
    int rc = *given == '/' ? 0 : current_folder(out, err);
    if (rc)
        return rc;
    size_t len = *given == '/' ? 0 : strlen(out);
    int n = snprintf(out + len, PATH_MAX - len, "%s%s", *given == '/' ? "" : "/", given);
    if (n < 0 || (size_t)n >= PATH_MAX - len)
        return err_set(err, ERR_USAGE, "--store: the path is longer than %d bytes", PATH_MAX - 1);
    return 0;
}

/* Looks in out, then in each directory above; whether a store was found. */
static bool search_upwards(char out[PATH_MAX])
{
    for (size_t len = strlen(out);;) {
        struct stat st;
        size_t at = len == 1 ? 0 : len;
        memcpy(out + at, NAME, sizeof NAME);
        if (stat(out, &st) == 0 && S_ISDIR(st.st_mode))
            return true;
        if (len <= 1)
            return false;
        out[len] = '\0';
        len = (size_t)(strrchr(out, '/') - out);
        len = len ? len : 1;
    }
}

int store_path_find(const char *given, char out[PATH_MAX], struct err *err)
{
    if (given)
        return absolute_path(given, out, err);
    int rc = current_folder(out, err);
    if (rc)
        return rc;
    if (search_upwards(out))
        return 0;
    char served[PATH_MAX] = "";
    struct err none = {0};
    bool known = state_dir_path("besom", served, &none) == 0;
    return err_set(err, ERR_NOT_FOUND,
                   "no store: there is no .besom/ here or above.\n"
                   "Run a sweep to create one (besom run SPEC), or name one with --store DIR "
                   "or $BESOM_STORE.%s%.300s",
                   known ? "\nThe store of besom serve is " : "", served);
}

int store_path_of_server(const char *given, char out[PATH_MAX], struct err *err)
{
    char served[PATH_MAX];
    struct stat st;
    struct err none = {0};
    int rc = store_path_find(given, out, err);
    if (rc != ERR_NOT_FOUND || state_dir_path("besom", served, &none) != 0 ||
        stat(served, &st) != 0 || !S_ISDIR(st.st_mode))
        return rc;
    memcpy(out, served, strlen(served) + 1);
    return 0;
}

int store_path_choose(const char *given, char out[PATH_MAX], bool *ret_new, struct err *err)
{
    struct stat st;
    int rc = given ? absolute_path(given, out, err) : current_folder(out, err);
    if (rc)
        return rc;
    if (given) {
        *ret_new = stat(out, &st) != 0;
        return 0;
    }
    char start[PATH_MAX];
    memcpy(start, out, strlen(out) + 1);
    *ret_new = !search_upwards(out);
    if (*ret_new)
        snprintf(out, PATH_MAX, "%s%s", strcmp(start, "/") == 0 ? "" : start, NAME);
    return 0;
}

bool store_path_is_above(const char *dir)
{
    char here[PATH_MAX];
    const char *name = strrchr(dir, '/');
    if (!name || current_folder(here, NULL) != 0)
        return false;
    size_t len = (size_t)(name - dir);
    return strncmp(here, dir, len) == 0 && here[len] == '/' && here[len + 1] != '\0';
}

static bool found_without_help(const char *dir)
{
    char path[PATH_MAX];
    struct stat here, there;
    const char *env = getenv("BESOM_STORE");
    if (store_path_find(env && *env ? env : NULL, path, NULL) != 0)
        return false;
    return stat(path, &here) == 0 && stat(dir, &there) == 0 && here.st_dev == there.st_dev &&
           here.st_ino == there.st_ino;
}

void store_path_option(struct buf *out, const char *dir)
{
    const char *server = getenv("BESOM_SERVER");
    if (remote_is_address(dir)) {
        if (!server || strcmp(server, dir) != 0) {
            buf_adds(out, " --server ");
            shell_word(out, dir);
        }
        return;
    }
    if (found_without_help(dir))
        return;
    buf_adds(out, " --store ");
    shell_word(out, dir);
}
