/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/view_answer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/yaml/yaml_print.h"
#include "language/spec_read.h"
#include "orchestrator/view/curves/view_curves.h"
#include "orchestrator/view/curves/view_reduce.h"
#include "orchestrator/view/curves/view_rungs.h"
#include "orchestrator/view/pace/view_fleet.h"
#include "orchestrator/view/pace/view_pace.h"
#include "orchestrator/view/explain/explain_lines.h"
#include "orchestrator/view/explain/explain_log.h"
#include "orchestrator/view/pace/view_timeline.h"
#include "orchestrator/view/answer_query.h"
#include "orchestrator/view/arrays/view_arrays.h"
#include "orchestrator/view/view_inside.h"
#include "orchestrator/view/view_proposals.h"
#include "orchestrator/view/view_retry.h"
#include "orchestrator/view/trust/view_trust.h"

#define AUDIT "audit/"

struct answer {
    struct view *v;
    const struct value *query;
    struct buf *out;
    struct arena arena;
    enum json_style style;
    uint64_t skip, limit, given; /* of rows */
    struct view_reduce reduce;   /* of trials */
    struct err *err;             /* of what a row needs, and its result */
    int rc;
    const struct spec *spec; /* of proposals */
    char sweep[16];
    uint64_t trial;
};

static int answer_print(struct answer *a, const struct value *v, struct err *err)
{
    json_print(a->out, v, a->style);
    buf_addc(a->out, '\n');
    return a->out->overflow ? err_set(err, ERR_LIMIT, "the answer is too large: ask for fewer rows")
                            : 0;
}

static int query_rows(struct answer *a, struct err *err)
{
    a->limit = VIEW_ANSWER_ROWS;
    int rc = answer_query_number(a->query, "skip", INT64_MAX / 16, &a->skip, err);
    if (rc == 0)
        rc = answer_query_number(a->query, "limit", VIEW_ANSWER_ROWS_MAX, &a->limit, err);
    return rc;
}

/* Appends a row of a list; nonzero if no further row fits. */
static int row_print(void *arg, const struct value *row)
{
    struct answer *a = arg;
    if (a->skip > 0) {
        a->skip--;
        return 0;
    }
    if (a->given == a->limit)
        return 1;
    buf_adds(a->out, a->given++ ? ",\n" : "");
    json_print(a->out, row, a->style);
    return a->out->overflow;
}

static int rows_end(struct answer *a, int rc, struct err *err)
{
    buf_adds(a->out, "]\n");
    if (rc == 0 && a->out->overflow)
        rc = err_set(err, ERR_LIMIT, "the answer is too large: ask for fewer rows");
    return rc;
}

static int answer_sweeps(struct answer *a, struct err *err)
{
    struct value *list;
    struct view_sweeps_query q = {.text = value_get_str(a->query, "q", NULL),
                                  .state = value_get_str(a->query, "state", NULL),
                                  .sort = value_get_str(a->query, "sort", NULL),
                                  .descending = value_get(a->query, "desc") != NULL};
    bool all = !q.text && !q.state && !q.sort && !q.descending && !value_get(a->query, "skip");
    if (all && !value_get(a->query, "limit")) {
        int rc = view_sweeps(a->v, &a->arena, &list, err);
        return rc ? rc : answer_print(a, list, err);
    }
    int rc = query_rows(a, err);
    q.skip = a->skip;
    q.limit = a->limit;
    if (rc == 0)
        rc = view_sweeps_page(a->v, &a->arena, &q, &list, err);
    return rc ? rc : answer_print(a, list, err);
}

static int find_what(struct answer *a, const char *what, bool *ret_trial, struct err *err)
{
    const char *as = value_get_str(a->query, "as", "any");
    if (strcmp(as, "sweep") == 0)
        return view_find_sweep(a->v, what, a->sweep, err);
    *ret_trial = true;
    if (strcmp(as, "trial") == 0)
        return view_find_trial(a->v, what, a->sweep, &a->trial, err);
    return view_find(a->v, what, a->sweep, ret_trial, &a->trial, err);
}

static int answer_tokens(struct answer *a, struct err *err)
{
    struct value *tokens;
    int rc = view_tokens(a->v, &a->arena, &tokens, err);
    return rc ? rc : answer_print(a, tokens, err);
}

static int answer_actions(struct answer *a, const char *limit, struct err *err)
{
    struct value *actions;
    uint64_t n = strtoull(limit, NULL, 10);
    if (n == 0 || n > VIEW_ANSWER_ROWS_MAX)
        return err_set(err, ERR_USAGE, "audit/%.20s: ask for 1 to %d actions", limit,
                       VIEW_ANSWER_ROWS_MAX);
    int rc = view_actions(a->v, &a->arena, n, &actions, err);
    return rc ? rc : answer_print(a, actions, err);
}

