/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/runs/runs_answer.h"

#include <string.h>

#include "base/json.h"
#include "orchestrator/runs/runs_alert.h"
#include "orchestrator/runs/runs_file.h"
#include "orchestrator/runs/runs_lines.h"
#include "orchestrator/runs/runs_query.h"
#include "orchestrator/runs/runs_value.h"
#include "orchestrator/view/answer_query.h"

#define ROOT "runs"

/* Media and what wandb keeps for itself, which a table of runs has no room for: {"_type":…} is left of them. */
static struct value *summary_shorten(struct arena *a, const struct value *summary)
{
    struct value *ret = value_dict_with_room(a, summary->dict.n);
    for (size_t i = 0; i < summary->dict.n; i++) {
        const struct value_entry *e = &summary->dict.entries[i];
        const char *type = value_get_str(e->value, "_type", NULL);
        struct value *media = type ? value_dict(a) : NULL;
        if (type)
            value_put(a, media, "_type", value_str(a, type));
        if (strcmp(e->key, "_wandb") != 0)
            value_put_new(ret, e->key, media ? media : e->value);
    }
    return ret;
}

static int runs_put(struct runs *r, struct arena *a, const int64_t *numbers, size_t n,
                    bool is_short, struct value *list, struct err *err)
{
    const struct runs_value_parts all = {true, true};
    for (size_t i = 0; i < n; i++) {
        struct runs_run run;
        struct value *v;
        int rc = runs_run_get(r, a, numbers[i], &run, err);
        rc = rc == 0 ? runs_value_make(r, a, &run, all, &v, err) : rc;
        if (rc != 0)
            return rc;
        if (is_short)
            value_put(a, v, "summary", summary_shorten(a, value_get(v, "summary")));
        value_push(a, list, v);
    }
    return 0;
}

static int runs_list(struct runs *r, struct arena *a, const struct runs_query *q,
                     const struct value *query, struct value **ret, struct err *err)
{
    uint64_t skip = 0, limit = RUNS_ANSWER_RUNS;
    int64_t *numbers = NULL;
    size_t n = 0;
    struct value *list = value_list(a);
    int rc = answer_query_number(query, "skip", INT64_MAX / 16, &skip, err);
    if (rc == 0)
        rc = answer_query_number(query, "limit", RUNS_ANSWER_RUNS_MAX, &limit, err);
    if (rc == 0 && r)
        rc = runs_query_find(r, a, q, &numbers, &n, err);
    if (rc != 0)
        return rc;
    size_t from = skip < n ? (size_t)skip : n;
    size_t count = n - from < limit ? n - from : (size_t)limit;
    bool is_short = strcmp(value_get_str(query, "as", ""), "short") == 0;
    rc = count > 0 ? runs_put(r, a, numbers + from, count, is_short, list, err) : 0;
    *ret = value_dict(a);
    value_put(a, *ret, "total", value_int(a, (int64_t)n));
    value_put(a, *ret, "runs", list);
    return rc;
}

static int answer_runs(struct runs *r, struct arena *a, const struct value *query,
                       struct value **ret, struct err *err)
{
    struct wandb_order order;
    struct wandb_filter *filter;
    const char *filters = value_get_str(query, "filters", "");
    const struct runs_query q = {value_get_str(query, "entity", ""),
                                 value_get_str(query, "project", ""), NULL, &order};
    int rc = wandb_order_parse(a, value_get_str(query, "order", "+created"), &order, err);
    if (rc == 0)
        rc = wandb_filter_parse(filters, strlen(filters), &filter, err);
    if (rc != 0) {
        if (err)
            err->code = ERR_USAGE;
        return ERR_USAGE;
    }
    struct runs_query filtered = q;
    filtered.filter = filter;
    rc = runs_list(r, a, &filtered, query, ret, err);
    wandb_filter_free(filter);
    return rc;
}

static int answer_projects(struct runs *r, struct arena *a, const char *entity, struct value **ret,
                           struct err *err)
{
    *ret = value_list(a);
    return r ? runs_query_projects(r, a, entity, ret, err) : 0;
}

struct lines_taken {
    struct arena *arena;
    struct value *list;
    bool parsed; /* a row, not a text */
};

static bool line_take(void *arg, int64_t number, const char *text, size_t len)
{
    struct lines_taken *t = arg;
    struct value *v = NULL;
    (void)number;
    if (!t->parsed)
        v = value_strn(t->arena, text, len);
    else if (json_parse(t->arena, text, len, &v, NULL) != 0)
        return true;
    value_push(t->arena, t->list, v);
    return true;
}

