/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/reader/spec_stopper.h"

#include <math.h>
#include "base/limits.h"
#include "language/reader/spec_fields.h"
#include "language/reader/spec_finding.h"

/* A trial never reports more values than this; W&B's bands continue to infinity. */
static const double band_max = 1e15;

struct bands {
    int64_t *items;
    size_t n;
};

static void add_band(struct bands *b, double band)
{
    b->items[b->n++] = (int64_t)band;
}

/* W&B's bands: max_iter divided by eta, s times over. */
static void bands_down(struct bands *b, int64_t max_iter, int64_t s, double eta)
{
    double band = (double)max_iter;
    for (int64_t i = 0; i < s && b->n < LIMIT_BANDS; i++) {
        band /= eta;
        if (band < 1)
            break;
        add_band(b, band);
    }
    for (size_t i = 0; i < b->n / 2; i++) {
        int64_t other = b->items[b->n - 1 - i];
        b->items[b->n - 1 - i] = b->items[i];
        b->items[i] = other;
    }
}

/* W&B's bands: min_iter times eta, a hundred times over. Ours end before max_iter, if it is given.
 */
static void bands_up(struct bands *b, int64_t min_iter, int64_t max_iter, double eta)
{
    double end = max_iter > 0 ? (double)max_iter : band_max, band = (double)min_iter;
    for (int i = 0; i < 100 && band < end; i++, band *= eta)
        add_band(b, band);
}

/* Each iteration up to 32, then 16 of each doubling: as many as the median rule needs. */
static void bands_dense(struct bands *b)
{
    for (int64_t band = 1; (double)band < band_max && b->n < LIMIT_BANDS;
         band += band < 32 ? 1 : band / 16)
        b->items[b->n++] = band;
}

static void set_bands(struct spec_reader *r, struct spec *s, const struct spec_node *n,
                      int64_t by_s)
{
    struct bands b = {arena_alloc(r->arena, LIMIT_BANDS * sizeof *b.items), 0};
    if (by_s >= 0)
        bands_down(&b, s->early_terminate.max_iter, by_s, s->early_terminate.eta);
    else
        bands_up(&b, s->early_terminate.min_iter, s->early_terminate.max_iter,
                 s->early_terminate.eta);
    if (b.n == 0)
        spec_node_error_key(r, n,
                            SPEC_FOUND(BANDS, .sure = s->early_terminate.type == SPEC_STOPPER_ASHA),
                            "these numbers give no band, so no trial could ever be stopped: "
                            "raise max_iter%s",
                            by_s >= 0 ? " or s, or lower eta" : ", or lower min_iter");
    s->early_terminate.bands = b.items;
    s->early_terminate.bands_n = b.n;
}

static void check_fields(struct spec_reader *r, const struct spec *s, const struct spec_fields *f)
{
    static const unsigned allowed[] = {
        [SPEC_STOPPER_HYPERBAND] = 1u << STOPPER_ETA | 1u << STOPPER_MAX_ITER |
                                   1u << STOPPER_MIN_ITER | 1u << STOPPER_S | 1u << STOPPER_STRICT,
        [SPEC_STOPPER_ASHA] = 1u << STOPPER_ETA | 1u << STOPPER_MAX_ITER | 1u << STOPPER_MIN_ITER,
        [SPEC_STOPPER_MEDIAN] = 1u << STOPPER_MIN_ITER | 1u << STOPPER_MIN_TRIALS,
    };
    unsigned fields = allowed[s->early_terminate.type] | 1u << STOPPER_TYPE | 1u << STOPPER_NAN;
    for (int i = 0; i < STOPPER_COUNT; i++)
        if (f->present[i] && !(fields & 1u << i))
            spec_node_warn_key(r, &f->nodes[i], NULL, "`%s` is not an option of %s; it is ignored",
                               f->nodes[i].key, language_stoppers[s->early_terminate.type]);
}

/* Whether a field that hyperband needs is misspelt, which has been reported. */
static bool needed_slipped(struct spec_reader *r, const struct spec_fields *f)
{
    return spec_fields_slipped(r, f, STOPPER_MIN_ITER, false) ||
           spec_fields_slipped(r, f, STOPPER_MAX_ITER, false) ||
           spec_fields_slipped(r, f, STOPPER_S, false);
}

