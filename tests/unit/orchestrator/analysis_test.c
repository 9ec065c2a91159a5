/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Analyses of a sweep: importances as a document, the surface of two parameters, and when they change. */
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/number/rng.h"
#include "orchestrator/view/analysis/analysis.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/scratch.h"
#include "tests/unit/orchestrator/view_kit.h"

#define SWEEP "abe789"
#define PATH "sweeps/" SWEEP "/"

static const char spec[] =
    "{\"method\":\"random\",\"program\":\"t.py\",\"metric\":{\"name\":\"loss\",\"goal\":"
    "\"minimize\"},\"parameters\":{\"lr\":{\"distribution\":\"log_uniform_values\",\"min\":1e-4,"
    "\"max\":1},\"depth\":{\"min\":1,\"max\":4},\"opt\":{\"values\":[\"a\",\"b\"]},\"one\":{"
    "\"value\":"
    "3}}}";

static void end_trial(uint64_t trial, enum trial_state state)
{
    kit_put(SWEEP, (struct fact){.kind = FACT_ENDED,
                                 .trial = trial,
                                 .attempt = 1,
                                 .reason = REASON_OK,
                                 .ran_ms = 1000,
                                 .state = state});
}

/* lr goes over its lower three quarters; the loss is (log10(lr) + 3)^2, and 1 more with opt b. */
static void add_trial(uint64_t trial, bool ends)
{
    double place = (double)(trial * 37 % 101) / 101, lr = pow(10, -4 + 3 * place);
    struct rng rng;
    rng_init(&rng, 1, trial, RNG_TEST);
    bool b = rng_below(&rng, 2) == 1;
    struct value *params = value_dict(&kit_arena);
    value_put(&kit_arena, params, "lr", value_float(&kit_arena, lr));
    value_put(&kit_arena, params, "depth", value_int(&kit_arena, 1 + (int64_t)rng_below(&rng, 4)));
    value_put(&kit_arena, params, "opt", value_str(&kit_arena, b ? "b" : "a"));
    value_put(&kit_arena, params, "one", value_int(&kit_arena, 3));
    kit_put(SWEEP,
            (struct fact){
                .kind = FACT_PROPOSED, .trial = trial, .params = params, .why = kit_parsed("{}")});
    kit_put(SWEEP, (struct fact){.kind = FACT_LAUNCHED, .trial = trial, .attempt = 1});
    kit_log(SWEEP, trial, 1,
            arena_printf(&kit_arena, "{\"loss\":%.17g}\n", pow(log10(lr) + 3, 2) + b));
    if (ends)
        end_trial(trial, TRIAL_FINISHED);
}

static struct view *fill(size_t trials)
{
    const char *dir = scratch_dir();
    kit_fill(dir);
    kit_put(SWEEP, (struct fact){.kind = FACT_SWEEP_CREATED,
                                 .name = "planted",
                                 .path = "/data/planted.yaml",
                                 .workdir = "/data",
                                 .seed = 7,
                                 .total = 1000,
                                 .content = kit_parsed(spec)});
    for (size_t i = 0; i < trials; i++)
        add_trial(i, true);
    kit_commit();
    return kit_open(dir);
}

/* The document; or NULL, and the error's text. */
static const struct value *ask(struct view *v, const char *path, const char *query, char **ret_why)
{
    struct buf out;
    struct err err = {0};
    char id[16], mark[ANALYSIS_MARK_BYTES];
    struct value *doc = NULL;
    buf_init(&out, SIZE_MAX);
    int rc = analysis_mark(v, path, id, mark, &err);
    if (rc == 0)
        rc = analysis_answer(v, path, id, kit_parsed(query), &out, &err);
    if (rc == 0)
        doc = kit_parsed(buf_str(&out));
    else if (ret_why)
        *ret_why = arena_strdup(&kit_arena, err.text);
    buf_done(&out);
    return doc;
}

static void refused(struct view *v, const char *path, const char *query, const char *part)
{
    char *why = "";
    ASSERT(!ask(v, path, query, &why));
    if (!strstr(why, part))
        FAIL("no '%s' in: %s", part, why);
}

TEST(analysis_says_whether_the_best_is_luck)
{
    struct view *v = fill(30);
    ASSERT_STR(kit_json(ask(v, PATH "luck", "{}", NULL)),
               "{\"results\":30,\"noise\":null,\"measured\":0,\"why\":\"no noise found in 30 "
               "results\"}");
    ASSERT_STR(value_get_str(ask(v, "sweeps/abc123/luck", "{}", NULL), "why", ""),
               "noise not known: 0 of 8 results");
    kit_end(v);
}

TEST(results_of_stopped_trials_do_not_count_for_the_noise)
{
    struct view *v = fill(5);
    ASSERT_STR(value_get_str(ask(v, PATH "luck", "{}", NULL), "why", ""),
               "noise not known: 5 of 8 results");
    add_trial(5, false);
    end_trial(5, TRIAL_STOPPED);
    kit_commit();
    ASSERT_STR(value_get_str(ask(v, PATH "luck", "{}", NULL), "why", ""),
               "noise not known: 5 of 8 full-length results");
    kit_end(v);
}

