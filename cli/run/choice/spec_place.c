/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/run/choice/spec_place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The folder that the store lies in; the root keeps its slash. */
static bool project_of(const char *store, char out[PATH_MAX])
{
    if (!realpath(store, out))
        return false;
    char *slash = strrchr(out, '/');
    slash[slash == out] = '\0';
    return true;
}

void spec_place_find(const char *store, const char *path, struct spec_place *ret)
{
    char project[PATH_MAX], text[PATH_TEXT_BYTES];
    path_text_print(ret->path, path);
    ret->place[0] = '\0';
    if (!project_of(store, project))
        return;
    path_text_print(text, project);
    size_t len = strcmp(text, "/") == 0 ? 0 : strlen(text);
    if (strncmp(ret->path, text, len) == 0 && ret->path[len] == '/')
        snprintf(ret->place, sizeof ret->place, "%s", ret->path + len + 1);
}

int spec_place_resolve(const char *store, const struct value *sweep, char out[PATH_MAX],
                       struct err *err)
{
    char project[PATH_MAX], parsed[PATH_TEXT_PATH_BYTES];
    const char *place = value_get_str(sweep, "place", NULL);
    if (place && project_of(store, project) && path_text_parse(parsed, place)) {
        int n = snprintf(out, PATH_MAX, "%s/%s", strcmp(project, "/") == 0 ? "" : project, parsed);
        if (n < PATH_MAX && access(out, F_OK) == 0)
            return 0;
    }
    const char *path = value_get_str(sweep, "path", "");
    if (!path_text_parse(parsed, path) || access(parsed, F_OK) != 0)
        return err_set(err, ERR_NOT_FOUND,
                       "the sweep file %s is no longer there: name the file to read instead", path);
    snprintf(out, PATH_MAX, "%s", parsed);
    return 0;
}
