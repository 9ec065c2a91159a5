/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/plan/plan_found.h"

#include <math.h>
#include <stdint.h>

#include "cli/print/shell_word.h"

const char *plan_shell(struct arena *a, const struct value *argv)
{
    struct buf out;
    buf_init(&out, SIZE_MAX);
    for (size_t i = 0; argv && i < argv->list.n; i++) {
        buf_adds(&out, i ? " " : "");
        shell_word(&out, argv->list.items[i]->s.ptr);
    }
    const char *text = arena_strndup(a, buf_str(&out), out.len);
    buf_done(&out);
    return text;
}

bool plan_ends(const struct plan *p)
{
    return p->total > 0;
}

uint64_t plan_points(const struct parameter *p)
{
    return p->kind == SPACE_EXPR ? 0 : space_parameter_points(p);
}

double plan_seconds(const struct plan *p)
{
    if (p->cost.trials == 0 || p->total == 0)
        return -1;
    return ceil((double)p->total / (double)p->at_once) * p->cost.median_s;
}
