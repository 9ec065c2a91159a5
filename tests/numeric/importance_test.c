/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Importances against those of Optuna 5, recorded by tests/data/importance/make.py; and that what
 * matters is told from what does not. */
#include "analysis/importance.h"
#include "analysis/tree.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/number/order.h"
#include "base/number/rng.h"
#include "language/spec_read.h"
#include "tests/test.h"

enum { BYTES_MAX = 4 << 20, FACTORS_MAX = 16 };

static const struct value *cases_read(struct arena *a)
{
    FILE *f = fopen(TEST_SOURCE_DIR "/tests/data/importance/histories.json", "r");
    ASSERT(f);
    char *text = arena_alloc(a, BYTES_MAX);
    size_t len = fread(text, 1, BYTES_MAX, f);
    fclose(f);
    struct value *all;
    struct err err;
    if (json_parse(a, text, len, &all, &err) != 0)
        FAIL("%s", err.text);
    return value_get(all, "cases");
}

static struct spec *spec_of(struct arena *a, const struct value *parameters)
{
    struct value *content = value_dict(a);
    value_put(a, content, "method", value_str(a, "random"));
    value_put(a, content, "parameters", value_copy(a, parameters));
    struct diags d;
    diags_init(&d, a, "case");
    struct spec *spec = spec_read_content(content, &d);
    if (!spec)
        FAIL("%s", d.n ? d.items[0].message : "refused");
    return spec;
}

static size_t estimate(struct arena *a, const struct value *one, enum importance_method m,
                       struct spec *spec, struct factors *fs, struct importance *ret)
{
    const struct value *params = value_get(one, "params"), *values = value_get(one, "values");
    double sign = value_get_bool(one, "maximize", false) ? -1 : 1;
    double *losses = arena_alloc(a, params->list.n * sizeof *losses);
    factors_init(fs, &spec->space);
    for (size_t i = 0; i < params->list.n; i++) {
        factors_add(fs, params->list.items[i]);
        losses[i] = sign * value_number(values->list.items[i]);
    }
    ASSERT(fs->n <= FACTORS_MAX);
    importance_estimate(fs, losses, m, ret);
    return fs->n;
}

TEST(ped_anova_equals_optuna)
{
    struct arena a;
    arena_init(&a);
    const struct value *cases = cases_read(&a);
    for (size_t i = 0; i < cases->list.n; i++) {
        const struct value *one = cases->list.items[i], *want = value_get(one, "ped_anova");
        struct spec *spec = spec_of(&a, value_get(one, "parameters"));
        struct factors fs;
        struct importance got[FACTORS_MAX];
        size_t n = estimate(&a, one, IMPORTANCE_PED_ANOVA, spec, &fs, got);
        ASSERT_EQ(n, want->dict.n);
        for (size_t k = 0; k < n; k++) {
            double value = value_get_float(want, got[k].factor->p->name, NAN);
            if (!(fabs(got[k].value - value) <= 1e-9))
                FAIL("%s: %s: %.15g, Optuna has %.15g", value_get_str(one, "name", ""),
                     got[k].factor->p->name, got[k].value, value);
            ASSERT(got[k].low <= got[k].value && got[k].value <= got[k].high);
            ASSERT(k == 0 || got[k].value <= got[k - 1].value);
        }
        factors_done(&fs);
        spec_free(spec);
    }
    arena_done(&a);
}