static int answer_find(struct answer *a, struct err *err)
{
    const char *path = value_get_str(a->query, "path", NULL);
    const char *what = value_get_str(a->query, "what", "last");
    struct value *found = value_dict(&a->arena);
    bool trial = false;
    int rc = path
                 ? view_find_path(a->v, path, value_get_str(a->query, "place", NULL), a->sweep, err)
                 : find_what(a, what, &trial, err);
    if (rc)
        return rc;
    value_put(&a->arena, found, "sweep", value_str(&a->arena, a->sweep));
    value_put(&a->arena, found, "trial",
              trial ? value_int(&a->arena, (int64_t)a->trial) : value_null(&a->arena));
    return answer_print(a, found, err);
}

static int answer_sweep(struct answer *a, struct err *err)
{
    struct value *sweep;
    int rc = view_sweep(a->v, &a->arena, a->sweep, &sweep, err);
    return rc ? rc : answer_print(a, sweep, err);
}

/* A row with the sweep's metric as `reduced`. */
static int reduced_print(void *arg, const struct value *row)
{
    struct answer *a = arg;
    struct arena one;
    double value = 0;
    bool has;
    arena_init(&one);
    struct value *with = value_copy(&one, row);
    a->rc = view_reduce_read(a->v, a->sweep, (uint64_t)value_get_int(row, "number", 0), &a->reduce,
                             &has, &value, a->err);
    value_put(&one, with, "reduced", has ? value_float(&one, value) : value_null(&one));
    int rc = a->rc < 0 ? a->rc : row_print(a, with);
    arena_done(&one);
    return rc;
}

static int answer_trials(struct answer *a, struct err *err)
{
    const char *reduce = value_get_str(a->query, "reduce", NULL);
    int rc = query_rows(a, err);
    if (rc == 0 && reduce)
        rc = view_reduce_find(a->v, &a->arena, a->sweep, reduce, &a->reduce, err);
    const char *sort = value_get_str(a->query, "sort", NULL);
    struct view_query q = {.state = value_get_str(a->query, "state", NULL),
                           .filter = value_get_str(a->query, "filter", NULL),
                           .sort = sort,
                           .descending = value_get(a->query, "desc") != NULL,
                           .skip = a->skip,
                           .limit = a->limit};
    if (rc)
        return rc;
    buf_adds(a->out, "[");
    a->skip = 0;
    a->err = err;
    if (a->limit > 0)
        rc = view_trials(a->v, a->sweep, &q, reduce ? reduced_print : row_print, a, err);
    rc = a->rc < 0 ? a->rc : rc;
    return rows_end(a, rc, err);
}

static int answer_best(struct answer *a, struct err *err)
{
    struct value *best;
    int rc = view_best(a->v, &a->arena, a->sweep, &best, err);
    return rc ? rc : answer_print(a, best ? best : value_null(&a->arena), err);
}

static int answer_names(struct answer *a, struct err *err)
{
    struct value *columns;
    int rc = view_columns(a->v, &a->arena, a->sweep, &columns, err);
    return rc ? rc : answer_print(a, columns, err);
}

static int answer_columns(struct answer *a, struct err *err)
{
    struct view_arrays q = {.cols = value_get_str(a->query, "cols", NULL),
                            .filter = value_get_str(a->query, "filter", NULL),
                            .reduce = value_get_str(a->query, "reduce", NULL)};
    int rc = answer_query_list(a->query, &a->arena, "trials", VIEW_ARRAYS_TRIALS_MAX, &q.trials,
                               &q.trials_n, err);
    if (rc == 0)
        rc = answer_query_number(a->query, "most", INT64_MAX / 16, &q.most, err);
    if (rc == 0)
        rc = view_arrays_write(a->v, a->sweep, &q, a->out, err);
    if (rc == 0 && a->out->overflow)
        rc = err_set(err, ERR_LIMIT, "the answer is too large: name fewer columns (cols=)");
    return rc;
}

static int query_time(const struct answer *a, const char *name, double *ret, struct err *err)
{
    int rc = answer_query_float(a->query, name, ret, err);
    if (rc == 0 && (*ret < 0 || *ret > (double)VIEW_TIMELINE_S_MAX))
        rc = err_set(err, ERR_USAGE, "%s=%.40s is not a time: give seconds since 1970", name,
                     value_get_str(a->query, name, ""));
    return rc;
}

