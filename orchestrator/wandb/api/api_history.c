/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/api/api_history.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "orchestrator/runs/runs_lines.h"
#include "orchestrator/wandb/api/api_history_keys.h"
#include "orchestrator/wandb/api/api_node.h"
#include "protocol/wandb/wandb_field.h"
#include "protocol/wandb/wandb_scalar.h"

enum { SAMPLES = 500, SAMPLES_MAX = 100000, SPECS_MAX = 32, LOG_LINES_MAX = 10000 };

/* Every line whose number is one of `samples`, spread evenly over `total`, with the first and the last. */
struct spread {
    int64_t total, samples, taken;
};

static bool spread_takes(struct spread *s, int64_t place)
{
    bool all = s->total <= s->samples;
    int64_t next = all || s->samples < 2 ? s->taken : s->taken * (s->total - 1) / (s->samples - 1);
    if (s->taken >= s->samples || place < next)
        return false;
    s->taken++;
    return true;
}

static int64_t samples_read(const struct value *v)
{
    int64_t n = value_get_int(v, "samples", SAMPLES);
    return n < 1 ? 1 : n > SAMPLES_MAX ? SAMPLES_MAX : n;
}

static const struct runs_lines_range all_lines = {0, INT64_MAX};

struct texts {
    struct arena *arena;
    struct value *list;
    struct spread spread;
    int64_t place;
};

static bool text_take(void *arg, int64_t number, const char *text, size_t len)
{
    struct texts *t = arg;
    (void)number;
    if (spread_takes(&t->spread, t->place++))
        value_push(t->arena, t->list, value_strn(t->arena, text, len));
    return t->arena->bytes <= API_ANSWER_BYTES;
}

int api_history_full(struct desk_call *c, struct value **ret, struct err *err)
{
    struct runs_run run;
    bool events = api_node_is_asked(c, "events(");
    enum runs_stream stream = events ? RUNS_EVENTS : RUNS_HISTORY;
    int rc = api_node_find(c, &run, err);
    if (rc != 0)
        return rc;
    struct texts t = {
        c->arena, value_list(c->arena), {run.lines[stream], samples_read(c->variables), 0}, 0};
    rc = runs_lines_read(c->runs, run.n, stream, &all_lines, text_take, &t, err);
    if (rc == 0)
        rc = api_node_check_size(c, err);
    *ret = api_node_in_run(c->arena, &run, events ? "events" : "history", t.list);
    return rc;
}

static int64_t step_of(const struct value *row, int64_t fallback)
{
    const struct value *step = value_get(row, "_step");
    if (step && step->kind == VALUE_FLOAT && step->f > -9e18 && step->f < 9e18)
        return (int64_t)step->f;
    return step && step->kind == VALUE_INT ? step->i : fallback;
}

struct pages {
    struct arena *arena, scratch;
    struct value *list;
    int64_t from, to;
    const struct value *keys; /* NULL: any */
    int64_t *numbers;         /* of the rows with all keys */
    size_t n, cap, at;
    struct spread spread;
};

/* In the arena, until the next one; NULL where it is no row of these steps. */
static struct value *row_read(struct pages *p, int64_t number, const char *text, size_t len)
{
    struct value *row = NULL;
    arena_clear(&p->scratch);
    if (json_parse_within(&p->scratch, text, len, LIMIT_WANDB_VALUES, &row, NULL) != 0 ||
        row->kind != VALUE_DICT)
        return NULL;
    int64_t step = step_of(row, number);
    return step >= p->from && step < p->to ? row : NULL;
}

static bool page_take(void *arg, int64_t number, const char *text, size_t len)
{
    struct pages *p = arg;
    if (row_read(p, number, text, len))
        value_push(p->arena, p->list, value_strn(p->arena, text, len));
    return p->arena->bytes <= API_ANSWER_BYTES;
}

static void steps_read(struct pages *p, const struct value *v)
{
    p->from = value_get_int(v, "minStep", INT64_MIN);
    p->to = value_get_int(v, "maxStep", INT64_MAX);
}

int api_history_page(struct desk_call *c, struct value **ret, struct err *err)
{
    struct runs_run run;
    struct pages p = {.arena = c->arena, .list = value_list(c->arena)};
    int rc = api_node_find(c, &run, err);
    if (rc != 0)
        return rc;
    steps_read(&p, c->variables);
    arena_init(&p.scratch);
    rc = runs_lines_read_steps(c->runs, run.n, p.from, p.to, page_take, &p, err);
    arena_done(&p.scratch);
    if (rc == 0)
        rc = api_node_check_size(c, err);
    *ret = api_node_in_run(c->arena, &run, "history", p.list);
    return rc;
}

static bool row_has(const struct value *row, const struct value *keys)
{
    for (size_t i = 0; i < keys->list.n; i++)
        if (!wandb_field_path(row, keys->list.items[i]->s.ptr))
            return false;
    return true;
}