/* Optuna's own deviation is over seeds of the forest, on one history. */
TEST(fanova_agrees_with_optuna)
{
    struct arena a;
    arena_init(&a);
    const struct value *cases = cases_read(&a);
    for (size_t i = 0; i < cases->list.n; i++) {
        const struct value *one = cases->list.items[i], *want = value_get(one, "fanova");
        if (want->kind != VALUE_DICT)
            continue;
        struct spec *spec = spec_of(&a, value_get(one, "parameters"));
        struct factors fs;
        struct importance got[FACTORS_MAX];
        size_t n = estimate(&a, one, IMPORTANCE_FANOVA, spec, &fs, got);
        for (size_t k = 0; k < n; k++) {
            const struct value *pair = value_get(want, got[k].factor->p->name);
            double mean = value_number(pair->list.items[0]);
            double deviation = value_number(pair->list.items[1]);
            if (getenv("SHOW"))
                printf("%s: %s: %.4f, Optuna has %.4f +- %.4f\n", value_get_str(one, "name", ""),
                       got[k].factor->p->name, got[k].value, mean, deviation);
            if (!(fabs(got[k].value - mean) <= 4 * deviation + 0.01))
                FAIL("%s: %s: %.4f, Optuna has %.4f +- %.4f", value_get_str(one, "name", ""),
                     got[k].factor->p->name, got[k].value, mean, deviation);
        }
        factors_done(&fs);
        spec_free(spec);
    }
    arena_done(&a);
}

static const struct value *json_of(struct arena *a, const char *text)
{
    struct value *v;
    ASSERT_EQ(json_parse(a, text, strlen(text), &v, NULL), 0);
    return v;
}

/* x matters, the others do not; z exists in some trials only. */
static void histories_judge(enum importance_method m, size_t trials, size_t histories, bool crowd)
{
    static const char parameters[] =
        "{\"x\":{\"min\":0.0,\"max\":1.0},\"y\":{\"min\":0.0,\"max\":1.0},"
        "\"c\":{\"values\":[\"a\",\"b\",\"d\"]},\"n\":{\"min\":1,\"max\":64},"
        "\"g\":{\"distribution\":\"normal\",\"mu\":0,\"sigma\":2},"
        "\"z\":{\"min\":0.0,\"max\":1.0,\"when\":{\"c\":[\"a\",\"b\"]}}}";
    size_t told = 0, mistaken = 0;
    for (size_t h = 0; h < histories; h++) {
        struct arena a;
        struct rng rng;
        struct factors fs;
        struct importance got[FACTORS_MAX];
        arena_init(&a);
        rng_init(&rng, h, 0, RNG_TEST);
        struct spec *spec = spec_of(&a, json_of(&a, parameters));
        double *losses = arena_alloc(&a, trials * sizeof *losses);
        factors_init(&fs, &spec->space);
        for (size_t i = 0; i < trials; i++) {
            struct value *params = value_dict(&a);
            for (size_t k = 0; k < spec->space.n; k++) {
                const struct parameter *p = &spec->space.parameters[k];
                double u = rng_unit(&rng);
                bool is_x = strcmp(p->name, "x") == 0;
                if (is_x && crowd && i >= 5) /* as a search does */
                    u = fmin(fmax(0.3 + 0.02 * rng_normal(&rng), 0), 1);
                losses[i] = is_x ? (u - 0.3) * (u - 0.3) + 0.02 * rng_normal(&rng) : losses[i];
                if (strcmp(p->name, "z") != 0 || strcmp(value_get_str(params, "c", ""), "d") != 0)
                    value_put(&a, params, p->name, space_ppf(&a, p, u));
            }
            factors_add(&fs, params);
        }
        importance_estimate(&fs, losses, m, got);
        ASSERT_EQ(fs.n, 6);
        for (size_t k = 0; k < fs.n; k++) {
            bool is_x = strcmp(got[k].factor->p->name, "x") == 0;
            told += is_x && !got[k].noise && k == 0;
            mistaken += !is_x && !got[k].noise;
        }
        factors_done(&fs);
        spec_free(spec);
        arena_done(&a);
    }
    if (told < histories * 9 / 10 || mistaken > histories * 5 / 20)
        FAIL("of %zu histories: x told in %zu, others mistaken %zu times", histories, told,
             mistaken);
}

TEST(noise_is_called_noise_by_ped_anova)
{
    histories_judge(IMPORTANCE_PED_ANOVA, 120, 30, false);
}

