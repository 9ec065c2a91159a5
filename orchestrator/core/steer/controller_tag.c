/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/steer/controller_tag.h"

#include <inttypes.h>

#include "base/limits.h"
#include "orchestrator/core/controller/controller_record.h"
#include "orchestrator/core/steer/effect.h"
#include "sweep/tag/tag.h"

/* What the event would do to one thing: a trial, or the sweep. */
struct tagging {
    size_t added, removed, after;
};

static struct tagging tagging_count(const struct event_tag *tag, const struct value *had)
{
    struct tagging n = {.after = had ? had->list.n : 0};
    for (size_t i = 0; i < tag->remove->list.n; i++)
        n.removed += tag_list_has(had, tag->remove->list.items[i]->s.ptr) &&
                     !tag_list_has(tag->add, tag->remove->list.items[i]->s.ptr);
    for (size_t i = 0; i < tag->add->list.n; i++)
        n.added += !tag_list_has(had, tag->add->list.items[i]->s.ptr);
    n.after = n.after - n.removed + n.added;
    return n;
}

static const struct value *tags_had(const struct event_tag *tag, const char *key)
{
    return tag->had ? value_get(tag->had, key) : NULL;
}

/* The trials that change, in *ret; of the sweep itself NULL, and *ret_n is 1 if it changes. */
static int tags_judge(const struct book_sweep *s, const struct event_tag *tag, struct arena *a,
                      struct value **ret, size_t *ret_n, struct err *err)
{
    size_t things = tag->trials ? tag->trials->list.n : 1;
    *ret = tag->trials ? value_list(a) : NULL;
    *ret_n = 0;
    for (size_t i = 0; i < things; i++) {
        const struct value *number = tag->trials ? tag->trials->list.items[i] : NULL;
        if (number && (uint64_t)number->i >= s->proposed)
            return err_set(err, ERR_NOT_FOUND, "there is no trial %s-%" PRId64, s->id, number->i);
        const char *key = number ? arena_printf(a, "%" PRId64, number->i) : "";
        struct tagging n = tagging_count(tag, tags_had(tag, key));
        if (n.after > LIMIT_TAGS && n.added > 0)
            return err_set(err, ERR_LIMIT, "%s%s would have %zu tags; the limit is %d",
                           number ? "trial " : "the sweep", key, n.after, LIMIT_TAGS);
        if (n.added + n.removed == 0)
            continue;
        ++*ret_n;
        if (number)
            value_push(a, *ret, value_int(a, number->i));
    }
    return 0;
}

static void effect_tag(const struct event *ev, const struct value *changed, size_t n,
                       const char *text, struct effects *out)
{
    struct arena *a = out->arena;
    struct value *effect = value_dict(a), *first = value_list(a);
    for (size_t i = 0; changed && i < changed->list.n && i < EFFECT_TRIALS_MAX; i++)
        value_push(a, first, value_copy(a, changed->list.items[i]));
    if (n > 0 && changed)
        value_put(a, effect, "trials", first);
    if (n > 0) {
        value_put(a, effect, "add", value_copy(a, ev->tag->add));
        value_put(a, effect, "remove", value_copy(a, ev->tag->remove));
    }
    effect_reply(ev, 0, text, effect, out);
}

static const char *tag_text(const struct event_tag *tag, size_t n, struct arena *a)
{
    const char *what = tag_change_text(a, tag->add, tag->remove);
    if (n == 0)
        return tag->trials ? "already has the requested tags on these trials"
                           : "already has the requested tags";
    if (!tag->trials)
        return arena_printf(a, "is tagged %s", what);
    if (n == 1 && tag->trials->list.n == 1)
        return arena_printf(a, "has trial %" PRId64 " tagged %s", tag->trials->list.items[0]->i,
                            what);
    return arena_printf(a, "has %zu of %zu trials tagged %s", n, tag->trials->list.n, what);
}

void controller_tag(struct controller *c, const struct event *ev, struct effects *out)
{
    const struct book_sweep *s = books_sweep(&c->books, ev->sweep);
    struct value *changed = NULL;
    struct err err = {0};
    size_t n = 0;
    int rc = s ? tags_judge(s, ev->tag, out->arena, &changed, &n, &err)
               : err_set(&err, ERR_NOT_FOUND, "this store has no sweep %s", ev->sweep);
    if (rc != 0) {
        effect_reply(ev, rc, arena_strdup(out->arena, err.text), NULL, out);
        return;
    }
    const char *text = tag_text(ev->tag, n, out->arena);
    if (ev->dry) {
        effect_tag(ev, changed, n, text, out);
        return;
    }
    if (n > 0)
        controller_record(c, ev, out,
                          &(struct fact){.kind = FACT_TAGGED,
                                         .sweep = s->id,
                                         .trials = changed,
                                         .add = value_copy(out->arena, ev->tag->add),
                                         .remove = value_copy(out->arena, ev->tag->remove)});
    effect_reply(ev, 0, text, NULL, out);
}
