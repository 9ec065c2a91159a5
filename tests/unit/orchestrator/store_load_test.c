/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/store/store.h"

#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/store/load/store_load_held.h"
#include "orchestrator/view/view.h"
#include "orchestrator/view/view_proposals.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/past.h"
#include "tests/unit/orchestrator/scratch.h"
#include "tests/unit/orchestrator/store_kit.h"

/* As the controller does before a fact about a sweep that has ended: the store, when opened, knows
 * the rows of the others. */
static void know_ended(struct store *s, const char *dir, const struct books *b)
{
    struct view *view;
    void *value;
    ASSERT_EQ(view_open(dir, &view, NULL), 0);
    for (size_t at = 0; map_next(&b->sweeps, &at, &value);) {
        struct book_sweep *ended = NULL;
        ASSERT_EQ(store_load_ended(s, view, ((struct book_sweep *)value)->id, &ended, NULL), 0);
        if (ended)
            books_sweep_free(ended);
    }
    view_close(view);
}

/* The rows are the checkpoint of the fold: loading them is folding the facts, at every commit. */
TEST(store_load_gives_what_the_facts_fold_into)
{
    const char *dir = scratch_dir();
    for (uint64_t seed = 0; seed < 10; seed++) {
        struct past h;
        past_init(&h, seed);
        scratch_clear(dir);
        struct store *s = kit_open(dir);
        for (int i = 0; i < 250; i++) {
            kit_append(s, past_next(&h));
            if (rng_below(&h.rng, 4))
                continue;
            kit_commit(s, &h.books);
            while (rng_below(&h.rng, 2) && store_tidy(s))
                ;
            if (rng_below(&h.rng, 10) == 0) {
                store_close(s);
                s = kit_open(dir);
                know_ended(s, dir, &h.books);
            }
            kit_compare(s, &h.books);
        }
        store_close(s);
        past_done(&h);
    }
}

static const struct book_trial *any_lost(const struct books *b, struct event_held *ret)
{
    void *sweep, *trial;
    for (size_t at = 0; map_next(&b->sweeps, &at, &sweep);)
        for (size_t i = 0; map_next(&((struct book_sweep *)sweep)->open, &i, &trial);) {
            const struct book_trial *t = trial;
            *ret = (struct event_held){.sweep = ((struct book_sweep *)sweep)->id,
                                       .trial = t->number,
                                       .attempt = t->attempt.number};
            if (t->state == TRIAL_LOST && t->lost_on)
                return t;
        }
    return NULL;
}

/* What its agent says of a lost trial does not end the controller where its row is damaged. */
TEST(store_load_held_says_that_a_lost_trial_is_damaged)
{
    static const char *const changes[] = {
        "UPDATE trial SET created=created", "UPDATE trial SET params='[1]'",
        "UPDATE trial SET params='{'", "UPDATE trial SET params='{}', lost_on='gpu1'"};
    const char *dir = scratch_dir();
    struct event_held about;
    struct past h;
    struct arena a;
    past_init(&h, 3);
    arena_init(&a);
    struct store *s = kit_open(dir);
    while (!any_lost(&h.books, &about))
        kit_append(s, past_next(&h));
    kit_commit(s, &h.books);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct store_held held = {.about = about};
        struct view *view;
        kit_change(dir, changes[i]);
        ASSERT_EQ(view_open(dir, &view, NULL), 0);
        ASSERT_EQ(store_load_held(view, &a, &held, NULL), 0);
        ASSERT_STR(held.about.trial_state, "lost");
        ASSERT((held.lost != NULL) == (i == 0) && (held.about.fault == NULL) == (i == 0));
        if (held.lost)
            books_trial_free(held.lost);
        mem_free(held.rungs);
        view_close(view);
    }
    arena_done(&a);
    store_close(s);
    past_done(&h);
}

static void count_proposal(void *arg, const struct view_proposal *p)
{
    uint64_t *n = arg;
    ASSERT_EQ(p->number, *n);
    ASSERT(p->cursor <= INT64_MAX && p->params->kind == VALUE_DICT);
    ++*n;
}

