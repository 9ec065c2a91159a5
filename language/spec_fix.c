/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/spec_fix.h"

#include <stdint.h>
#include <string.h>
#include "base/diag/fix.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/yaml/yaml.h"
#include "language/fix_guard.h"
#include "language/spec_read.h"

/* A fix may uncover further mistakes. This many rounds are enough for any file, and they guarantee
 * an end. */
enum { ROUNDS_MAX = 20 };
/* Bytes of text judged in one round to find the harmful edits; the text is judged at least once. */
enum { ROUND_BYTES = LIMIT_FIX_BYTES / 4 };
/* Judging a value costs as much as judging this many bytes: aliases make many values of little
 * text. */
enum { NODE_BYTES = 16 };

struct judged {
    struct arena arena;
    struct diags diags;
    const struct yaml_node *tree; /* of the whole text; NULL if it is not YAML */
    bool json;                    /* whether it is JSON too */
};

/* Other programs that read the file may know JSON but not YAML. */
static bool is_json(const char *text, size_t len)
{
    struct arena arena;
    struct value *whole;
    arena_init(&arena);
    bool is = json_parse(&arena, text, len, &whole, NULL) == 0;
    arena_done(&arena);
    return is;
}

static void look_whole(struct judged *j, const char *text, size_t len)
{
    struct diags unsaid;
    diags_init(&unsaid, &j->arena, NULL);
    j->tree = yaml_look(&j->arena, text, len, &unsaid);
    j->json = is_json(text, len);
}

static void judge_text(struct judged *j, const struct buf *text, const char *root)
{
    arena_init(&j->arena);
    diags_init(&j->diags, &j->arena, NULL);
    /* In this order: the spec's memory is free again before the tree needs some. */
    spec_free(spec_look(buf_peek(text), text->len, root, &j->diags));
    look_whole(j, buf_peek(text), text->len);
}

static bool has_error_at(const struct diags *d, const char *path)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->items[i].severity == DIAG_ERROR && strcmp(d->items[i].path, path) == 0)
            return true;
    return false;
}

/* Whether next means the same as text except for the edits, with no more errors and none in new
 * places. */
static bool is_gain(const struct buf *next, const char *root, const struct judged *now,
                    const struct diag *items, size_t n)
{
    struct judged then;
    judge_text(&then, next, root);
    struct fix_guard g = {.arena = &then.arena, .items = items, .n = n};
    if (!now->tree) { /* the old text was unreadable: a readable one is a gain */
        arena_done(&then.arena);
        return then.tree != NULL;
    }
    bool ok = then.tree && then.json >= now->json && then.diags.errors <= now->diags.errors &&
              fix_guard_same(&g, now->tree, then.tree);
    for (size_t i = 0; i < then.diags.n && ok; i++) {
        const struct diag *d = &then.diags.items[i];
        const char *path = d->path;
        if (root && *path)
            path = arena_printf(&then.arena, "%s.%s", root, path);
        ok = d->severity != DIAG_ERROR || has_error_at(&now->diags, d->path) ||
             fix_guard_touched(&g, path);
    }
    arena_done(&then.arena);
    return ok;
}

struct keeper {
    const char *text, *root;
    size_t len;
    const struct judged *now;
    size_t once, judged; /* bytes that judging once costs, and the total so far */
};

static bool is_kept(struct keeper *k, const struct diag *items, size_t n)
{
    struct buf next;
    if (k->judged > 0 && k->judged + k->once > ROUND_BYTES)
        return false;
    k->judged += k->once;
    buf_init(&next, SIZE_MAX);
    size_t mended = fix_apply(&next, k->text, k->len, items, n);
    bool gain = mended > 0 && !next.overflow && is_gain(&next, k->root, k->now, items, n);
    buf_done(&next);
    return gain;
}

static bool has_edits(const struct diag *items, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (items[i].edits_n > 0)
            return true;
    return false;
}

static void drop_edits(struct diag *items, size_t n)
{
    for (size_t i = 0; i < n; i++)
        items[i].edits_n = 0;
}

/* Halves the list until each harmful edit is isolated. */
static void keep_gains(struct keeper *k, struct diag *items, size_t n)
{
    size_t half = n / 2;
    if (!has_edits(items, n) || is_kept(k, items, n))
        return;
    if (n == 1) {
        drop_edits(items, n);
        return;
    }
    keep_gains(k, items, half);
    keep_gains(k, items + half, n - half);
    if (has_edits(items, half) && has_edits(items + half, n - half) && !is_kept(k, items, n))
        drop_edits(items + half, n - half);
}

/* Returns the bytes that were judged. */
static size_t keep_all(struct diags *d, const char *text, size_t len, const char *root)
{
    struct keeper k = {.text = text, .root = root, .len = len};
    struct judged now = {.diags = *d};
    if (!has_edits(d->items, d->n))
        return 0;
    arena_init(&now.arena);
    look_whole(&now, text, len);
    k.now = &now;
    k.once = len + (now.tree ? NODE_BYTES * now.tree->nodes : 0);
    keep_gains(&k, d->items, d->n);
    arena_done(&now.arena);
    return k.judged;
}

void spec_fix_keep(struct diags *d, const char *text, size_t len, const char *root)
{
    keep_all(d, text, len, root);
}

static size_t improve_text(struct buf *next, const struct buf *text, const char *root,
                           size_t *judged)
{
    struct arena arena;
    struct diags d;
    arena_init(&arena);
    diags_init(&d, &arena, NULL);
    spec_free(spec_look(buf_peek(text), text->len, root, &d));
    *judged += text->len + keep_all(&d, buf_peek(text), text->len, root);
    buf_clear(next);
    size_t mended = fix_apply(next, buf_peek(text), text->len, d.items, d.n);
    arena_done(&arena);
    return next->overflow ? 0 : mended;
}

size_t spec_fix(struct buf *out, const char *text, size_t len, const char *root)
{
    struct buf now, next;
    size_t mended = 0, judged = 0;
    buf_init(&now, SIZE_MAX);
    buf_init(&next, SIZE_MAX);
    buf_add(&now, text, len);
    for (int i = 0; i < ROUNDS_MAX && judged < LIMIT_FIX_BYTES; i++) {
        size_t n = improve_text(&next, &now, root, &judged);
        if (n == 0)
            break;
        struct buf old = now;
        now = next;
        next = old;
        mended += n;
    }
    buf_add(out, buf_str(&now), now.len);
    buf_done(&now);
    buf_done(&next);
    return mended;
}