static bool number_take(void *arg, int64_t number, const char *text, size_t len)
{
    struct pages *p = arg;
    const struct value *row = row_read(p, number, text, len);
    if (!row || !row_has(row, p->keys))
        return true;
    p->numbers = mem_grow(p->numbers, &p->cap, p->n + 1, sizeof *p->numbers);
    p->numbers[p->n++] = number;
    return true;
}

static bool sample_take(void *arg, int64_t number, const char *text, size_t len)
{
    struct pages *p = arg;
    if (p->at == p->n || number != p->numbers[p->at])
        return p->at < p->n;
    if (!spread_takes(&p->spread, (int64_t)p->at++))
        return true;
    const struct value *row = row_read(p, number, text, len);
    struct value *sample = value_dict(p->arena);
    for (size_t i = 0; row && i < p->keys->list.n; i++) {
        const char *key = p->keys->list.items[i]->s.ptr;
        value_put(p->arena, sample, key, value_copy(p->arena, wandb_field_path(row, key)));
    }
    value_push(p->arena, p->list, sample);
    return p->arena->bytes <= API_ANSWER_BYTES;
}

static bool keys_are_texts(const struct value *keys)
{
    for (size_t i = 0; keys && keys->kind == VALUE_LIST && i < keys->list.n; i++)
        if (keys->list.items[i]->kind != VALUE_STR)
            return false;
    return keys && keys->kind == VALUE_LIST && keys->list.n > 0;
}

/* Clients since 0.31 mean the last step that they want by maxStep, and ask for as many samples as there are steps. Earlier ones
 * mean the steps before it. */
static bool spec_has_its_end(const struct pages *p, const struct value *spec)
{
    int64_t samples = value_get_int(spec, "samples", 0);
    return p->from > INT64_MIN && samples > 0 && p->from <= INT64_MAX - samples &&
           p->to == p->from + samples - 1;
}

/* First which rows have all keys, then a sample of them: a long history is never in memory. */
static int spec_answer(struct desk_call *c, const struct runs_run *run, const char *text,
                       struct value **ret, struct err *err)
{
    struct value *spec = NULL;
    struct pages p = {.arena = c->arena, .list = value_list(c->arena)};
    if (json_parse(c->arena, text, strlen(text), &spec, NULL) != 0 ||
        !keys_are_texts(value_get(spec, "keys")))
        return err_set(err, ERR_SYNTAX, "specs: expected {\"keys\":[…],\"samples\":…}");
    p.keys = value_get(spec, "keys");
    steps_read(&p, spec);
    if (spec_has_its_end(&p, spec))
        p.to++;
    arena_init(&p.scratch);
    int rc = runs_lines_read_steps(c->runs, run->n, p.from, p.to, number_take, &p, err);
    p.spread = (struct spread){(int64_t)p.n, samples_read(spec), 0};
    if (rc == 0 && p.n > 0)
        rc = runs_lines_read(c->runs, run->n, RUNS_HISTORY,
                             &(struct runs_lines_range){p.numbers[0], p.numbers[p.n - 1] + 1},
                             sample_take, &p, err);
    mem_free(p.numbers);
    arena_done(&p.scratch);
    *ret = p.list;
    return rc ? rc : api_node_check_size(c, err);
}

int api_history_sampled(struct desk_call *c, struct value **ret, struct err *err)
{
    struct runs_run run;
    const struct value *specs = value_get(c->variables, "specs");
    const char *only = desk_call_text(c, "spec");
    struct value *lists = value_list(c->arena), *list;
    int rc = api_node_find(c, &run, err);
    if (rc == 0 && only) {
        rc = spec_answer(c, &run, only, &list, err);
        if (rc == 0)
            value_push(c->arena, lists, list);
    }
    for (size_t i = 0; rc == 0 && specs && specs->kind == VALUE_LIST && i < specs->list.n; i++) {
        const struct value *spec = specs->list.items[i];
        if (i == SPECS_MAX || spec->kind != VALUE_STR)
            return err_set(err, ERR_LIMIT, "specs: expected at most %d texts", SPECS_MAX);
        rc = spec_answer(c, &run, spec->s.ptr, &list, err);
        if (rc == 0)
            value_push(c->arena, lists, list);
    }
    if (rc == 0)
        *ret = api_node_in_run(c->arena, &run, "sampledHistory", lists);
    return rc;
}

struct first_step {
    struct arena scratch;
    int64_t step;
    bool any;
};

static bool first_take(void *arg, int64_t number, const char *text, size_t len)
{
    struct first_step *f = arg;
    struct value *row = NULL;
    arena_clear(&f->scratch);
    if (json_parse_within(&f->scratch, text, len, LIMIT_WANDB_VALUES, &row, NULL) != 0)
        return true;
    int64_t step = step_of(row, number);
    f->step = !f->any || step < f->step ? step : f->step;
    f->any = true;
    return true;
}