TEST(store_tells_the_proposals_and_the_sweep_of_a_path)
{
    struct past h;
    char id[16];
    const char *dir = scratch_dir();
    past_init(&h, 5);
    struct store *s = kit_open(dir);
    struct view *view;
    ASSERT_EQ(view_open(dir, &view, NULL), 0);
    ASSERT_EQ(view_find_path(view, "/data/u/sweep.yaml", NULL, id, NULL), ERR_NOT_FOUND);
    for (int i = 0; i < 400; i++)
        kit_append(s, past_next(&h));
    kit_commit(s, &h.books);
    void *value;
    const struct book_sweep *newest = NULL;
    for (size_t at = 0; map_next(&h.books.sweeps, &at, &value);) {
        uint64_t n = 0, seq;
        newest = value;
        ASSERT_EQ(view_proposals(view, newest->id, NULL, &seq, count_proposal, &n, NULL), 0);
        ASSERT_EQ(seq, h.books.seq);
        ASSERT_EQ(n, newest->proposed);
    }
    ASSERT_EQ(view_find_path(view, "/data/u/sweep.yaml", NULL, id, NULL), 0);
    ASSERT_STR(id, newest->id);
    ASSERT_EQ(view_find_path(view, "/data/u/other.yaml", NULL, id, NULL), ERR_NOT_FOUND);
    ASSERT_EQ(view_find_path(view, "/moved/sweep.yaml", "sweep.yaml", id, NULL), 0);
    ASSERT_EQ(view_find_path(view, "/moved/sweep.yaml", "other.yaml", id, NULL), ERR_NOT_FOUND);
    view_close(view);
    store_close(s);
    past_done(&h);
}

/* What follows a store beside its writer: each sweep as it is, and the facts after that fit. */
/* Those that ended as lost stay in the books of a past. */
static size_t open_trials(const struct book_sweep *s)
{
    size_t n = 0;
    void *trial;
    for (size_t at = 0; map_next(&s->open, &at, &trial);)
        n += !trial_states[((struct book_trial *)trial)->state].final;
    return n;
}

TEST(store_load_beside_the_writer_is_what_the_facts_go_on_from)
{
    struct past h;
    const char *dir = scratch_dir();
    past_init(&h, 9);
    struct store *s = kit_open(dir);
    struct view *view;
    ASSERT_EQ(view_open(dir, &view, NULL), 0);
    for (int round = 0; round < 6; round++) {
        void *value;
        for (int i = 0; i < 60; i++)
            kit_append(s, past_next(&h));
        kit_commit(s, &h.books);
        for (size_t at = 0; map_next(&h.books.sweeps, &at, &value);) {
            const struct book_sweep *expected = value;
            struct books b;
            books_init(&b);
            ASSERT_EQ(store_load_beside(view, expected->id, &b, NULL), 0);
            ASSERT_EQ(b.seq, h.books.seq);
            ASSERT_EQ(b.sweeps.live, 1);
            const struct book_sweep *got = books_sweep(&b, expected->id);
            ASSERT_EQ(got->state, expected->state);
            ASSERT_EQ(got->proposed, expected->proposed);
            ASSERT_EQ(got->open.live, open_trials(expected));
            books_done(&b);
        }
    }
    view_close(view);
    store_close(s);
    past_done(&h);
}

static void happen(struct store *s, struct books *b, struct fact f)
{
    struct err err;
    f.seq = b->seq + 1;
    if (books_apply(b, &f, &err) < 0)
        FAIL("%s", err.text);
    kit_append(s, &f);
}

