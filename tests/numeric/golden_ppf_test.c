/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quantiles as W&B's own engine gave them (`sweeps` 0.3.0): recorded beside the checkout, in
 * $BESOM_SHARED or ../shared, as wandb-wire/golden_ppf.json. Skipped where it is not there;
 * tests/unit/sweep/space_test.c has values of our own that never are. */
#include "base/json.h"
#include "tests/spaces.h"
#include "language/spec_read.h"

enum { GOLDEN_BYTES = 1 << 20 };

static struct value *read_golden(struct arena *a)
{
    const char *shared = getenv("BESOM_SHARED");
    char path[4096];
    snprintf(path, sizeof path, "%s/wandb-wire/golden_ppf.json",
             shared ? shared : TEST_SOURCE_DIR "/../shared");
    FILE *f = fopen(path, "r");
    if (!f)
        test_skip("no wandb-wire/golden_ppf.json in $BESOM_SHARED or ../shared");
    char *text = arena_alloc(a, GOLDEN_BYTES);
    size_t len = fread(text, 1, GOLDEN_BYTES, f);
    fclose(f);
    struct value *golden = NULL;
    struct err err = {0};
    if (json_parse(a, text, len, &golden, &err) != 0)
        FAIL("%s: %s", path, err.text);
    return golden;
}

static struct spec *read_spec(struct arena *a, const struct value *parameter)
{
    struct value *content = value_dict(a), *parameters = value_dict(a);
    value_put(a, parameters, "x", value_copy(a, parameter));
    value_put(a, content, "method", value_str(a, "random"));
    value_put(a, content, "parameters", parameters);
    struct diags d;
    diags_init(&d, a, "golden");
    struct spec *spec = spec_read_content(content, &d);
    if (!spec)
        FAIL("%s: %s", json_text(a, content, JSON_COMPACT), d.n ? d.items[0].message : "refused");
    return spec;
}

/* Where W&B leaves the values there are: below int_uniform's least at u = 0, round to the last of a
 * list at u = 0 and, with probabilities, to the first at u = 1. */
static bool is_edge_bug(const struct parameter *p, double u)
{
    return (u == 0 && (p->kind == SPACE_INT_UNIFORM || p->kind == SPACE_CATEGORICAL)) ||
           (u == 1 && p->kind == SPACE_CATEGORICAL_P);
}

static bool is_exact(const struct parameter *p)
{
    return p->q > 0 || p->kind == SPACE_UNIFORM || p->kind == SPACE_INT_UNIFORM ||
           p->kind == SPACE_CATEGORICAL || p->kind == SPACE_CATEGORICAL_P ||
           p->kind == SPACE_CONSTANT;
}

/* JSON has no infinity: the recording says "inf". */
static double number_of(const struct value *v)
{
    if (v->kind != VALUE_STR)
        return value_number(v);
    return strcmp(v->s.ptr, "-inf") == 0 ? -INFINITY : INFINITY;
}

static bool agrees(const struct parameter *p, const struct value *got, const struct value *want)
{
    if (got->kind != VALUE_FLOAT || p->kind == SPACE_CATEGORICAL || p->kind == SPACE_CONSTANT)
        return spaces_identical(got, want);
    double x = number_of(want);
    if (is_exact(p) || isinf(x))
        return got->f == x;
    return fabs(got->f - x) <= 1e-12 * fabs(x);
}

TEST(quantiles_are_wandbs)
{
    struct arena a;
    arena_init(&a);
    const struct value *golden = read_golden(&a);
    size_t compared = 0, bugs = 0;
    for (size_t i = 0; i < golden->list.n; i++) {
        const struct value *row = golden->list.items[i];
        struct spec *spec = read_spec(&a, value_get(row, "spec"));
        ASSERT_EQ(spec->space.n, 1);
        const struct parameter *p = &spec->space.parameters[0];
        const struct value *u = value_get(row, "u"), *ppf = value_get(row, "ppf");
        for (size_t j = 0; j < u->list.n; j++) {
            double at = value_number(u->list.items[j]);
            const struct value *got = space_ppf(&a, p, at), *want = ppf->list.items[j];
            if (is_edge_bug(p, at)) {
                bugs++;
                continue;
            }
            if (!agrees(p, got, want))
                FAIL("%s at %g: %s, want %s", json_text(&a, value_get(row, "spec"), JSON_COMPACT),
                     at, json_text(&a, got, JSON_COMPACT), json_text(&a, want, JSON_COMPACT));
            compared++;
        }
        spec_free(spec);
    }
    ASSERT_EQ(golden->list.n, 27);
    ASSERT_EQ(compared + bugs, 270);
    arena_done(&a);
}
