/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A trial's configuration again, with other seeds. */
#include "sweep/replicate/replicate.h"

#include <string.h>

#include "base/json.h"
#include "language/spec_read.h"
#include "tests/test.h"

static struct arena arena;

static struct value *parsed(const char *text)
{
    struct value *v;
    ASSERT_EQ(json_parse(&arena, text, strlen(text), &v, NULL), 0);
    return v;
}

static struct spec *spec_of(const char *parameters)
{
    struct diags diags;
    diags_init(&diags, &arena, "test");
    const char *text = arena_printf(&arena, "method: random\nparameters: %s\n", parameters);
    struct spec *spec = spec_read(text, strlen(text), &diags);
    if (!spec)
        FAIL("%s", diags.items[0].message);
    return spec;
}

static size_t left; /* of the last that were made: how many there are, where they are too few */

static const char *made(const struct spec *spec, const char *params, const char *others,
                        size_t times)
{
    struct replicate r;
    struct err err = {0};
    const struct value **all;
    const struct value *list = parsed(others);
    struct value *ret = value_list(&arena);
    replicate_init(&r, &arena, &spec->space, parsed(params));
    for (size_t i = 0; i < list->list.n; i++)
        replicate_see(&r, list->list.items[i]);
    if (replicate_make(&r, times, &all, &left, &err) != 0)
        return arena_strdup(&arena, err.text);
    for (size_t i = 0; i < times; i++)
        value_push(&arena, ret, value_copy(&arena, all[i]));
    return json_text(&arena, ret, JSON_COMPACT);
}

TEST(replicate_knows_names_of_seeds)
{
    static const char *const seeds[] = {
        "seed", "Seeds", "data_seed", "model.random_state", "random_state", "train.Replicate"};
    static const char *const others[] = {"lr",          "seeded", "seed_count", "random_states",
                                         "xrepetition", "",       "_",          "."};
    for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++)
        ASSERT(replicate_is_seed(seeds[i]));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        ASSERT(!replicate_is_seed(others[i]));
}

TEST(replicate_takes_seeds_that_such_trials_have_not_had)
{
    arena_init(&arena);
    struct spec *spec =
        spec_of("{lr: {min: 0.1, max: 1.0}, seed: {min: 4, max: 9}, c: {value: 1}}");
    ASSERT_STR(made(spec, "{\"lr\":0.5,\"seed\":5,\"c\":1}",
                    "[{\"lr\":0.5,\"seed\":5,\"c\":1},{\"lr\":0.5,\"seed\":6,\"c\":1},"
                    "{\"lr\":0.6,\"seed\":4,\"c\":1}]",
                    3),
               "[{\"lr\":0.5,\"seed\":4},{\"lr\":0.5,\"seed\":7},{\"lr\":0.5,\"seed\":8}]");
    ASSERT_STR(
        made(spec, "{\"lr\":0.5,\"seed\":5,\"c\":1}", "[{\"lr\":0.5,\"seed\":5,\"c\":1}]", 6),
        "only 5 other values of seed are left for this configuration: its space has 6");
    ASSERT_EQ(left, 5);
    spec_free(spec);
    spec = spec_of("{lr: {min: 0.1, max: 1.0}, m: {parameters: {seed: {min: 0.0, max: 1.0}}}}");
    ASSERT_STR(made(spec, "{\"lr\":0.5,\"m\":{\"seed\":0.25}}", "[]", 2),
               "[{\"lr\":0.5},{\"lr\":0.5}]"); /* it is drawn */
    spec_free(spec);
    spec = spec_of("{m: {parameters: {lr: {values: [1, 2]}}}, seed: {value: 3}}");
    ASSERT_STR(made(spec, "{\"m\":{\"lr\":2},\"seed\":3}", "[]", 2),
               "[{\"m.lr\":2},{\"m.lr\":2}]"); /* there is no other */
    spec_free(spec);
    arena_done(&arena);
}