static void read_hyperband(struct spec_reader *r, struct spec *s, const struct spec_node *n,
                           const struct spec_fields *f)
{
    int64_t by_s = -1;
    bool min = f->present[STOPPER_MIN_ITER], max = f->present[STOPPER_MAX_ITER];
    spec_fields_int(r, f, STOPPER_S, &by_s);
    if (!min && !(max && by_s >= 0)) {
        if (!needed_slipped(r, f))
            spec_node_warn_key(
                r, n, SPEC_FOUND(HYPERBAND),
                "hyperband needs min_iter, or max_iter and s; no trial is stopped early");
        s->early_terminate.on = false;
        return;
    }
    if (max && by_s >= 0 && min)
        spec_node_note(r, &f->nodes[STOPPER_MIN_ITER], NULL,
                       "where max_iter and s are given, min_iter has no effect, as with W&B");
    if (max && by_s < 0)
        spec_node_note(r, &f->nodes[STOPPER_MAX_ITER], NULL,
                       "without s, max_iter has no effect: bands are made from min_iter (and W&B "
                       "stops no trial at all)");
    if (!max || by_s < 0)
        s->early_terminate.max_iter = 0;
    set_bands(r, s, n, max ? by_s : -1);
}

static void read_asha(struct spec_reader *r, struct spec *s, const struct spec_node *n,
                      const struct spec_fields *f)
{
    int64_t max = s->early_terminate.max_iter;
    if (!f->present[STOPPER_ETA])
        s->early_terminate.eta = 2;
    /* A trial's first values tell little if it reports many (docs/BENCHMARKS.md). */
    if (!f->present[STOPPER_MIN_ITER])
        s->early_terminate.min_iter = max < 30 ? 1 : (max + 15) / 30;
    set_bands(r, s, n, -1);
}

static void read_median(struct spec_reader *r, struct spec *s, const struct spec_fields *f)
{
    struct bands b = {arena_alloc(r->arena, LIMIT_BANDS * sizeof *b.items), 0};
    bands_dense(&b);
    s->early_terminate.bands = b.items;
    s->early_terminate.bands_n = b.n;
    if (!f->present[STOPPER_MIN_ITER])
        s->early_terminate.min_iter = 3;
    if (!f->present[STOPPER_MIN_TRIALS])
        s->early_terminate.min_trials = 5;
}

void spec_stopper_read(struct spec_reader *r, struct spec *s, const struct spec_node *n)
{
    struct spec_fields f;
    int type = 0, nan;
    spec_fields_read(r, n, &language_stopper, false, &f);
    if (!spec_fields_word(&f, &language_stopper, STOPPER_TYPE, &type)) {
        if (!yaml_tree_find(n->yaml, "type") && !spec_fields_slipped(r, &f, STOPPER_TYPE, false))
            spec_node_warn_key(r, n, SPEC_FOUND(EXAMPLE, .object = &language_stopper),
                               "`early_terminate` has no `type`; no trial is stopped early");
        return;
    }
    s->early_terminate.type = (enum spec_stopper)type;
    s->early_terminate.strict = type == SPEC_STOPPER_HYPERBAND;
    s->early_terminate.stop_nan = type != SPEC_STOPPER_HYPERBAND;
    s->early_terminate.eta = 3;
    /* W&B's rule fails on a wrong number and then stops no trial. */
    s->early_terminate.on = f.wrong == 0;
    if (!s->early_terminate.on)
        return;
    check_fields(r, s, &f);
    spec_fields_number(r, &f, STOPPER_ETA, &s->early_terminate.eta);
    if (spec_fields_word(&f, &language_stopper, STOPPER_NAN, &nan))
        s->early_terminate.stop_nan = nan == 1;
    spec_fields_bool(&f, STOPPER_STRICT, &s->early_terminate.strict);
    spec_fields_int(r, &f, STOPPER_MIN_ITER, &s->early_terminate.min_iter);
    spec_fields_int(r, &f, STOPPER_MAX_ITER, &s->early_terminate.max_iter);
    spec_fields_int(r, &f, STOPPER_MIN_TRIALS, &s->early_terminate.min_trials);
    if (type == SPEC_STOPPER_HYPERBAND)
        read_hyperband(r, s, n, &f);
    else if (type == SPEC_STOPPER_ASHA)
        read_asha(r, s, n, &f);
    else
        read_median(r, s, &f);
}
