/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs a method on the tasks by the lines of `besom ask`, in memory, and prints a line of JSON for
 * each run: the loss of the incumbent after each result, in the form of ../shared/search-bench.
 * search_run METHOD FROM TO [--trials N] [--workers N] [--folder DIR] [--prior KIND] [--recommended] [TASK|CLASS…]
 * KIND: results of a sweep of 50 trials by the same method are told first: of the `same` task, of one whose optimum lies
 * elsewhere (`shifted`), of `none` at all (numbers without meaning), or the `reverse`.
 * --recommended: the incumbent is the trial that `besom best` recommends, not the one with the best result seen. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/number/rng.h"
#include "language/spec_read.h"
#include "strategies/ask.h"
#include "strategies/bayes/recommend.h"
#include "strategies/strategy.h"
#include "sweep/coordinate.h"
#include "tests/bench/search/task.h"

enum { TASKS_MAX = 64, WORKERS_MAX = 64, PRIOR_ROWS = 50 };
#define SHIFT 0.15

struct options {
    const char *method, *folder, *prior;
    int from, to, trials;
    int workers; /* on every task; 0: as many as the task says */
    char **only;
    int only_n;
    bool recommended;
};

struct conversation {
    struct ask *ask;
    struct arena arena;
    struct value *answer;
};

struct worker {
    bool busy;
    double until;
    long trial, order;
    struct value *params;
    struct arena arena;
};

static double wall_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "search_run: %s: %s\n", what, why);
    exit(1);
}

static void hear(void *to, const char *line, size_t len)
{
    struct conversation *c = to;
    struct err err = {0};
    if (json_parse(&c->arena, line, len, &c->answer, &err) != 0)
        fail("the answer", err.text);
    if (value_get(c->answer, "error"))
        fail("the answer", value_get_str(c->answer, "error", ""));
}

static void say(struct conversation *c, const char *line)
{
    arena_clear(&c->arena);
    c->answer = NULL;
    ask_line(c->ask, line, strlen(line), hear, c);
}

static bool ask_next(struct conversation *c, struct worker *w)
{
    say(c, "{\"op\":\"ask\"}");
    if (!value_get(c->answer, "params"))
        return false;
    arena_clear(&w->arena);
    w->params = value_copy(&w->arena, value_get(c->answer, "params"));
    w->trial = (long)value_get_int(c->answer, "trial", -1);
    return true;
}

static void tell_result(struct conversation *c, long trial, double loss)
{
    char line[128];
    (void)snprintf(
        line, sizeof line,
        "{\"op\":\"tell\",\"trial\":%ld,\"state\":\"finished\",\"metrics\":{\"loss\":%.17g}}",
        trial, loss);
    say(c, line);
}

static struct worker *first_done(struct worker *workers, int n)
{
    struct worker *first = NULL;
    for (int i = 0; i < n; i++)
        if (workers[i].busy && (!first || workers[i].until < first->until))
            first = &workers[i];
    return first;
}

/* What the user of `besom best` sees: the trials and what they gave, and the losses without noise. */
struct observed {
    const struct spec *spec;
    uint64_t seed;
    struct history history;
    double *losses; /* of each trial */
};

static void observed_init(struct observed *o, const struct spec *spec, int seed, int trials)
{
    const struct objective_rule rule = {0}; /* a loss */
    *o = (struct observed){.spec = spec, .seed = (uint64_t)seed};
    o->losses = mem_alloc((size_t)trials * sizeof *o->losses);
    history_init(&o->history, &spec->space, &rule);
}

static void observed_done(struct observed *o)
{
    history_done(&o->history);
    mem_free(o->losses);
}

/* The loss of the recommended trial; otherwise, where none is recommended, that of the best seen. */
static double recommended_loss(const struct observed *o, double otherwise)
{
    struct recommend r;
    recommend_trials(&o->history, o->spec, o->seed, &r);
    return r.n > 0 ? o->losses[r.top[0].trial] : otherwise;
}