/* What somebody enqueued on a sweep that had ended, and a pause since: the rows do not tell. */
TEST(store_load_knows_what_a_sweep_that_had_ended_runs)
{
    const char *dir = scratch_dir();
    struct past h;
    struct books loaded;
    struct arena arena;
    void *value = NULL;
    arena_init(&arena);
    past_init(&h, 3);
    struct store *s = kit_open(dir);
    do
        kit_append(s, past_next(&h));
    while (h.books.sweeps.live == 0);
    size_t at = 0;
    ASSERT(map_next(&h.books.sweeps, &at, &value));
    const struct book_sweep *one = value;
    static const struct {
        int state;
        enum trial_reason reason;
    } moves[] = {{SWEEP_CANCELLED, REASON_USER},
                 {SWEEP_RUNNING, REASON_OK},
                 {SWEEP_PAUSED, REASON_USER},
                 {SWEEP_RUNNING, REASON_USER}};
    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++)
        happen(s, &h.books,
               (struct fact){.kind = FACT_SWEEP_STATE,
                             .sweep = one->id,
                             .state = moves[i].state,
                             .reason = moves[i].reason});
    happen(s, &h.books,
           (struct fact){.kind = FACT_SWEEP_EDITED,
                         .sweep = one->id,
                         .path = "/edited.yaml",
                         .workdir = "/edited",
                         .content = value_copy(&arena, one->spec->content),
                         .total = one->total});
    arena_done(&arena);
    kit_commit(s, &h.books);
    store_close(s);
    s = kit_open(dir);
    books_init(&loaded);
    ASSERT_EQ(store_load(s, NULL, &loaded, NULL), 0);
    const struct book_sweep *got = books_sweep(&loaded, one->id);
    ASSERT(one->only_asked && got->only_asked && one->asked_edited && got->asked_edited);
    ASSERT_EQ(got->asked_state, SWEEP_CANCELLED);
    ASSERT_EQ(got->asked_reason, REASON_USER);
    kit_compare(s, &h.books);
    books_done(&loaded);
    store_close(s);
    past_done(&h);
}

/* A spec of another version: the other sweeps are loaded as they were. */
TEST(store_load_keeps_a_sweep_whose_spec_does_not_read)
{
    const char *dir = scratch_dir();
    struct past h;
    struct books loaded;
    struct err err;
    void *value;
    size_t good = 0, bad = 0;
    past_init(&h, 3);
    struct store *s = kit_open(dir);
    for (int i = 0; i < 120; i++)
        kit_append(s, past_next(&h));
    kit_commit(s, &h.books);
    store_close(s);
    kit_change(
        dir, "UPDATE spec SET content=replace(content, '\"method\"', '\"methode\"')"
             " WHERE sweep=(SELECT min(n) FROM sweep WHERE state NOT IN ('finished','cancelled'))");
    s = kit_open(dir);
    books_init(&loaded);
    if (store_load(s, NULL, &loaded, &err) < 0)
        FAIL("%s", err.text);
    for (size_t at = 0; map_next(&loaded.sweeps, &at, &value);) {
        const struct book_sweep *b = value;
        good += !b->fault;
        bad += b->fault != NULL;
        ASSERT(b->spec);
    }
    ASSERT(bad == 1 && good > 0);
    books_done(&loaded);
    store_close(s);
    past_done(&h);
}

TEST(store_loads_a_sweep_with_damaged_trials_as_one_with_a_fault)
{
    static const char *const damages[] = {
        "UPDATE trial SET state='running' WHERE state='pending'",
        "UPDATE trial SET params='[1]' WHERE state IN ('pending', 'running')",
        "UPDATE sweep SET counts='{}'",
        "DELETE FROM trial WHERE state='pending'",
        "DELETE FROM spec",
    };
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        struct past h;
        struct books b;
        struct err err = {0};
        size_t faults = 0;
        void *sweep;
        const char *dir = scratch_dir();
        scratch_clear(dir);
        past_init(&h, 5);
        books_init(&b);
        struct store *s = kit_open(dir);
        for (int n = 0; n < 60; n++)
            kit_append(s, past_next(&h));
        kit_commit(s, &h.books);
        kit_change(dir, damages[i]);
        ASSERT_EQ(store_load(s, NULL, &b, &err), 0);
        for (size_t at = 0; map_next(&b.sweeps, &at, &sweep);)
            faults += ((struct book_sweep *)sweep)->fault != NULL;
        ASSERT(faults > 0);
        books_done(&b);
        store_close(s);
        past_done(&h);
    }
}