TEST(noise_is_called_noise_by_fanova)
{
    histories_judge(IMPORTANCE_FANOVA, 60, 10, false);
}

TEST(noise_is_called_noise_by_forest)
{
    histories_judge(IMPORTANCE_FOREST, 60, 10, false);
}

/* Most trials lie near the best, where x changes little. */
TEST(forest_tells_what_matters_from_the_trials_of_a_search)
{
    histories_judge(IMPORTANCE_FOREST, 100, 15, true);
}

TEST(noise_is_called_noise_by_correlation)
{
    histories_judge(IMPORTANCE_CORRELATION, 120, 30, false);
}

enum { TREE_ROWS = 90, TREE_COLUMNS = 3 };

struct tree_case {
    double x[TREE_COLUMNS][TREE_ROWS], y[TREE_ROWS];
    uint16_t weights[TREE_ROWS];
};

/* The sum of squares of the rows of a node around their mean. */
static double node_squares(const struct tree_case *c, const bool *in)
{
    double weight = 0, sum = 0, squares = 0;
    for (size_t i = 0; i < TREE_ROWS; i++) {
        weight += in[i] * c->weights[i];
        sum += in[i] * c->weights[i] * c->y[i];
    }
    for (size_t i = 0; i < TREE_ROWS; i++)
        squares += in[i] * c->weights[i] * pow(c->y[i] - sum / weight, 2);
    return squares;
}

static void gains_sum(const struct tree *t, uint32_t at, const struct tree_case *c, const bool *in,
                      double *ret)
{
    const struct tree_node *n = &t->nodes[at];
    bool left[TREE_ROWS], right[TREE_ROWS];
    if (n->column >= TREE_COLUMNS)
        return;
    for (size_t i = 0; i < TREE_ROWS; i++) {
        left[i] = in[i] && c->x[n->column][i] <= n->threshold;
        right[i] = in[i] && !left[i];
    }
    ret[n->column] += node_squares(c, in) - node_squares(c, left) - node_squares(c, right);
    gains_sum(t, n->left, c, left, ret);
    gains_sum(t, n->right, c, right, ret);
}

TEST(gains_of_a_tree_are_what_its_splits_take_away)
{
    static struct tree_case c;
    uint32_t *order[TREE_COLUMNS];
    const double *x[TREE_COLUMNS];
    const double low[TREE_COLUMNS] = {0}, high[TREE_COLUMNS] = {1, 1, 1};
    double want[TREE_COLUMNS] = {0}, sum = 0;
    bool all[TREE_ROWS];
    struct rng rng;
    struct tree t;
    rng_init(&rng, 4, 0, RNG_TEST);
    for (size_t i = 0; i < TREE_ROWS; i++) {
        for (size_t k = 0; k < TREE_COLUMNS; k++)
            c.x[k][i] = rng_unit(&rng);
        c.y[i] = 3 * c.x[0][i] + c.x[1][i] * c.x[1][i];
        c.weights[i] = (uint16_t)rng_below(&rng, 3);
        all[i] = true;
    }
    for (size_t k = 0; k < TREE_COLUMNS; k++) {
        size_t sorted[TREE_ROWS];
        x[k] = c.x[k];
        order[k] = mem_alloc(TREE_ROWS * sizeof **order);
        order_ascending(c.x[k], TREE_ROWS, sorted);
        for (size_t i = 0; i < TREE_ROWS; i++)
            order[k][i] = (uint32_t)sorted[i];
    }
    const struct tree_data data = {TREE_ROWS, TREE_COLUMNS, x, c.y, low, high, order};
    tree_fit(&t, &data, c.weights, &rng);
    gains_sum(&t, 0, &c, all, want);
    for (size_t k = 0; k < TREE_COLUMNS; k++) {
        ASSERT_NEAR(tree_gain(&t, k, 1), want[k], 1e-9);
        sum += want[k];
        mem_free(order[k]);
    }
    ASSERT_NEAR(sum, node_squares(&c, all), 1e-9); /* each leaf has one row */
    ASSERT_NEAR(tree_gain(&t, 0, TREE_COLUMNS), sum, 1e-9);
    ASSERT(want[0] > want[1] && want[1] > want[2]);
    tree_done(&t);
}