static void curves_x(const struct answer *a, struct view_curve *q)
{
    static const char *const names[] = {"step", "time", "wall", "gpuh"};
    q->x_metric = value_get_str(a->query, "x", "step");
    q->x = VIEW_CURVE_METRIC;
    for (int i = 0; i < VIEW_CURVE_METRIC; i++)
        if (strcmp(q->x_metric, names[i]) == 0)
            q->x = (enum view_curve_x)i;
}

static int curves_query(struct answer *a, struct view_curves *q, struct err *err)
{
    uint64_t points = VIEW_CURVES_POINTS;
    q->curve.metric = value_get_str(a->query, "metric", "");
    q->band = strcmp(value_get_str(a->query, "agg", ""), "band") == 0;
    q->range.log = strcmp(value_get_str(a->query, "xscale", ""), "log") == 0;
    curves_x(a, &q->curve);
    int rc = answer_query_number(a->query, "points", VIEW_CURVES_POINTS_MAX, &points, err);
    if (rc == 0)
        rc = answer_query_float(a->query, "from", &q->range.from, err);
    if (rc == 0)
        rc = answer_query_float(a->query, "to", &q->range.to, err);
    if (rc == 0)
        rc = answer_query_float(a->query, "smooth", &q->smooth, err);
    if (rc == 0 && isnan(q->smooth))
        q->smooth = 0;
    if (rc == 0 && !(q->smooth >= 0 && q->smooth < 1))
        rc = err_set(err, ERR_USAGE, "smooth must be at least 0 and below 1");
    if (rc == 0 && (!q->curve.metric[0] || points == 0))
        rc = err_set(err, ERR_USAGE, "curves need metric=NAME, and points of at least 1");
    q->range.points = (size_t)points;
    return rc;
}

static int answer_curves(struct answer *a, struct err *err)
{
    struct view_curves q = {0};
    int rc = curves_query(a, &q, err);
    if (rc == 0)
        rc = answer_query_list(a->query, &a->arena, "trials",
                               q.band ? VIEW_CURVES_BAND_TRIALS_MAX : VIEW_CURVES_TRIALS_MAX,
                               &q.trials, &q.trials_n, err);
    if (rc == 0)
        rc = answer_query_list(a->query, &a->arena, "marks", VIEW_CURVES_MARKS_MAX, &q.marks,
                               &q.marks_n, err);
    if (rc != 0)
        return rc;
    rc = view_curves_write(a->v, a->sweep, &q, a->out, err);
    if (rc == 0 && a->out->overflow)
        rc = err_set(err, ERR_LIMIT, "the answer is too large: ask for fewer curves");
    return rc;
}

static int answer_rungs(struct answer *a, struct err *err)
{
    struct value *sweep, *rungs;
    const char *fault;
    int rc = view_sweep(a->v, &a->arena, a->sweep, &sweep, err);
    if (rc)
        return rc;
    struct spec *spec = spec_read_stored(value_get(sweep, "spec"), &a->arena, &fault);
    rc = view_rungs(a->v, &a->arena, a->sweep, spec, &rungs, err);
    spec_free(spec);
    return rc ? rc : answer_print(a, rungs, err);
}

static int answer_losses(struct answer *a, struct err *err)
{
    struct value *losses;
    int rc = view_losses(a->v, &a->arena, a->sweep, &losses, err);
    return rc ? rc : answer_print(a, losses ? losses : value_null(&a->arena), err);
}

static int answer_size(struct answer *a, struct err *err)
{
    uint64_t bytes = 0;
    int rc = view_size(a->v, a->sweep, &bytes, err);
    return rc ? rc : answer_print(a, value_int(&a->arena, (int64_t)bytes), err);
}

static int64_t answer_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int answer_pace(struct answer *a, struct err *err)
{
    struct value *pace;
    int rc = view_pace(a->v, &a->arena, a->sweep, answer_now_ms(), &pace, err);
    return rc ? rc : answer_print(a, pace, err);
}

static int answer_timeline(struct answer *a, struct err *err)
{
    struct view_timeline q = {
        .from = NAN, .to = NAN, .px = VIEW_TIMELINE_PX, .now_ms = answer_now_ms()};
    a->limit = VIEW_TIMELINE_ROWS;
    int rc = answer_query_number(a->query, "skip", INT64_MAX / 16, &q.skip, err);
    if (rc == 0)
        rc = answer_query_number(a->query, "limit", VIEW_TIMELINE_SLOTS_MAX, &a->limit, err);
    if (rc == 0)
        rc = answer_query_number(a->query, "px", VIEW_TIMELINE_PX_MAX, &q.px, err);
    if (rc == 0)
        rc = query_time(a, "from", &q.from, err);
    if (rc == 0)
        rc = query_time(a, "to", &q.to, err);
    q.limit = a->limit;
    if (rc == 0 && q.px == 0)
        rc = err_set(err, ERR_USAGE, "px is at least 1");
    if (rc == 0)
        rc = view_timeline_write(a->v, a->sweep, &q, a->out, err);
    if (rc == 0 && a->out->overflow)
        rc = err_set(err, ERR_LIMIT, "the answer is too large: ask for fewer rows");
    return rc;
}

