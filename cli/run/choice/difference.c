/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/run/choice/difference.h"

#include "base/json.h"
#include "orchestrator/core/edit.h"

struct printing {
    struct buf *out;
    bool refused; /* print refused differences only */
};

static void value_print(struct buf *out, const struct value *v)
{
    if (v)
        json_print(out, v, JSON_PYTHON);
    else
        buf_adds(out, "(absent)");
}

static void print_difference(void *arg, enum edit_kind kind, const char *path,
                             const struct value *old, const struct value *new)
{
    const struct printing *p = arg;
    if (p->refused && kind != EDIT_REFUSED)
        return;
    buf_addf(p->out, "  %s: ", path);
    value_print(p->out, old);
    buf_adds(p->out, " -> ");
    value_print(p->out, new);
    buf_addc(p->out, '\n');
}

size_t difference_print(struct buf *out, const struct value *old, const struct value *new,
                        size_t *ret_refused)
{
    edit_compare(old, new, NULL, NULL, ret_refused);
    struct printing p = {out, *ret_refused > 0};
    return edit_compare(old, new, print_difference, &p, ret_refused);
}