/* A list of 3,000 values, values that are not in their lists, a parameter that no trial has. */
TEST(odd_tables_give_finite_shares)
{
    struct arena a;
    struct rng rng;
    struct factors fs;
    struct importance got[FACTORS_MAX];
    double losses[100];
    arena_init(&a);
    rng_init(&rng, 3, 0, RNG_TEST);
    struct value *parameters = value_dict(&a), *list = value_list(&a);
    for (int i = 0; i < 3000; i++)
        value_push(&a, list, value_int(&a, i));
    struct value *many = value_dict(&a);
    value_put(&a, many, "values", list);
    value_put(&a, parameters, "many", many);
    value_put(&a, parameters, "few", value_copy(&a, json_of(&a, "{\"values\":[1,2]}")));
    value_put(&a, parameters, "absent",
              value_copy(&a, json_of(&a, "{\"min\":0.0,\"max\":1.0,\"when\":{\"few\":2}}")));
    value_put(&a, parameters, "wide",
              value_copy(&a, json_of(&a, "{\"min\":-8e307,\"max\":8e307}")));
    struct spec *spec = spec_of(&a, parameters);
    factors_init(&fs, &spec->space);
    for (size_t i = 0; i < 100; i++) {
        struct value *params = value_dict(&a);
        value_put(&a, params, "many", value_int(&a, (int64_t)rng_below(&rng, 4000)));
        value_put(&a, params, "few", value_str(&a, i % 9 ? "1" : "other"));
        value_put(&a, params, "wide", value_float(&a, i % 2 ? 8e307 : -1e300));
        factors_add(&fs, params);
        losses[i] = i % 3 ? 1e308 : -1e308;
    }
    for (int m = 0; m < IMPORTANCE_METHODS; m++) {
        importance_estimate(&fs, losses, (enum importance_method)m, got);
        double sum = 0;
        for (size_t k = 0; k < fs.n; k++) {
            ASSERT(isfinite(got[k].value) && isfinite(got[k].low) && isfinite(got[k].high));
            sum += got[k].value;
        }
        if (m != IMPORTANCE_CORRELATION)
            ASSERT_NEAR(sum, 1, 1e-9);
        else
            ASSERT(got[0].value <= 1);
    }
    factors_done(&fs);
    spec_free(spec);
    arena_done(&a);
}

TEST(equal_losses_matter_nowhere)
{
    static const char parameters[] =
        "{\"x\":{\"min\":0.0,\"max\":1.0},\"c\":{\"values\":[\"a\",\"b\"]}}";
    for (int m = 0; m < IMPORTANCE_METHODS; m++) {
        struct arena a;
        struct rng rng;
        struct factors fs;
        struct importance got[2];
        double losses[30] = {0};
        arena_init(&a);
        rng_init(&rng, 1, 0, RNG_TEST);
        struct spec *spec = spec_of(&a, json_of(&a, parameters));
        factors_init(&fs, &spec->space);
        for (size_t i = 0; i < 30; i++) {
            struct value *params = value_dict(&a);
            for (size_t k = 0; k < 2; k++)
                value_put(&a, params, spec->space.parameters[k].name,
                          space_ppf(&a, &spec->space.parameters[k], rng_unit(&rng)));
            factors_add(&fs, params);
        }
        importance_estimate(&fs, losses, (enum importance_method)m, got);
        for (size_t k = 0; k < 2; k++)
            ASSERT(got[k].noise && got[k].value == 0 && got[k].high == 0);
        factors_done(&fs);
        spec_free(spec);
        arena_done(&a);
    }
}
