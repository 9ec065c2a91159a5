/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/lattice/refusal.h"

#include <inttypes.h>

#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "sweep/condition.h"

enum { RULES_TOLD = 3, TEXT_TOLD_BYTES = 100 };

void refusal_init(struct refusal *r, const struct space *space)
{
    *r = (struct refusal){
        .space = space,
        .forbidden = mem_alloc(space->forbid_n * sizeof *r->forbidden),
        .undefined = mem_alloc((space->n + space->forbid_n) * sizeof *r->undefined),
    };
}

void refusal_done(struct refusal *r)
{
    mem_free(r->forbidden);
    mem_free(r->undefined);
}

void refusal_clear(struct refusal *r)
{
    if (r->n == 0)
        return;
    r->n = 0;
    for (size_t k = 0; k < r->space->forbid_n; k++)
        r->forbidden[k] = 0;
    for (size_t i = 0; i < r->space->n + r->space->forbid_n; i++)
        r->undefined[i] = 0;
}

bool refusal_passes(struct refusal *r, size_t k, struct value *const *values)
{
    struct space alone = *r->space;
    alone.forbid = &r->space->forbid[k];
    alone.forbid_n = 1;
    bool undefined = false;
    bool forbidden = condition_forbids(&alone, values, &undefined) == 0;
    if (undefined)
        r->undefined[r->space->n + k]++;
    else if (forbidden)
        r->forbidden[k]++;
    else
        return true;
    r->n++;
    return false;
}

void refusal_count_undefined(struct refusal *r, size_t i)
{
    r->undefined[i]++;
    r->n++;
}

/* How many draws a rule refused. Rules are numbered: first the forbids, then the undefined
 * expressions. */
static uint64_t count_of(const struct refusal *r, size_t rule)
{
    size_t forbids = r->space->forbid_n;
    return rule < forbids ? r->forbidden[rule] : r->undefined[rule - forbids];
}

static void tell_text(const char *text, struct buf *out)
{
    size_t len = strlen(text);
    bool whole = len <= TEXT_TOLD_BYTES;
    buf_add(out, text, whole ? len : utf8_valid_prefix(text, TEXT_TOLD_BYTES));
    buf_adds(out, whole ? "" : " …");
}

static void tell_rule(const struct refusal *r, size_t rule, struct buf *out)
{
    const struct space *s = r->space;
    uint64_t n = count_of(r, rule);
    bool undefined = rule >= s->forbid_n, forbid = rule < s->forbid_n || rule >= s->forbid_n + s->n;
    const struct parameter *p = forbid ? NULL : &s->parameters[rule - s->forbid_n];
    buf_addf(out, "`%s: ", forbid ? "forbid" : p->name);
    if (forbid)
        tell_text(s->forbid[undefined ? rule - s->forbid_n - s->n : rule].text, out);
    else
        tell_text(p->kind == SPACE_EXPR ? p->expr->text : "when", out);
    buf_addf(out, "` %s%" PRIu64 " %s", undefined ? "(it has no value) " : "", n,
             n == 1 ? "time" : "times");
}

void refusal_tell(const struct refusal *r, struct buf *out)
{
    size_t rules = 2 * r->space->forbid_n + r->space->n;
    size_t last = SIZE_MAX;
    for (int told = 0; told < RULES_TOLD; told++) {
        /* The next in the order of (count falling, rule rising). */
        size_t next = SIZE_MAX;
        for (size_t rule = 0; rule < rules; rule++) {
            uint64_t n = count_of(r, rule);
            bool behind = last == SIZE_MAX || n < count_of(r, last) ||
                          (n == count_of(r, last) && rule > last);
            if (n > 0 && behind && (next == SIZE_MAX || n > count_of(r, next)))
                next = rule;
        }
        if (next == SIZE_MAX)
            return;
        buf_adds(out, told ? ", " : "");
        tell_rule(r, next, out);
        last = next;
    }
}
