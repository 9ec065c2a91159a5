/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/picture/matters.h"

#include <math.h>
#include <string.h>

#include "analysis/fanova.h"
#include "base/diag/display.h"
#include "cli/print/paragraph.h"

enum { NAMES_BYTES = 300, NAME_BYTES = 40 };

static void note_add(struct matters *m, const char *note)
{
    if (m->notes_n < MATTERS_NOTES)
        m->notes[m->notes_n++] = note;
}

static const char *text_keep(struct arena *a, struct buf *text)
{
    const char *copy = arena_strndup(a, buf_peek(text), text->len);
    buf_done(text);
    return copy;
}

static void trials_note(struct matters *m, const struct evidence *e, struct arena *a)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    buf_addf(&text, "Used: %zu finished trial%s.", e->used.rows, e->used.rows == 1 ? "" : "s");
    size_t head = text.len;
    buf_adds(&text, " Left out: ");
    size_t before = text.len;
    evidence_left_out(e, &text);
    if (text.len == before)
        buf_truncate(&text, head);
    else
        buf_addc(&text, '.');
    note_add(m, text_keep(a, &text));
}

static bool factors_have(const struct factors *fs, const struct parameter *p)
{
    for (size_t i = 0; i < fs->n; i++)
        if (fs->items[i].p == p)
            return true;
    return false;
}

/* Parameters that are not compared are named, so that none is dropped silently. */
static void unranked_note(struct matters *m, const struct evidence *e, struct arena *a)
{
    struct buf text;
    size_t n = 0, more = 0;
    buf_init(&text, SIZE_MAX);
    buf_adds(&text, "Not ranked: ");
    for (size_t i = 0; i < e->spec->space.n; i++) {
        const struct parameter *p = &e->spec->space.parameters[i];
        if (factors_have(&e->used, p))
            continue;
        if (text.len > NAMES_BYTES) {
            more++;
            continue;
        }
        buf_addf(&text, "%s%.*s (%s)", n++ ? ", " : "",
                 (int)display_fit(p->name, strlen(p->name), NAME_BYTES), p->name,
                 p->kind == SPACE_EXPR ? "computed" : "one value");
    }
    if (more)
        buf_addf(&text, " and %zu more", more);
    buf_addc(&text, '.');
    const char *note = text_keep(a, &text);
    if (n)
        note_add(m, note);
}

static void method_notes(struct matters *m, const struct evidence *e, struct arena *a)
{
    size_t best = (size_t)ceil(IMPORTANCE_GAMMA * (double)e->used.rows);
    if (m->method == IMPORTANCE_FANOVA)
        note_add(m, arena_printf(a,
                                 "fANOVA: the share of the variance of a random forest that each "
                                 "parameter explains alone, over the range of each parameter on "
                                 "its linear scale. The interval is that of %d trees, each "
                                 "fitted to a resample.",
                                 FANOVA_TREES));
    else
        note_add(m, arena_printf(a,
                                 "PED-ANOVA, gamma %g: how far the best %zu of these trials "
                                 "differ from all of them. The interval is that of 50 refits to "
                                 "resamples.",
                                 IMPORTANCE_GAMMA, best));
    note_add(m,
             m->method == IMPORTANCE_FANOVA
                 ? "Not told from noise: the interval meets that of a column of random numbers."
                 : "Not told from noise: the interval meets that of the same parameter shuffled.");
    note_add(m, "Adaptive sampling and early stops bias these numbers: they say where the search "
                "looked, not what is true.");
}

void matters_find(struct matters *m, const struct evidence *e, struct arena *a)
{
    size_t wanted = importance_wanted(e->used.n), have = e->used.rows;
    m->n = m->notes_n = 0;
    m->too_few = NULL;
    if (e->used.n == 0)
        m->too_few = "No parameter of this sweep has more than one value.";
    else if (have < wanted)
        m->too_few = arena_printf(a,
                                  "Too few finished trials to say what matters: %zu more are "
                                  "wanted (%zu of %zu, 5 for each of %zu parameters, at least 20).",
                                  wanted - have, have, wanted, e->used.n);
    if (m->too_few)
        note_add(m, m->too_few);
    trials_note(m, e, a);
    if (!m->too_few) {
        m->items = arena_alloc(a, e->used.n * sizeof *m->items);
        m->n = e->used.n;
        importance_estimate(&e->used, e->losses, m->method, m->items);
        method_notes(m, e, a);
    }
    unranked_note(m, e, a);
}

const char *matters_bar(struct arena *a, double share, size_t columns, bool utf8)
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    share = share > 0 ? fmin(share, 1) : 0;
    size_t n = (size_t)lround(share * (double)columns * (utf8 ? 8 : 1));
    struct buf text;
    buf_init(&text, SIZE_MAX);
    for (size_t i = 0; i < (utf8 ? n / 8 : n); i++)
        buf_adds(&text, utf8 ? "█" : "#");
    if (utf8)
        buf_adds(&text, eighths[n % 8]);
    return text_keep(a, &text);
}

void matters_note_print(struct buf *out, const char *note, size_t columns)
{
    struct buf clean;
    buf_init(&clean, SIZE_MAX);
    display_clean(&clean, note, strlen(note));
    paragraph_wrap(out, buf_str(&clean), 0, 2, columns);
    buf_done(&clean);
}