/* Workers take log-normal times, which are the same for each method, as is the noise. */
static void run_trials(const struct task *t, int seed, int trials, struct conversation *c,
                       struct observed *o, double *ret, double *ret_ask)
{
    struct worker workers[WORKERS_MAX] = {0};
    double now = 0, best = INFINITY, incumbent = NAN;
    int asked = 0;
    for (int i = 0; i < t->batch; i++)
        arena_init(&workers[i].arena);
    for (int done = 0; done < trials; done++) {
        for (int i = 0; i < t->batch && asked < trials; i++) {
            struct rng rng;
            if (workers[i].busy)
                continue;
            double start = wall_seconds();
            if (!ask_next(c, &workers[i]))
                fail(t->name, "nothing more to ask for");
            *ret_ask += (wall_seconds() - start) / trials;
            if (o)
                history_add(&o->history, workers[i].params);
            rng_init(&rng, (uint64_t)seed, (uint64_t)asked, RNG_TEST);
            workers[i].busy = true;
            workers[i].until = now + exp(0.5 * rng_normal(&rng));
            workers[i].order = asked++;
        }
        struct worker *w = first_done(workers, t->batch);
        if (!w)
            fail(t->name, "no worker is busy");
        struct rng rng;
        rng_init(&rng, (uint64_t)seed + 1000003, (uint64_t)w->order, RNG_TEST);
        now = w->until;
        w->busy = false;
        double loss = t->f(t, w->params), seen = loss + t->noise * rng_normal(&rng);
        tell_result(c, w->trial, seen);
        if (seen < best) {
            best = seen;
            incumbent = loss;
        }
        ret[done] = incumbent;
        if (o) {
            o->losses[w->trial] = loss;
            history_set(&o->history, (uint64_t)w->trial,
                        &(struct history_fate){.state = TRIAL_FINISHED, .objective = seen});
            if (done == 9 || done % 25 == 24) /* where search_table.py looks */
                ret[done] = recommended_loss(o, incumbent);
        }
    }
    for (int i = 0; i < t->batch; i++)
        arena_done(&workers[i].arena);
}

/* The same point moved by SHIFT in each number, as far as its range goes. */
static struct value *moved(struct arena *a, const struct spec *spec, const struct value *params)
{
    struct coordinates c;
    const struct space *space = &spec->space;
    struct value **values = arena_alloc(a, (space->n + 1) * sizeof *values);
    coordinates_init(&c, space);
    double *x = arena_alloc(a, (c.n + 1) * sizeof *x);
    coordinates_of(&c, params, x);
    for (size_t i = 0; i < space->n; i++) {
        const struct value *v = space_lookup(params, &space->parameters[i]);
        values[i] = v ? value_copy(a, v) : NULL;
        for (size_t j = 0; v && j < c.n; j++)
            if (c.items[j].p == &space->parameters[i] && !coordinate_is_category(&c.items[j]))
                values[i] = space_ppf(a, c.items[j].p, fmin(x[j] + SHIFT, 1));
    }
    coordinates_done(&c);
    return space_nest(a, space, values);
}

static double prior_loss(struct arena *a, const struct task *t, const struct spec *spec,
                         const char *kind, const struct value *params, struct rng *rng)
{
    double loss = strcmp(kind, "none") == 0 ? rng_normal(rng)
                  : strcmp(kind, "shifted") == 0
                      ? t->f(t, value_whole_as_int(a, moved(a, spec, params)))
                      : t->f(t, params);
    loss += t->noise * rng_normal(rng);
    return strcmp(kind, "reverse") == 0 ? -loss : loss;
}

/* An earlier sweep by the same method, of PRIOR_ROWS trials. */
static struct value *make_prior(struct arena *a, const struct task *t, const struct spec *spec,
                                const char *kind, int seed)
{
    struct strategy *earlier;
    struct err err = {0};
    struct value *source = value_dict(a), *rows = value_list(a), *list = value_list(a);
    if (strategy_new(spec, (uint64_t)seed + 777, &earlier, &err) != 0)
        fail(t->name, err.text);
    for (uint64_t i = 0; i < PRIOR_ROWS; i++) {
        struct rng rng;
        struct proposal p;
        struct value *row = value_list(a);
        if (strategy_propose(earlier, a, &p, &err) != 0)
            break;
        rng_init(&rng, (uint64_t)seed + 2000003, i, RNG_TEST);
        double loss = prior_loss(a, t, spec, kind, p.params, &rng);
        strategy_report(earlier, i,
                        &(struct history_fate){.state = TRIAL_FINISHED, .objective = loss});
        value_push(a, row, p.params);
        value_push(a, row, value_float(a, loss));
        value_push(a, rows, row);
    }
    strategy_free(earlier);
    value_put(a, source, "source", value_str(a, kind));
    value_put(a, source, "rows", rows);
    value_push(a, list, source);
    return list;
}