static int answer_fleet(struct answer *a, struct err *err)
{
    struct value *fleet;
    int rc = view_fleet(a->v, &a->arena, answer_now_ms(), &fleet, err);
    return rc ? rc : answer_print(a, fleet, err);
}

static int answer_unmeasured(struct answer *a, struct err *err)
{
    uint64_t n = 0;
    int rc = view_retry_count(a->v, a->sweep, &n, err);
    return rc ? rc : answer_print(a, value_int(&a->arena, (int64_t)n), err);
}

static void proposal_print(void *arg, const struct view_proposal *p)
{
    struct answer *a = arg;
    struct arena row;
    if (a->skip == 0 && a->given == a->limit)
        return;
    arena_init(&row);
    struct value *list = value_list(&row);
    value_push(&row, list, value_int(&row, (int64_t)p->number));
    value_push(&row, list, value_int(&row, (int64_t)p->cursor));
    value_push(&row, list, value_copy(&row, p->params));
    value_push(&row, list, value_str(&row, trial_states[p->fate.state].name));
    value_push(&row, list, value_int(&row, (int64_t)p->fate.iterations));
    value_push(&row, list, value_float(&row, p->fate.cost_s));
    value_push(&row, list, value_float(&row, p->fate.objective));
    for (size_t i = 0; i < PARETO_OBJECTIVES_MAX - 1; i++)
        value_push(&row, list, value_float(&row, p->fate.others[i]));
    (void)row_print(a, list);
    arena_done(&row);
}

static int answer_proposals(struct answer *a, struct err *err)
{
    struct value *sweep;
    const char *fault;
    uint64_t seq;
    int rc = query_rows(a, err);
    if (rc == 0)
        rc = view_sweep(a->v, &a->arena, a->sweep, &sweep, err);
    if (rc)
        return rc;
    struct spec *spec = spec_read_stored(value_get(sweep, "spec"), &a->arena, &fault);
    buf_adds(a->out, "[");
    rc = view_proposals(a->v, a->sweep, spec, &seq, proposal_print, a, err);
    spec_free(spec);
    return rows_end(a, rc, err);
}

static int answer_log(struct answer *a, struct err *err)
{
    struct explain_log q = {.limit = EXPLAIN_LOG_ROWS,
                            .kinds = value_get_str(a->query, "kind", NULL),
                            .text = value_get_str(a->query, "q", NULL),
                            .has_trial = value_get(a->query, "trial") != NULL};
    struct value *log;
    int rc = answer_query_number(a->query, "before", INT64_MAX / 16, &q.before, err);
    if (rc == 0)
        rc = answer_query_number(a->query, "limit", EXPLAIN_LOG_ROWS_MAX, &q.limit, err);
    if (rc == 0)
        rc = answer_query_number(a->query, "trial", INT64_MAX / 16, &q.trial, err);
    if (rc == 0)
        rc = explain_log(a->v, &a->arena, a->sweep, &q, &log, err);
    return rc ? rc : answer_print(a, log, err);
}

/* The spec as somebody might have written it, for a change of it. */
static int answer_yaml(struct answer *a, struct err *err)
{
    static const char *const first[] = {"name",   "description", "program", "command",
                                        "method", "metric",      "metrics", "parameters"};
    struct value *sweep, *v = value_dict(&a->arena), *spec = value_dict(&a->arena);
    struct buf text;
    int rc = view_sweep(a->v, &a->arena, a->sweep, &sweep, err);
    if (rc)
        return rc;
    const struct value *content = value_get(sweep, "spec");
    for (size_t i = 0; i < sizeof first / sizeof *first; i++)
        if (value_get(content, first[i]))
            value_put(&a->arena, spec, first[i],
                      value_copy(&a->arena, value_get(content, first[i])));
    for (size_t i = 0; content && content->kind == VALUE_DICT && i < content->dict.n; i++)
        value_put(&a->arena, spec, content->dict.entries[i].key, content->dict.entries[i].value);
    buf_init(&text, SIZE_MAX);
    yaml_print(&text, spec);
    value_put(&a->arena, v, "yaml", value_strn(&a->arena, buf_peek(&text), text.len));
    buf_done(&text);
    return answer_print(a, v, err);
}

