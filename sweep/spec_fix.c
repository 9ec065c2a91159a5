/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/spec_fix.h"

#include <stdint.h>
#include "base/fix.h"
#include "sweep/spec.h"

/* A change may bring to light what it hid; so many times is enough for any file, and an end. */
enum { ROUNDS_MAX = 20 };

struct judged {
    struct arena arena;
    struct diags diags;
};

static void judge(struct judged *j, const struct buf *text, const char *root)
{
    arena_init(&j->arena);
    diags_init(&j->diags, &j->arena, NULL);
    spec_free(spec_look(text->data, text->len, root, &j->diags));
}

static size_t errors_of(const struct buf *text, const char *root)
{
    struct judged j;
    judge(&j, text, root);
    arena_done(&j.arena);
    return j.diags.errors;
}

/* Puts into next what text is with the edits of n items; how many are mended, 0 where that is no
 * gain. */
static size_t attempt(struct buf *next, const struct buf *text, const char *root,
                      const struct judged *now, const struct diag *items, size_t n)
{
    buf_clear(next);
    size_t mended = fix_apply(next, text->data, text->len, items, n);
    if (mended == 0 || next->overflow || errors_of(next, root) > now->diags.errors)
        return 0;
    return mended;
}

/* One round: all edits at once, or else the first that does no harm. */
static size_t improve(struct buf *next, const struct buf *text, const char *root)
{
    struct judged now;
    judge(&now, text, root);
    size_t mended = attempt(next, text, root, &now, now.diags.items, now.diags.n);
    for (size_t i = 0; i < now.diags.n && mended == 0; i++)
        if (now.diags.items[i].edits_n > 0)
            mended = attempt(next, text, root, &now, &now.diags.items[i], 1);
    arena_done(&now.arena);
    return mended;
}

size_t spec_fix(struct buf *out, const char *text, size_t len, const char *root)
{
    struct buf now, next;
    size_t mended = 0;
    buf_init(&now, SIZE_MAX);
    buf_init(&next, SIZE_MAX);
    buf_add(&now, text, len);
    for (int i = 0; i < ROUNDS_MAX; i++) {
        size_t n = improve(&next, &now, root);
        if (n == 0)
            break;
        struct buf old = now;
        now = next;
        next = old;
        mended += n;
    }
    buf_add(out, now.data, now.len);
    buf_done(&now);
    buf_done(&next);
    return mended;
}