static int last_put(struct runs *r, struct arena *a, const struct runs_run *run,
                    enum runs_stream stream, const char *key, struct value *v, struct err *err)
{
    struct lines_taken t = {a, value_list(a), stream == RUNS_HISTORY};
    int64_t n = run->lines[stream];
    const struct runs_lines_range last = {n > RUNS_ANSWER_ROWS ? n - RUNS_ANSWER_ROWS : 0, n};
    int rc = n > 0 ? runs_lines_read(r, run->n, stream, &last, line_take, &t, err) : 0;
    value_put(a, v, key, t.list);
    return rc;
}

static void alert_take(void *arg, const struct runs_alert *alert)
{
    struct lines_taken *t = arg;
    struct value *v = value_dict(t->arena);
    value_put(t->arena, v, "time", value_float(t->arena, (double)alert->time / 1000));
    value_put(t->arena, v, "title", value_str(t->arena, alert->title));
    value_put(t->arena, v, "text", value_str(t->arena, alert->text));
    value_put(t->arena, v, "severity", value_str(t->arena, alert->severity));
    value_push(t->arena, t->list, v);
}

static int alerts_put(struct runs *r, struct arena *a, const struct runs_run *run, struct value *v,
                      struct err *err)
{
    struct lines_taken t = {a, value_list(a), false};
    int rc = runs_alert_read(r, run->n, alert_take, &t, err);
    value_put(a, v, "alerts", t.list);
    return rc;
}

static bool file_take(void *arg, const struct runs_file *f)
{
    struct lines_taken *t = arg;
    struct value *v = value_dict(t->arena);
    value_put(t->arena, v, "name", value_str(t->arena, f->name));
    value_put(t->arena, v, "bytes", value_int(t->arena, f->size));
    value_push(t->arena, t->list, v);
    return t->list->list.n < RUNS_ANSWER_FILES;
}

static int files_put(struct runs *r, struct arena *a, const struct runs_run *run, struct value *v,
                     struct err *err)
{
    struct lines_taken t = {a, value_list(a), false};
    int rc = runs_file_list(r, a, RUNS_FILE_RUN, run->n, "", file_take, &t, err);
    value_put(a, v, "files", t.list);
    return rc;
}

int runs_answer_of(struct runs *r, struct arena *a, const struct runs_run *run, struct value **ret,
                   struct err *err)
{
    const struct runs_value_parts all = {true, true};
    int rc = runs_value_make(r, a, run, all, ret, err);
    if (rc == 0)
        rc = files_put(r, a, run, *ret, err);
    return rc ? rc : alerts_put(r, a, run, *ret, err);
}

static int answer_run(struct runs *r, struct arena *a, const char *name, const struct value *query,
                      struct value **ret, struct err *err)
{
    struct runs_run run;
    const struct runs_value_parts all = {true, true};
    const char *entity = value_get_str(query, "entity", NULL);
    const char *project = value_get_str(query, "project", NULL);
    if (!r)
        return err_set(err, ERR_NOT_FOUND, "there is no run %.100s", name);
    int rc = entity && project ? runs_run_find(r, a, entity, project, name, &run, err)
                               : runs_run_find_named(r, a, name, &run, err);
    if (rc == ERR_NOT_FOUND)
        return err_set(err, rc, "there is no run %.100s", name);
    if (rc == 0)
        rc = runs_value_make(r, a, &run, all, ret, err);
    if (rc == 0)
        rc = last_put(r, a, &run, RUNS_HISTORY, "last_rows", *ret, err);
    if (rc == 0)
        rc = last_put(r, a, &run, RUNS_LOG, "log", *ret, err);
    if (rc == 0)
        rc = files_put(r, a, &run, *ret, err);
    return rc ? rc : alerts_put(r, a, &run, *ret, err);
}

int runs_answer(struct runs *r, struct arena *a, const char *path, const struct value *query,
                struct value **ret, struct err *err)
{
    const char *rest = path + strlen(ROOT);
    if (strncmp(path, ROOT, strlen(ROOT)) != 0 || (*rest && *rest != '/'))
        return err_set(err, ERR_NOT_FOUND, "there is no document %.100s", path);
    if (*rest)
        return answer_run(r, a, rest + 1, query, ret, err);
    return value_get_str(query, "project", NULL)
               ? answer_runs(r, a, query, ret, err)
               : answer_projects(r, a, value_get_str(query, "entity", NULL), ret, err);
}
