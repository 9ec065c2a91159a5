/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/analysis/matters.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "analysis/forest.h"
#include "analysis/trend.h"
#include "base/diag/display.h"
#include "base/json.h"
#include "orchestrator/view/view_remote.h"
#include "sweep/replicate/replicate.h"
#include "strategies/strategy.h"

enum { NAMES_BYTES = 300, NAME_BYTES = 40, VALUE_COLUMNS = 24 };

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

static void rung_words(struct buf *text, const struct evidence *e)
{
    buf_addf(text, "Used: %zu trial%s that reached iteration %" PRIu64 ", by the value there: ",
             e->used.rows, e->used.rows == 1 ? "" : "s", e->rung);
    evidence_used(e, text);
    buf_addc(text, '.');
    if (e->fell_back)
        buf_addf(text, " Too few trials finished (%zu), so they are compared at this rung.",
                 e->finished);
}

static void trials_note(struct matters *m, const struct evidence *e, struct arena *a)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    if (e->rung > 0)
        rung_words(&text, e);
    else
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

static const char *method_note(const struct matters *m, const struct evidence *e, struct arena *a)
{
    size_t best = (size_t)ceil(IMPORTANCE_GAMMA * (double)e->used.rows);
    switch (m->method) {
    case IMPORTANCE_FANOVA:
        return arena_printf(a,
                            "fANOVA: the share of the variance of a random forest that each "
                            "parameter explains alone, over the range of each parameter on "
                            "its linear scale. The interval is that of %d trees, each "
                            "fitted to a resample.",
                            FOREST_TREES);
    case IMPORTANCE_FOREST:
        return arena_printf(
            a,
            "Random forest: the share of the variance of these trials that the splits "
            "on each parameter take away (mean decrease in impurity). The "
            "interval is that of %d trees, each fitted to a resample.",
            FOREST_TREES);
    case IMPORTANCE_CORRELATION:
        return "Correlation: how much of the variance of the ranks each parameter explains alone, "
               "so they do not sum to 1. For a number it is the square of rho, "
               "Spearman's correlation with the metric; for a categorical parameter it is eta "
               "squared, the share between its values. The interval is that of 50 refits to "
               "resamples.";
    default:
        return arena_printf(a,
                            "PED-ANOVA, gamma %g: how far the best %zu of these trials "
                            "differ from all of them. The interval is that of 50 refits to "
                            "resamples.",
                            IMPORTANCE_GAMMA, best);
    }
}

static void method_notes(struct matters *m, const struct evidence *e, struct arena *a)
{
    note_add(m, method_note(m, e, a));
    note_add(
        m, importance_method_is_forest(m->method)
               ? "May be noise: half of the trees give it no more than a column of random numbers "
                 "gets in 19 of 20."
               : "May be noise: the interval meets that of the same parameter shuffled.");
    bool crowds = m->method == IMPORTANCE_PED_ANOVA && strategy_learns(e->spec->method);
    if (crowds)
        note_add(m, arena_printf(a,
                                 "%s tries most trials near the best, so PED-ANOVA may call noise "
                                 "what matters: the method forest tells more.",
                                 spec_method_name(e->spec->method)));
    note_add(m, "Adaptive sampling and early stops bias these numbers: they say where the search "
                "looked, not what is true.");
}

static bool item_is_seed(const struct importance *item)
{
    return replicate_is_seed(item->factor->p->name);
}

/* Moves the seeds after the others, which keep their order. */
static void seeds_part(struct matters *m, struct arena *a)
{
    struct importance *seeds = arena_alloc(a, (m->n + 1) * sizeof *seeds);
    size_t ranked = 0;
    for (size_t i = 0; i < m->n; i++)
        if (item_is_seed(&m->items[i]))
            seeds[m->seeds++] = m->items[i];
        else
            m->items[ranked++] = m->items[i];
    memcpy(m->items + ranked, seeds, m->seeds * sizeof *seeds);
    m->n = ranked;
}

static void seeds_note(struct matters *m, struct arena *a)
{
    struct buf text;
    if (m->seeds == 0)
        return;
    buf_init(&text, SIZE_MAX);
    buf_adds(&text, "Noise between seeds, not ranked: ");
    for (size_t i = 0; i < m->seeds && text.len < NAMES_BYTES; i++) {
        const struct importance *item = &m->items[m->n + i];
        const char *name = item->factor->p->name;
        buf_addf(&text, "%s%.*s %.3f (90%% interval %.3f to %.3f)", i ? ", " : "",
                 (int)display_fit(name, strlen(name), NAME_BYTES), name, item->value, item->low,
                 item->high);
    }
    buf_addc(&text, '.');
    m->seeds_note = text_keep(a, &text);
    note_add(m, m->seeds_note);
}

static bool factors_are_seeds(const struct factors *fs)
{
    for (size_t i = 0; i < fs->n; i++)
        if (!replicate_is_seed(fs->items[i].p->name))
            return false;
    return true;
}

static void items_estimate(struct matters *m, const struct evidence *e, struct arena *a)
{
    m->items = arena_alloc(a, e->used.n * sizeof *m->items);
    m->n = e->used.n;
    importance_estimate(&e->used, e->losses, m->method, m->items);
    seeds_part(m, a);
    seeds_note(m, a);
}

enum importance_method matters_usual(const struct evidence *e)
{
    return strategy_learns(e->spec->method) ? IMPORTANCE_FOREST : IMPORTANCE_PED_ANOVA;
}