/* besom has no Parquet files: all rows are live, and the client then asks for them page by page. All it takes from liveData is
 * the lowest step, so one row says it. */
int api_history_parquet(struct desk_call *c, struct value **ret, struct err *err)
{
    struct runs_run run;
    struct first_step first = {.any = false};
    struct value *parquet = value_dict(c->arena), *live = value_list(c->arena);
    int rc = api_node_find(c, &run, err);
    if (rc != 0)
        return rc;
    arena_init(&first.scratch);
    rc = runs_lines_read(c->runs, run.n, RUNS_HISTORY, &all_lines, first_take, &first, err);
    arena_done(&first.scratch);
    if (first.any)
        value_push(c->arena, live,
                   api_node_wrap(c->arena, "_step", value_int(c->arena, first.step)));
    value_put(c->arena, parquet, "parquetUrls", value_list(c->arena));
    value_put(c->arena, parquet, "liveData", live);
    *ret = api_node_in_run(c->arena, &run, "parquetHistory", parquet);
    return rc;
}

int api_history_keys(struct desk_call *c, struct value **ret, struct err *err)
{
    struct runs_run run;
    struct value *keys;
    int rc = api_node_find(c, &run, err);
    if (rc == 0)
        rc = api_history_keys_of(c, &run, &keys, err);
    if (rc == 0)
        *ret = api_node_in_run(c->arena, &run, "historyKeys", keys);
    return rc;
}

struct log_lines {
    struct arena *arena;
    struct value *edges;
};

/* A line is `2026-11-21T08:03:59.826126 text`, with ERROR in front if it came from stderr. */
static struct value *log_node(struct arena *a, int64_t number, const char *text, size_t len)
{
    static const char error[] = "ERROR ";
    const size_t n = sizeof error - 1;
    struct value *node = value_dict(a);
    bool failed = len >= n && memcmp(text, error, n) == 0;
    const char *rest = failed ? text + n : text, *end = text + len;
    const char *space = memchr(rest, ' ', (size_t)(end - rest));
    const char *time = space ? arena_strndup(a, rest, (size_t)(space - rest)) : "";
    double seconds;
    bool timed = wandb_scalar_time(time, &seconds);
    rest = timed ? space + 1 : rest;
    value_put(a, node, "number", value_int(a, number));
    value_put(a, node, "timestamp", timed ? value_str(a, time) : value_null(a));
    value_put(a, node, "level", value_str(a, failed ? "error" : ""));
    value_put(a, node, "label", value_str(a, ""));
    value_put(a, node, "line", value_strn(a, rest, (size_t)(end - rest)));
    return node;
}

static bool log_take(void *arg, int64_t number, const char *text, size_t len)
{
    struct log_lines *l = arg;
    value_push(l->arena, l->edges,
               api_node_wrap(l->arena, "node", log_node(l->arena, number, text, len)));
    return true;
}

static struct runs_lines_range log_range(const struct desk_call *c, int64_t total)
{
    const char *after = desk_call_text(c, "after");
    int64_t last = value_get_int(c->variables, "last", -1);
    int64_t first = value_get_int(c->variables, "first", LOG_LINES_MAX);
    int64_t from = after ? strtoll(after, NULL, 10) + 1 : 0;
    if (last >= 0) {
        last = last > LOG_LINES_MAX ? LOG_LINES_MAX : last;
        return (struct runs_lines_range){last < total ? total - last : 0, total};
    }
    first = first < 1 ? 1 : first > LOG_LINES_MAX ? LOG_LINES_MAX : first;
    from = from < 0 ? 0 : from > total ? total : from;
    return (struct runs_lines_range){from, total - from < first ? total : from + first};
}

int api_history_log(struct desk_call *c, struct value **ret, struct err *err)
{
    struct runs_run run;
    struct arena *a = c->arena;
    struct log_lines l = {a, value_list(a)};
    struct value *lines = value_dict(a), *info = value_dict(a);
    int rc = api_node_find(c, &run, err);
    if (rc != 0)
        return rc;
    const struct runs_lines_range range = log_range(c, run.lines[RUNS_LOG]);
    rc = runs_lines_read(c->runs, run.n, RUNS_LOG, &range, log_take, &l, err);
    value_put(a, info, "hasNextPage", value_bool(a, range.to < run.lines[RUNS_LOG]));
    value_put(a, info, "endCursor", value_str(a, arena_printf(a, "%" PRId64, range.to - 1)));
    value_put(a, lines, "edges", l.edges);
    value_put(a, lines, "pageInfo", info);
    *ret = api_node_in_run(a, &run, "logLines", lines);
    struct value *node =
        (struct value *)(uintptr_t)value_get(value_get(value_get(*ret, "data"), "project"), "run");
    value_put(a, node, "logLineCount", value_int(a, run.lines[RUNS_LOG]));
    return rc;
}
