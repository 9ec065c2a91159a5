/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/desk_resume.h"

#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"
#include "orchestrator/runs/runs_lines.h"
#include "orchestrator/wandb/desk_bucket.h"
#include "orchestrator/wandb/desk_scope.h"

static bool line_keep(void *arg, int64_t number, const char *text, size_t len)
{
    struct buf *last = arg;
    (void)number;
    buf_clear(last);
    buf_add(last, text, len);
    return true;
}

/* NULL: there is none. */
static int line_last(struct desk_call *c, const struct runs_run *run, enum runs_stream stream,
                     const char **ret, struct err *err)
{
    int64_t n = run->lines[stream];
    struct buf last;
    buf_init(&last, SIZE_MAX);
    int rc = runs_lines_read(c->runs, run->n, stream, &(struct runs_lines_range){n - 1, n},
                             line_keep, &last, err);
    *ret = last.len > 0 ? arena_strndup(c->arena, buf_peek(&last), last.len) : NULL;
    buf_done(&last);
    return rc;
}

/* `t` of _wandb, which wandb's client writes when a run begins; NULL: it is missing. */
static const char *telemetry_of(struct desk_call *c, const char *config)
{
    struct value *v = NULL;
    if (json_parse(c->arena, config, strlen(config), &v, NULL) != 0)
        return NULL;
    const struct value *t = value_get(value_get(value_get(v, "_wandb"), "value"), "t");
    return t ? json_text(c->arena, t, JSON_COMPACT) : NULL;
}

int desk_resume(struct desk_call *c, struct value **ret, struct err *err)
{
    struct runs_run run;
    struct wandb_answer_past past = {0};
    const char *config = NULL;
    int rc = desk_bucket_named(c, "entity", "project", "name", &run, err);
    if (rc == ERR_NOT_FOUND) {
        *ret = wandb_answer_resume(c->arena, NULL, NULL);
        return 0;
    }
    if (rc == 0)
        rc = line_last(c, &run, RUNS_HISTORY, &past.last_row, err);
    if (rc == 0)
        rc = line_last(c, &run, RUNS_EVENTS, &past.last_event, err);
    if (rc == 0)
        rc = runs_run_document(c->runs, c->arena, run.n, RUNS_SUMMARY, &past.summary, err);
    if (rc == 0)
        rc = runs_run_document(c->runs, c->arena, run.n, RUNS_CONFIG, &config, err);
    if (rc != 0)
        return rc;
    struct wandb_answer_run answer = desk_bucket_answer(c, &run);
    answer.config = config;
    past.tags = run.tags;
    past.notes = run.notes;
    past.events = (uint64_t)run.lines[RUNS_EVENTS];
    past.log = (uint64_t)run.lines[RUNS_LOG];
    past.telemetry = telemetry_of(c, config);
    past.begun = past.telemetry || run.lines[RUNS_HISTORY] > 0;
    *ret = wandb_answer_resume(c->arena, &answer, &past);
    return 0;
}

enum { SCRATCH_BYTES = 8 << 20 };

/* A name of the summary, with its value in the last row that has it. */
struct kept {
    char *key;
    struct value *value;
};

/* Reads rows up to the first one beyond the step, and what the summary is there. */
struct rewinding {
    struct arena arena; /* of the values; copied to a new one when most of it is old */
    struct map keys;    /* name -> struct kept * */
    double step;
    int64_t rows; /* that stay */
};

static void rewinding_keep(struct rewinding *r, const struct value_entry *e)
{
    struct kept *k = map_find(&r->keys, e->key, strlen(e->key));
    if (!k) {
        k = mem_alloc(sizeof *k);
        k->key = mem_strdup(e->key);
        map_put(&r->keys, e->key, strlen(e->key), k);
    }
    k->value = e->value;
}

static void rewinding_forget(struct rewinding *r)
{
    struct arena fresh;
    void *kept;
    arena_init(&fresh);
    for (size_t at = 0; map_next(&r->keys, &at, &kept);)
        ((struct kept *)kept)->value = value_copy(&fresh, ((struct kept *)kept)->value);
    arena_done(&r->arena);
    r->arena = fresh;
    r->arena.bytes = 0;
}

static bool rewinding_row(void *arg, int64_t number, const char *text, size_t len)
{
    struct rewinding *r = arg;
    struct value *row = NULL;
    bool read = json_parse_within(&r->arena, text, len, LIMIT_WANDB_VALUES, &row, NULL) == 0 &&
                row->kind == VALUE_DICT;
    if (read && value_get_float(row, "_step", -1) > r->step)
        return false;
    r->rows = number + 1;
    for (size_t i = 0; read && i < row->dict.n; i++)
        rewinding_keep(r, &row->dict.entries[i]);
    if (r->arena.bytes > SCRATCH_BYTES)
        rewinding_forget(r);
    return true;
}

/* As text; frees what the rewinding has. */
static const char *rewinding_summary(struct rewinding *r, struct arena *a)
{
    struct value *summary = value_dict_with_room(a, r->keys.live);
    void *kept;
    for (size_t at = 0; map_next(&r->keys, &at, &kept);) {
        struct kept *k = kept;
        value_put_new(summary, arena_strdup(a, k->key), k->value);
    }
    const char *text = json_text(a, summary, JSON_PYTHON);
    for (size_t at = 0; map_next(&r->keys, &at, &kept);) {
        mem_free(((struct kept *)kept)->key);
        mem_free(kept);
    }
    map_done(&r->keys);
    arena_done(&r->arena);
    return text;
}

static int run_rewind(struct desk_call *c, struct runs_run *run, double step, struct err *err)
{
    struct rewinding r = {.step = step};
    const struct runs_lines_range all = {0, INT64_MAX};
    map_init(&r.keys);
    arena_init(&r.arena);
    int rc = runs_lines_read(c->runs, run->n, RUNS_HISTORY, &all, rewinding_row, &r, err);
    const char *summary = rewinding_summary(&r, c->arena);
    if (rc == 0)
        rc = runs_lines_cut(c->runs, run->n, RUNS_HISTORY, r.rows, err);
    if (rc == 0)
        rc = runs_run_put_document(c->runs, run->n, RUNS_SUMMARY, summary, strlen(summary), err);
    run->lines[RUNS_HISTORY] = r.rows;
    return rc ? rc : runs_run_beat(c->runs, run, err);
}

int desk_resume_rewind(struct desk_call *c, struct value **ret, struct err *err)
{
    struct runs_run run;
    const char *metric = desk_call_text(c, "metricName");
    const struct value *step = value_get(c->variables, "metricValue");
    if (!metric || strcmp(metric, "_step") != 0 || !step || !value_is_number(step))
        return err_set(err, ERR_USAGE, "besom rewinds runs to a value of _step alone");
    int rc = desk_bucket_named(c, "entity", "project", "runName", &run, err);
    if (rc == 0)
        rc = desk_scope_need(c, &run, err);
    if (rc == 0)
        rc = run_rewind(c, &run, value_number(step), err);
    if (rc != 0)
        return rc;
    struct wandb_answer_run answer = desk_bucket_answer(c, &run);
    rc = runs_run_document(c->runs, c->arena, run.n, RUNS_CONFIG, &answer.config, err);
    *ret = wandb_answer_rewind(c->arena, &answer);
    return rc;
}
