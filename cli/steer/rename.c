/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom rename: changes the name alone. The stored spec keeps its own name, so that the file, which
 * has not changed, does not undo the rename. */
#include <string.h>

#include "base/diag/display.h"
#include "cli/cmd.h"
#include "cli/invocation.h"
#include "cli/print/terminal.h"
#include "cli/steer/edit.h"

enum { NAME_BYTES_MAX = 1000 }; /* a view finds a sweep by a name of this length */

static int name_check(const char *name, struct err *err)
{
    size_t len = strlen(name);
    if (len == 0 || len > NAME_BYTES_MAX)
        return err_set(err, ERR_USAGE, "NAME must have 1 to %d bytes", NAME_BYTES_MAX);
    if (!display_is_clean(name, len))
        return err_set(err, ERR_USAGE, "NAME must be text without control characters");
    if (strcmp(name, "last") == 0)
        return err_set(err, ERR_USAGE, "NAME cannot be \"last\", which is the newest sweep");
    if (name[strspn(name, "0123456789")] == '\0')
        return err_set(err, ERR_USAGE, "NAME cannot be a number: %s is a trial of the newest sweep",
                       name);
    return 0;
}

/* "ID" of a name such as "ID-3", which looks like a trial; else NULL. */
static const char *trial_sweep(struct arena *a, const char *name)
{
    const char *dash = strrchr(name, '-');
    bool numbered = dash && dash[1] && dash[1 + strspn(dash + 1, "0123456789")] == '\0';
    return numbered ? arena_strndup(a, name, (size_t)(dash - name)) : NULL;
}

/* Refuses another sweep's id and the name of a trial: the new name would hide them. Two sweeps may
 * share a name, but then commands ask for an id. */
static int name_check_others(struct looking *l, const char *name, const char *id, struct err *err)
{
    struct value *sweeps = NULL;
    const char *of = trial_sweep(&l->arena, name);
    int rc = view_sweeps(l->view, &l->arena, &sweeps, err);
    for (size_t i = 0; rc == 0 && i < sweeps->list.n; i++) {
        const struct value *other = sweeps->list.items[i];
        const char *other_id = value_get_str(other, "id", "");
        bool self = strcmp(other_id, id) == 0;
        if (!self && strcmp(other_id, name) == 0)
            return err_set(err, ERR_USAGE, "NAME cannot be the id of another sweep: %s", name);
        if (of && strcmp(other_id, of) == 0)
            return err_set(err, ERR_USAGE, "NAME cannot look like a trial of sweep %s: %s", of,
                           name);
        if (!self && strcmp(value_get_str(other, "name", ""), name) == 0)
            terminal_say(arena_printf(&l->arena,
                                      "besom: sweep %s has the name %s too: use ids to tell them "
                                      "apart",
                                      other_id, name));
    }
    return rc;
}

static int rename_sweep(struct looking *l, const struct invocation *inv, struct err *err)
{
    char id[16];
    const char *name = invocation_arg(inv, 1);
    const struct value *sweep;
    int rc = name_check(name, err);
    if (rc == 0)
        rc = looking_sweep(l, invocation_arg(inv, 0), id, &sweep, err);
    if (rc == 0)
        rc = name_check_others(l, name, id, err);
    if (rc != 0)
        return rc;
    return edit_send(l,
                     &(struct fact){.kind = FACT_SWEEP_EDITED,
                                    .sweep = id,
                                    .name = name,
                                    .path = value_get_str(sweep, "path", ""),
                                    .place = value_get_str(sweep, "place", NULL),
                                    .workdir = value_get_str(sweep, "workdir", ""),
                                    .content = value_get(sweep, "spec"),
                                    .total = edit_number(value_get(sweep, "total"))},
                     err);
}

int cmd_rename(struct invocation *inv)
{
    return looking_run(inv, rename_sweep);
}
