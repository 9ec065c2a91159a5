/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom rename: an edit of the name alone. The spec stays as it is, so that its file, whose name has
 * not changed, does not take the new one back. */
#include <string.h>

#include "base/diag/display.h"
#include "cli/cmd.h"
#include "cli/invocation.h"
#include "cli/steer/edit.h"

enum { NAME_BYTES_MAX = 1000 }; /* what a view finds a sweep by */

static int name_check(const char *name, struct err *err)
{
    size_t len = strlen(name);
    if (len == 0 || len > NAME_BYTES_MAX)
        return err_set(err, ERR_USAGE, "NAME must have 1 to %d bytes", NAME_BYTES_MAX);
    if (!display_is_clean(name, len))
        return err_set(err, ERR_USAGE, "NAME must be text without control characters");
    if (strcmp(name, "last") == 0)
        return err_set(err, ERR_USAGE, "NAME cannot be \"last\", which is the newest sweep");
    return 0;
}

static int rename_sweep(struct looking *l, const struct invocation *inv, struct err *err)
{
    char id[16];
    const char *name = invocation_arg(inv, 1);
    const struct value *sweep;
    int rc = name_check(name, err);
    if (rc == 0)
        rc = looking_sweep(l, invocation_arg(inv, 0), id, &sweep, err);
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
