/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom edit: applies a changed spec to a sweep. */
#include "cli/steer/edit.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/diag/display.h"
#include "cli/cmd.h"
#include "cli/invocation.h"
#include "cli/print/shell_word.h"
#include "cli/run/choice/spec_change.h"
#include "cli/spec_file.h"
#include "cli/steer/steer_reply.h"
#include "cli/store_path.h"

uint64_t edit_number(const struct value *v)
{
    return v && v->kind == VALUE_STR   ? strtoull(v->s.ptr, NULL, 10)
           : v && v->kind == VALUE_INT ? (uint64_t)v->i
                                       : 0;
}

int edit_send(struct looking *l, const struct fact *edit, struct err *err)
{
    return steer_reply_ask(
        l, &(struct steer_request){.op = "edit", .sweep = edit->sweep, .fact = edit}, err);
}

/* The path from the current directory, if the file is below it. */
static const char *path_shown(const char *path)
{
    char here[PATH_MAX];
    size_t len = getcwd(here, sizeof here) ? strlen(here) : 0;
    return len > 1 && strncmp(path, here, len) == 0 && path[len] == '/' ? path + len + 1 : path;
}

/* The file that was named, else the sweep's own. */
static int edit_find_file(const struct looking *l, const struct value *sweep, const char *named,
                          char path[PATH_MAX], struct err *err)
{
    if (!named)
        return spec_place_resolve(l->dir, sweep, path, err);
    if (realpath(named, path))
        return 0;
    return err_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", named, strerror(errno));
}

static int edit_take(struct looking *l, const struct invocation *inv, const char *id,
                     const struct value *sweep, const struct spec *spec, const char *path,
                     struct err *err)
{
    const char *named = invocation_arg(inv, 1) ? invocation_arg(inv, 1) : path_shown(path);
    const char *root = invocation_option(inv, "root");
    const struct spec_change_from from = {.id = id,
                                          .name = value_get_str(sweep, "name", NULL),
                                          .path = value_get_str(sweep, "path", ""),
                                          .workdir = value_get_str(sweep, "workdir", ""),
                                          .seed = edit_number(value_get(sweep, "seed")),
                                          .content = value_get(sweep, "spec")};
    struct spec_place at;
    struct spec_change change = {0};
    struct buf again;
    buf_init(&again, SIZE_MAX);
    buf_adds(&again, looking_is_fleet(l) ? "besom sweep " : "besom run --new ");
    shell_word(&again, named);
    if (root) {
        buf_adds(&again, " --root ");
        shell_word(&again, root);
    }
    store_path_option(&again, l->dir);
    spec_place_find(l->dir, path, &at);
    int rc = spec_change_find(&from, spec, &at, named, buf_str(&again), &change, err);
    if (rc == 0 && change.edit.sweep)
        rc = edit_send(l, &change.edit, err);
    else if (rc == 0 && l->json)
        buf_addf(&l->out, "{\"ok\":true,\"sweep\":\"%s\",\"message\":\"has not changed\"}\n", id);
    else if (rc == 0) {
        buf_addf(&l->out, "sweep %s has not changed: ", id);
        display_clean(&l->out, named, strlen(named));
        buf_adds(&l->out, " is the spec that it has\n");
    }
    if (rc == 0)
        spec_change_print(stderr, &change, named);
    spec_change_done(&change);
    buf_done(&again);
    return rc;
}

static int edit_sweep(struct looking *l, const struct invocation *inv, struct err *err)
{
    char id[16], path[PATH_MAX];
    const char *named = invocation_arg(inv, 1);
    const struct value *sweep;
    struct spec *spec = NULL;
    int rc = looking_sweep(l, invocation_arg(inv, 0), id, &sweep, err);
    if (rc == 0)
        rc = edit_find_file(l, sweep, named, path, err);
    if (rc == 0)
        rc = spec_file_read_for(named ? named : path_shown(path), invocation_option(inv, "root"),
                                looking_is_fleet(l) ? OBEYED_FLEET : OBEYED_RUN, &spec, err);
    if (rc == 0)
        rc = edit_take(l, inv, id, sweep, spec, path, err);
    spec_free(spec);
    return rc;
}

int cmd_edit(struct invocation *inv)
{
    return looking_run(inv, edit_sweep);
}