/* Each has as little noise as those 30. */
TEST(analysis_cannot_tell_from_few_results_that_there_is_no_noise)
{
    struct view *v = fill(19);
    ASSERT_STR(value_get_str(ask(v, PATH "luck", "{}", NULL), "why", ""),
               "noise: cannot tell yet from 19 results");
    kit_end(v);
}

/* Four places, each with six seeds, which differ by 0.1 or so, and in the same way. */
TEST(analysis_counts_what_seeds_change_as_chance)
{
    const char *dir = scratch_dir();
    kit_fill(dir);
    kit_put(SWEEP,
            (struct fact){.kind = FACT_SWEEP_CREATED,
                          .path = "/data/seeds.yaml",
                          .workdir = "/data",
                          .content = kit_parsed("{\"method\":\"random\",\"program\":\"t.py\","
                                                "\"metric\":{\"name\":\"loss\"},\"parameters\":{"
                                                "\"lr\":{\"min\":0.0,\"max\":1.0},"
                                                "\"seed\":{\"values\":[0,1,2,3,4,5]}}}")});
    for (uint64_t i = 0; i < 24; i++) {
        struct rng rng;
        rng_init(&rng, 2, i % 6, RNG_TEST);
        double lr = 0.2 + 0.2 * (double)(i / 6), noise = 0.1 * rng_normal(&rng);
        struct value *params = value_dict(&kit_arena);
        value_put(&kit_arena, params, "lr", value_float(&kit_arena, lr));
        value_put(&kit_arena, params, "seed", value_int(&kit_arena, (int64_t)(i % 6)));
        kit_put(SWEEP,
                (struct fact){
                    .kind = FACT_PROPOSED, .trial = i, .params = params, .why = kit_parsed("{}")});
        kit_put(SWEEP, (struct fact){.kind = FACT_LAUNCHED, .trial = i, .attempt = 1});
        kit_log(SWEEP, i, 1, arena_printf(&kit_arena, "{\"loss\":%.17g}\n", lr * lr + noise));
        end_trial(i, TRIAL_FINISHED);
    }
    kit_commit();
    struct view *v = kit_open(dir);
    const struct value *luck = ask(v, PATH "luck", "{}", NULL);
    double noise = value_get_float(luck, "noise", 0);
    if (!(noise > 0.05 && noise < 0.2))
        FAIL("%s", kit_json(luck));
    ASSERT_EQ(value_get_int(luck, "measured", 0), 24);
    ASSERT_EQ(value_get_int(value_get(luck, "repeats"), "trials", 0), 6);
    kit_end(v);
}

TEST(analysis_says_what_matters)
{
    struct view *v = fill(300);
    const struct value *doc = ask(v, PATH "importance", "{}", NULL);
    const struct value *list = value_get(doc, "parameters");
    ASSERT_EQ(value_get_int(doc, "trials", 0), 300);
    ASSERT_EQ(value_get_int(doc, "missing", -1), 0);
    ASSERT_EQ(list->list.n, 3);
    ASSERT_STR(value_get_str(list->list.items[0], "name", ""), "lr");
    ASSERT_STR(value_get_str(list->list.items[1], "trend", ""), "best: a");
    ASSERT(strncmp(value_get_str(list->list.items[0], "trend", ""), "best near 0.00", 14) == 0);
    ASSERT_STR(value_get_str(list->list.items[2], "name", ""), "depth");
    ASSERT(value_get_bool(list->list.items[2], "noise", false));
    ASSERT(strstr(kit_json(value_get(doc, "notes")), "Not ranked: one (one value)"));
    ASSERT_STR(kit_json(ask(v, PATH "importance", "{}", NULL)), kit_json(doc));
    doc = ask(v, PATH "importance", "{\"method\":\"fanova\"}", NULL);
    ASSERT_STR(value_get_str(doc, "method", ""), "fanova");
    refused(v, PATH "importance", "{\"method\":\"shap\"}",
            "ped-anova, fanova, forest or correlation");
    refused(v, PATH "importance", "{\"goal\":\"up\"}", "minimize or maximize");
    refused(v, PATH "importance", "{\"metric\":\"los\",\"goal\":\"minimize\"}",
            "did you mean 'loss'");
    refused(v, PATH "shapley", "{}", "there is no document");
    refused(v, "sweeps/nosuch/importance", "{}", "nosuch");
    kit_end(v);
}

TEST(analysis_of_few_trials_says_how_many_more)
{
    struct view *v = fill(10);
    const struct value *doc = ask(v, PATH "importance", "{}", NULL);
    ASSERT_EQ(value_get(doc, "parameters")->list.n, 0);
    ASSERT_EQ(value_get_int(doc, "missing", 0), 10);
    doc = ask(v, PATH "surface", "{\"x\":\"lr\",\"y\":\"opt\"}", NULL);
    ASSERT_EQ(value_get(doc, "mean")->kind, VALUE_NULL);
    ASSERT_EQ(value_get_int(doc, "missing", 0), 10);
    kit_end(v);
}