static void run_task(const struct task *t, const struct options *o, int seed)
{
    struct buf text;
    struct arena a;
    struct diags diags;
    struct err err = {0};
    struct conversation c = {0};
    double *losses = mem_alloc((size_t)o->trials * sizeof *losses), ask_s = 0;
    buf_init(&text, SIZE_MAX);
    arena_init(&a);
    arena_init(&c.arena);
    task_spec(t, o->method, &text);
    diags_init(&diags, &a, t->name);
    struct spec *spec = spec_read(buf_str(&text), text.len, &diags);
    if (!spec)
        fail(t->name, diags.n ? diags.items[0].message : "the spec is refused");
    if (ask_new(spec, (uint64_t)seed, &c.ask, &err) != 0)
        fail(t->name, err.text);
    if (o->prior)
        ask_set_prior(c.ask, make_prior(&a, t, spec, o->prior, seed));
    struct observed observed;
    if (o->recommended)
        observed_init(&observed, spec, seed, o->trials);
    run_trials(t, seed, o->trials, &c, o->recommended ? &observed : NULL, losses, &ask_s);
    if (o->recommended)
        observed_done(&observed);
    printf("{\"task\":\"%s\",\"class\":\"%s\",\"best\":%.9g,\"alg\":\"besom "
           "%s%s%s%s\",\"seed\":%d,\"N\":%d,\"ask\":%.6f,\"traj\":[",
           t->name, t->class, t->best, o->method, o->prior ? " prior " : "",
           o->prior ? o->prior : "", o->recommended ? " recommended" : "", seed, o->trials, ask_s);
    for (int i = 0; i < o->trials; i++)
        printf("%s%.6g", i ? "," : "", losses[i]);
    printf("]}\n");
    (void)fflush(stdout);
    ask_free(c.ask);
    spec_free(spec);
    arena_done(&c.arena);
    arena_done(&a);
    buf_done(&text);
    mem_free(losses);
}

static bool is_wanted(const struct options *o, const struct task *t)
{
    for (int i = 0; i < o->only_n; i++)
        if (strcmp(o->only[i], t->name) == 0 || strcmp(o->only[i], t->class) == 0)
            return true;
    return o->only_n == 0;
}

int main(int argc, char **argv)
{
    struct options o = {.folder = "../shared/search-bench", .trials = 50};
    struct task tasks[TASKS_MAX];
    size_t missing;
    if (argc < 4)
        fail("usage", "search_run METHOD FROM TO [--trials N] [--workers N] [--folder DIR] "
                      "[TASK|CLASS…]");
    o.method = argv[1];
    o.from = (int)strtol(argv[2], NULL, 10);
    o.to = (int)strtol(argv[3], NULL, 10);
    int at = 4;
    for (; at + 1 < argc && strncmp(argv[at], "--", 2) == 0; at += 2)
        if (strcmp(argv[at], "--recommended") == 0)
            o.recommended = at-- > 0;
        else if (strcmp(argv[at], "--trials") == 0)
            o.trials = (int)strtol(argv[at + 1], NULL, 10);
        else if (strcmp(argv[at], "--workers") == 0)
            o.workers = (int)strtol(argv[at + 1], NULL, 10);
        else if (strcmp(argv[at], "--prior") == 0)
            o.prior = argv[at + 1];
        else
            o.folder = argv[at + 1];
    o.only = argv + at;
    o.only_n = argc - at;
    if (o.workers < 0 || o.workers > WORKERS_MAX)
        fail("--workers", "from 1 to 64");
    size_t n = tasks_load(o.folder, tasks, TASKS_MAX, &missing);
    for (size_t i = 0; i < n && o.workers > 0; i++)
        tasks[i].batch = o.workers;
    if (missing > 0)
        fprintf(stderr, "search_run: %zu tasks left out: their forests are not in %s\n", missing,
                o.folder);
    for (int seed = o.from; seed < o.to; seed++)
        for (size_t i = 0; i < n; i++)
            if (is_wanted(&o, &tasks[i]))
                run_task(&tasks[i], &o, seed);
    return 0;
}