static int answer_why(struct answer *a, struct err *err)
{
    struct value *trial, *lines;
    int rc = view_trial(a->v, &a->arena, a->sweep, a->trial, &trial, err);
    if (rc == 0)
        rc = explain_lines(a->v, &a->arena, trial, &lines, err);
    return rc ? rc : answer_print(a, lines, err);
}

static int answer_trial(struct answer *a, struct err *err)
{
    struct value *trial;
    int rc = view_trial(a->v, &a->arena, a->sweep, a->trial, &trial, err);
    return rc ? rc : answer_print(a, trial, err);
}

static int rows_of_trial(struct answer *a,
                         int (*read)(struct view *v, const char *sweep, uint64_t number,
                                     uint32_t attempt, view_point_fn fn, void *arg,
                                     struct err *err),
                         struct err *err)
{
    uint64_t attempt = 0;
    int rc = query_rows(a, err);
    if (rc == 0)
        rc = answer_query_number(a->query, "attempt", UINT32_MAX, &attempt, err);
    if (rc)
        return rc;
    buf_adds(a->out, "[");
    rc = read(a->v, a->sweep, a->trial, (uint32_t)attempt, row_print, a, err);
    return rows_end(a, rc, err);
}

static int answer_points(struct answer *a, struct err *err)
{
    return rows_of_trial(a, view_points, err);
}

static int answer_samples(struct answer *a, struct err *err)
{
    return rows_of_trial(a, view_samples, err);
}

static const struct {
    const char *collection, *part; /* part "": the thing itself */
    int (*give)(struct answer *a, struct err *err);
} documents[] = {
    {"sweeps", "", answer_sweep},
    {"sweeps", "trials", answer_trials},
    {"sweeps", "best", answer_best},
    {"sweeps", "names", answer_names},
    {"sweeps", "columns", answer_columns},
    {"sweeps", "curves", answer_curves},
    {"sweeps", "explain", answer_log},
    {"sweeps", "yaml", answer_yaml},
    {"sweeps", "rungs", answer_rungs},
    {"sweeps", "losses", answer_losses},
    {"sweeps", "size", answer_size},
    {"sweeps", "unmeasured", answer_unmeasured},
    {"sweeps", "pace", answer_pace},
    {"sweeps", "timeline", answer_timeline},
    {"sweeps", "proposals", answer_proposals},
    {"trials", "", answer_trial},
    {"trials", "explain", answer_why},
    {"trials", "points", answer_points},
    {"trials", "samples", answer_samples},
};

/* COLLECTION/NAME or COLLECTION/NAME/PART. */
static int answer_document(struct answer *a, const char *path, struct err *err)
{
    char name[64];
    const char *slash = strchr(path, '/'), *end = slash ? strchr(slash + 1, '/') : NULL;
    const char *part = end ? end + 1 : "";
    size_t len = !slash ? 0 : end ? (size_t)(end - slash - 1) : strlen(slash + 1);
    for (size_t i = 0; len > 0 && len < sizeof name && i < sizeof documents / sizeof *documents;
         i++) {
        size_t n = (size_t)(slash - path);
        if (strlen(documents[i].collection) != n || memcmp(documents[i].collection, path, n) != 0 ||
            strcmp(documents[i].part, part) != 0)
            continue;
        memcpy(name, slash + 1, len);
        name[len] = '\0';
        int rc = path[0] == 't' ? view_find_trial(a->v, name, a->sweep, &a->trial, err)
                                : view_find_sweep(a->v, name, a->sweep, err);
        return rc ? rc : documents[i].give(a, err);
    }
    return err_set(err, ERR_NOT_FOUND, "there is no document %.100s", path);
}

int view_answer(struct view *v, const char *path, const struct value *query, struct buf *out,
                struct err *err)
{
    struct answer a = {.v = v, .query = query, .out = out};
    bool bare = strcmp(value_get_str(query, "nan", ""), "bare") == 0;
    a.style = bare ? JSON_PYTHON : JSON_COMPACT;
    v->served = true;
    arena_init(&a.arena);
    int rc = strcmp(path, "sweeps") == 0   ? answer_sweeps(&a, err)
             : strcmp(path, "find") == 0   ? answer_find(&a, err)
             : strcmp(path, "fleet") == 0  ? answer_fleet(&a, err)
             : strcmp(path, "tokens") == 0 ? answer_tokens(&a, err)
             : strncmp(path, AUDIT, strlen(AUDIT)) == 0
                 ? answer_actions(&a, path + strlen(AUDIT), err)
                 : answer_document(&a, path, err);
    arena_done(&a.arena);
    return rc;
}