/* The mean at that cell; NaN: it is null. */
static double mean_at(const struct value *doc, size_t x, size_t y)
{
    const struct value *row = value_get(doc, "mean")->list.items[y];
    return row->list.items[x]->kind == VALUE_NULL ? NAN : value_number(row->list.items[x]);
}

TEST(surface_finds_a_planted_valley)
{
    struct view *v = fill(100);
    const struct value *doc = ask(v, PATH "surface", "{\"x\":\"lr\",\"y\":\"opt\"}", NULL);
    ASSERT_STR(value_get_str(value_get(doc, "x"), "scale", ""), "log");
    ASSERT_STR(kit_json(value_get(value_get(doc, "y"), "values")), "[\"a\",\"b\"]");
    ASSERT_EQ(value_get_int(doc, "model", 0), 100);
    for (size_t y = 0; y < 2; y++) {
        size_t best = 0;
        for (size_t x = 0; x < 40; x++) {
            double mean = mean_at(doc, x, y), place = ((double)x + 0.5) / 40;
            if (place > 0.86) /* lr ends at three quarters, and a tenth is near */
                ASSERT(isnan(mean));
            else if (place < 0.75)
                ASSERT(fabs(mean - (pow(4 * place - 1, 2) + (double)y)) < 0.1);
            best = mean < mean_at(doc, best, y) ? x : best;
        }
        ASSERT(best >= 8 && best <= 11); /* 1e-3 is at a quarter */
    }
    doc = ask(v, PATH "surface", "{\"x\":\"depth\",\"y\":\"lr\"}", NULL);
    ASSERT_STR(kit_json(value_get(value_get(doc, "x"), "values")), "[1.0,2.0,3.0,4.0]");
    ASSERT_EQ(value_get(doc, "mean")->list.n, 40);
    refused(v, PATH "surface", "{\"x\":\"lr\"}", "y=");
    refused(v, PATH "surface", "{\"x\":\"lr\",\"y\":\"lr\"}", "the same parameter");
    refused(v, PATH "surface", "{\"x\":\"lr\",\"y\":\"one\"}", "more than one value");
    kit_end(v);
}

TEST(analysis_mark_changes_with_the_trials_that_count)
{
    char id[16], first[ANALYSIS_MARK_BYTES], mark[ANALYSIS_MARK_BYTES];
    struct err err;
    struct view *v = fill(4);
    add_trial(4, false);
    kit_commit();
    ASSERT_EQ(analysis_mark(v, PATH "importance", id, first, &err), 0);
    ASSERT_STR(id, SWEEP);
    kit_log(SWEEP, 4, 1, "{\"loss\":7}\n"); /* of a running trial */
    kit_log("abd456", 11, 1, "{\"loss\":7}\n");
    kit_commit();
    ASSERT_EQ(analysis_mark(v, PATH "importance", id, mark, &err), 0);
    ASSERT_STR(mark, first);
    end_trial(4, TRIAL_FINISHED);
    kit_commit();
    ASSERT_EQ(analysis_mark(v, PATH "importance", id, mark, &err), 0);
    ASSERT(strcmp(mark, first) != 0);
    kit_end(v);
}

TEST(analysis_mark_changes_with_a_rung_that_a_running_trial_reaches)
{
    char id[16], first[ANALYSIS_MARK_BYTES], mark[ANALYSIS_MARK_BYTES];
    struct err err;
    struct view *v = fill(1);
    kit_put("abr456", (struct fact){.kind = FACT_SWEEP_CREATED,
                                    .name = "rungs",
                                    .path = "/data/rungs.yaml",
                                    .workdir = "/data",
                                    .total = 9,
                                    .content = kit_parsed(
                                        "{\"method\":\"random\",\"program\":\"t.py\",\"metric\":{"
                                        "\"name\":\"loss\",\"goal\":\"minimize\"},\"parameters\":{"
                                        "\"x\":{\"min\":0.0,\"max\":1.0}},\"early_terminate\":{"
                                        "\"type\":\"asha\",\"min_iter\":2,\"max_iter\":9}}")});
    kit_put("abr456", (struct fact){.kind = FACT_PROPOSED,
                                    .params = kit_parsed("{\"x\":0.5}"),
                                    .why = kit_parsed("{}")});
    kit_put("abr456", (struct fact){.kind = FACT_LAUNCHED, .attempt = 1});
    kit_log("abr456", 0, 1, "{\"loss\":7}\n");
    kit_commit();
    ASSERT_EQ(analysis_mark(v, "sweeps/abr456/importance", id, first, &err), 0);
    kit_log("abr456", 0, 1, "{\"loss\":6}\n");
    kit_commit();
    ASSERT_EQ(analysis_mark(v, "sweeps/abr456/importance", id, mark, &err), 0);
    ASSERT(strcmp(mark, first) != 0);
    kit_end(v);
}
