/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/obeyed.h"
#include "tests/test.h"
#include "language/spec_read.h"

struct answer {
    size_t n;
    int line, column;
    char path[64], message[256];
};

static struct answer ask(const char *text, enum obeyed_use use)
{
    struct answer answer = {0};
    struct arena arena;
    struct diags d;
    arena_init(&arena);
    diags_init(&d, &arena, "sweep.yaml");
    struct spec *s = spec_read(text, strlen(text), &d);
    if (!s)
        FAIL("%s: %s", text, d.items[0].message);
    size_t before = d.n;
    ASSERT_EQ(obeyed_check(s, use, &d), d.errors == 0);
    answer.n = d.n - before;
    if (answer.n > 0) {
        const struct diag *first = &d.items[before];
        answer.line = first->line;
        answer.column = first->column;
        snprintf(answer.path, sizeof answer.path, "%s", first->path);
        snprintf(answer.message, sizeof answer.message, "%s", first->message);
    }
    spec_free(s);
    arena_done(&arena);
    return answer;
}

static void refused(const char *text, enum obeyed_use use, const char *path, int line, int column)
{
    struct answer said = ask(text, use);
    ASSERT_EQ(said.n, 1);
    ASSERT_STR(said.path, path);
    ASSERT_EQ(said.line, line);
    ASSERT_EQ(said.column, column);
    ASSERT(strstr(said.message, "not supported yet"));
}

static void obeyed(const char *text, enum obeyed_use use)
{
    struct answer said = ask(text, use);
    if (said.n > 0)
        FAIL("%s: %s", text, said.message);
}

#define SPACE "program: t\nparameters: {a: {values: [1, 2]}}\n"

TEST(supported_specs_are_accepted)
{
    static const char *const specs[] = {
        SPACE "method: grid\n",
        SPACE "method: bayes\nmetric: {name: loss}\n",
        SPACE "method: tpe\nmetric: {name: loss}\nstrategy: {candidates: 9}\n",
        SPACE "method: sobol\nmetric: {name: loss, impute: best}\nrun_cap: 3\n",
        SPACE "method: random\nbudget: {trials: 3, wall: 1h, until: '18:00'}\nresources: {cpus: 2, "
              "gpus: 0, time: 1h}\n",
        SPACE "method: random\nearly_terminate: hyperband\n", /* which stops nothing */
        SPACE "method: random\nmetric: {name: loss}\nearly_terminate: {type: asha}\n",
        SPACE "method: random\nmetric: {name: loss}\nearly_terminate: {type: median}\n",
        SPACE "method: random\nmetric: {name: loss}\n"
              "early_terminate: {type: hyperband, min_iter: 1}\n",
    };
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        obeyed(specs[i], OBEYED_RUN);
        obeyed(specs[i], OBEYED_ASK);
    }
}

TEST(unsupported_keys_are_refused_at_their_place_and_once)
{
    static const char metric[] = "metric: {name: loss}\n";
    static const struct {
        const char *text, *path;
        int line, column;
        bool ask;
    } cases[] = {
        {"method: custom\n", "method", 4, 9, true},
        {"method: random\nresources: {labels: [a]}\n", "resources.labels", 5, 13, false},
        {"method: random\nscheduler: {engine: wandb}\n", "scheduler", 5, 1, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        snprintf(text, sizeof text, "%s%s%s", SPACE, metric, cases[i].text);
        refused(text, OBEYED_RUN, cases[i].path, cases[i].line, cases[i].column);
        if (cases[i].ask)
            refused(text, OBEYED_ASK, cases[i].path, cases[i].line, cases[i].column);
        else
            obeyed(text, OBEYED_ASK);
        if (!cases[i].ask)
            obeyed(text, OBEYED_FLEET);
    }
    obeyed(SPACE "method: bayes\nmetrics: [{name: a}, {name: b, goal: maximize}]\n", OBEYED_RUN);
}

TEST(a_stopper_without_a_metric_is_refused)
{
    struct answer said = ask(SPACE "method: random\nearly_terminate: {type: asha}\n", OBEYED_ASK);
    ASSERT_EQ(said.n, 1);
    ASSERT_STR(said.path, "early_terminate");
    ASSERT(strstr(said.message, "needs a metric"));
}
