/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/pace/suspect.h"

#include "base/json.h"
#include "tests/test.h"

static struct arena arena;
static struct suspect suspect;

static struct value *params(const char *text)
{
    struct value *v;
    ASSERT_EQ(json_parse(&arena, text, strlen(text), &v, NULL), 0);
    return v;
}

/* `n` trials of each of these batch sizes, of which the last `failed` fail. */
static void trials(int batch, int n, int failed)
{
    for (int i = 0; i < n; i++)
        suspect_add(
            &suspect,
            params(arena_printf(
                &arena, "{\"model\":{\"batch\":%d},\"opt\":\"%s\",\"lr\":%d.5,\"epochs\":9}", batch,
                i % 2 ? "sgd" : "adam", i * 1000 + batch)),
            i >= n - failed ? 2
            : i % 5         ? -1
                            : 0);
}

static const char *found(int batch)
{
    struct suspect_finding f;
    const struct value *of = params(arena_printf(
        &arena, "{\"model\":{\"batch\":%d},\"opt\":\"sgd\",\"lr\":1.5,\"epochs\":9}", batch));
    return suspect_find(&suspect, of, 2, &f) ? suspect_text(&arena, &f, "failed") : NULL;
}

TEST(suspect_finds_the_value_that_trials_fail_with)
{
    arena_init(&arena);
    suspect_init(&suspect);
    trials(128, 20, 0);
    trials(256, 20, 0);
    ASSERT(!found(512)); /* nobody knows it */
    trials(512, 7, 6);
    ASSERT_STR(found(512),
               "model.batch=512: 6 of 7 trials with it failed this way, 0 of 40 without");
    ASSERT(!found(128)); /* it failed without that value */
    trials(1024, 6, 6);
    ASSERT_STR(found(512),
               "model.batch≥512: 12 of 13 trials with it failed this way, 0 of 40 without");
    suspect_done(&suspect);
    arena_done(&arena);
}

TEST(suspect_is_silent_where_others_fail_too)
{
    arena_init(&arena);
    suspect_init(&suspect);
    trials(128, 20, 6);
    trials(256, 20, 6);
    trials(512, 7, 6);
    ASSERT(!found(512));
    suspect_done(&suspect);
    suspect_init(&suspect);
    trials(128, 20, 0);
    trials(512, 12, 6); /* as many do well with it */
    ASSERT(!found(512));
    suspect_done(&suspect);
    arena_done(&arena);
}

TEST(suspect_is_silent_where_chance_would_do)
{
    arena_init(&arena);
    suspect_init(&suspect);
    trials(128, 4, 0);
    trials(512, 2, 2);
    ASSERT(!found(512));
    suspect_done(&suspect);
    suspect_init(&suspect);
    trials(512, 30, 30); /* all fail, whatever they have */
    ASSERT(!found(512));
    suspect_done(&suspect);
    arena_done(&arena);
}

TEST(suspect_leaves_out_parameters_with_many_values)
{
    arena_init(&arena);
    suspect_init(&suspect);
    for (int i = 0; i < SUSPECT_VALUES; i++)
        trials(i, 2, 0);
    trials(512, 9, 9);
    ASSERT(!found(512));
    suspect_done(&suspect);
    arena_done(&arena);
}