void matters_find(struct matters *m, const struct evidence *e, struct arena *a)
{
    size_t wanted = importance_wanted(e->used.n), have = e->used.rows;
    m->n = m->seeds = m->notes_n = 0;
    m->seeds_note = NULL;
    m->missing = have < wanted ? wanted - have : 0;
    m->too_few = NULL;
    if (factors_are_seeds(&e->used))
        m->too_few = e->used.n == 0
                         ? "No parameter of this sweep has more than one value."
                         : "No parameter of this sweep but its seed has more than one value.";
    else if (m->missing > 0)
        m->too_few = arena_printf(
            a, "Too few %s to say what matters: %zu of the %zu that %zu parameter%s, %zu more.%s",
            evidence_basis(e, a), have, wanted, e->used.n, e->used.n == 1 ? " needs" : "s need",
            m->missing, evidence_stopped(e, wanted, a));
    if (m->too_few)
        note_add(m, m->too_few);
    else
        items_estimate(m, e, a);
    trials_note(m, e, a);
    if (!m->too_few)
        method_notes(m, e, a);
    unranked_note(m, e, a);
}

static const char *value_words(struct arena *a, const struct value *v)
{
    const char *text = v->kind == VALUE_STR ? v->s.ptr : json_text(a, v, JSON_COMPACT);
    size_t fits = display_fit(text, strlen(text), VALUE_COLUMNS);
    return arena_printf(a, "best: %.*s%s", (int)fits, text, text[fits] ? "…" : "");
}

const char *matters_trend(const struct importance *item, const struct evidence *e, struct arena *a)
{
    const struct factor *f = item->factor;
    if (item_is_seed(item))
        return "noise between seeds";
    if (item->noise)
        return NULL;
    const struct trend t = trend_find(f, e->losses, e->used.rows);
    switch (t.kind) {
    case TREND_NONE:
        return NULL;
    case TREND_LOWER:
        return "lower is better";
    case TREND_HIGHER:
        return "higher is better";
    case TREND_NEAR:
        return arena_printf(a, "best near %.3g", t.value);
    case TREND_ENDS:
        return "best at both ends";
    case TREND_VALUE:
        return f->scale == FACTOR_CATEGORY
                   ? value_words(a, f->p->distinct->list.items[(size_t)t.value])
                   : arena_printf(a, "best: %.6g", t.value);
    }
    return NULL;
}

static struct value *item_value(struct arena *a, const struct importance *item,
                                const struct evidence *e)
{
    const char *trend = matters_trend(item, e, a);
    struct value *one = value_dict(a);
    value_put(a, one, "name", value_str(a, item->factor->p->name));
    value_put(a, one, "importance", value_float(a, item->value));
    value_put(a, one, "low", value_float(a, item->low));
    value_put(a, one, "high", value_float(a, item->high));
    value_put(a, one, "rho",
              isnan(item->rho) || item_is_seed(item)
                  ? value_null(a)
                  : value_float(a, e->maximize ? -item->rho : item->rho));
    value_put(a, one, "noise", value_bool(a, item->noise));
    value_put(a, one, "trend", trend ? value_str(a, trend) : value_null(a));
    return one;
}

static struct value *matters_value(struct arena *a, const struct matters *m,
                                   const struct evidence *e)
{
    struct value *v = value_dict(a), *list = value_list(a), *seeds = value_list(a);
    struct value *notes = value_list(a);
    value_put(a, v, "metric", value_str(a, e->metric));
    value_put(a, v, "goal", value_str(a, e->maximize ? "maximize" : "minimize"));
    value_put(a, v, "method", value_str(a, importance_method_name(m->method)));
    value_put(a, v, "at", evidence_at(e, a));
    value_put(a, v, "trials", value_int(a, (int64_t)e->used.rows));
    value_put(a, v, "basis", value_str(a, evidence_basis_line(e, a)));
    value_put(a, v, "missing", value_int(a, (int64_t)m->missing));
    value_put(a, v, "parameters", list);
    value_put(a, v, "seeds", seeds);
    for (size_t i = 0; i < m->n + m->seeds; i++)
        value_push(a, i < m->n ? list : seeds, item_value(a, &m->items[i], e));
    for (size_t i = 0; i < m->notes_n; i++)
        value_push(a, notes, value_str(a, m->notes[i]));
    value_put(a, v, "notes", notes);
    return v;
}

static int matters_ask(struct view *v, struct arena *a, const char *id,
                       const struct evidence_query *q, const char *method, struct value **ret,
                       struct err *err)
{
    const char *const parts[][2] = {
        {"method", method}, {"metric", q->metric}, {"goal", q->goal}, {"at", q->at}};
    struct buf path;
    buf_init(&path, SIZE_MAX);
    buf_addf(&path, "sweeps/%s/importance?", id);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (!parts[i][1])
            continue;
        buf_addf(&path, "%s=", parts[i][0]);
        view_remote_escape(&path, parts[i][1]);
        buf_addc(&path, '&');
    }
    int rc = view_remote_get(v, a, buf_str(&path), ret, err);
    buf_done(&path);
    return rc;
}

int matters_read(struct view *v, struct arena *a, const char *id, const struct evidence_query *q,
                 const char *method, struct value **ret, struct err *err)
{
    struct evidence e;
    struct evidence_query asked = *q;
    int found = method ? importance_method_find(method) : IMPORTANCE_METHODS;
    struct matters m = {0};
    if (found < 0)
        return err_set(err, ERR_USAGE,
                       "method=%.40s: write ped-anova, fanova, forest or correlation", method);
    if (view_remote_is(v))
        return matters_ask(v, a, id, q, method, ret, err);
    asked.needs_goal = !method || found == IMPORTANCE_PED_ANOVA;
    int rc = evidence_read(&e, v, a, id, &asked, err);
    if (rc == 0) {
        m.method = method ? (enum importance_method)found : matters_usual(&e);
        matters_find(&m, &e, a);
        *ret = matters_value(a, &m, &e);
    }
    evidence_done(&e);
    return rc;
}
