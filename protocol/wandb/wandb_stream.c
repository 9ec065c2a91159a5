/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "protocol/wandb/wandb_stream.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"

/* Numbers of lines stay far from where a sum of them overflows. */
#define OFFSET_MAX (INT64_C(1) << 40)

enum { BAD_SHOWN_BYTES = 80 };

static bool list_is_texts(const struct value *list)
{
    for (size_t i = 0; list && list->kind == VALUE_LIST && i < list->list.n; i++)
        if (list->list.items[i]->kind != VALUE_STR)
            return false;
    return list && list->kind == VALUE_LIST;
}

/* Sets *ret to the lines of a file. False where they are malformed. */
static bool lines_read(const struct value *file, struct wandb_stream_lines *ret)
{
    const struct value *offset = value_get(file, "offset");
    int64_t from = value_get_int(file, "offset", 0);
    ret->lines = value_get(file, "content");
    ret->from = from < 0 ? 0 : (uint64_t)from;
    return (!offset || offset->kind == VALUE_INT) && from >= 0 && from <= OFFSET_MAX &&
           (!ret->lines || list_is_texts(ret->lines));
}

int wandb_stream_parse(struct arena *a, const char *body, size_t len, struct wandb_stream *ret,
                       struct err *err)
{
    struct value *v = NULL;
    struct wandb_stream_lines history, summary;
    *ret = (struct wandb_stream){0};
    int rc = len > 0 ? json_parse_within(a, body, len, LIMIT_WANDB_VALUES, &v, err) : 0;
    if (rc != 0 || len == 0)
        return rc;
    const struct value *files = value_get(v, "files"), *code = value_get(v, "exitcode");
    bool good = v->kind == VALUE_DICT &&
                lines_read(value_get(files, "wandb-history.jsonl"), &history) &&
                lines_read(value_get(files, "wandb-summary.json"), &summary) &&
                lines_read(value_get(files, "wandb-events.jsonl"), &ret->events) &&
                lines_read(value_get(files, "output.log"), &ret->log);
    if (!good)
        return err_set(err, ERR_SYNTAX,
                       "the body is not {\"files\":{NAME:{\"offset\":…,\"content\":[…]}}}");
    ret->rows = history.lines;
    ret->rows_from = history.from;
    if (summary.lines && summary.lines->list.n > 0)
        ret->summary = summary.lines->list.items[summary.lines->list.n - 1]->s.ptr;
    ret->complete = value_get_bool(v, "complete", false);
    ret->preempting = value_get_bool(v, "preempting", false);
    ret->exited = code && code->kind == VALUE_INT;
    ret->exit_code = value_get_int(v, "exitcode", 0);
    ret->uploaded = value_get(v, "uploaded");
    ret->uploaded = list_is_texts(ret->uploaded) ? ret->uploaded : NULL;
    return 0;
}

static struct value *numbers_of(struct arena *a, const struct value *v);

/* Media, histograms and tables are dicts with a type. */
static struct value *metric_of(struct arena *a, struct value *v)
{
    if (v->kind == VALUE_INT || v->kind == VALUE_FLOAT || v->kind == VALUE_BOOL)
        return v;
    if (v->kind != VALUE_DICT || value_get(v, "_type"))
        return NULL;
    struct value *inner = numbers_of(a, v);
    return inner->dict.n > 0 ? inner : NULL;
}

static struct value *numbers_of(struct arena *a, const struct value *v)
{
    struct value *ret = value_dict_with_room(a, v->dict.n);
    for (size_t i = 0; i < v->dict.n; i++) {
        struct value *metric = metric_of(a, v->dict.entries[i].value);
        if (metric)
            value_put_new(ret, v->dict.entries[i].key, metric);
    }
    return ret;
}

/* A line without a metric, which counts as bad where metrics are read. */
static struct value *bad_line(struct arena *a, const char *text, size_t len)
{
    struct value *line = value_dict(a);
    len = strnlen(text, len < BAD_SHOWN_BYTES ? len : BAD_SHOWN_BYTES);
    len = utf8_valid_prefix(text, len);
    value_put(a, line, "_bad", value_strn(a, text, len));
    return line;
}

struct value *wandb_stream_line(struct arena *a, const char *text, size_t len)
{
    struct value *row = NULL;
    if (len == 0)
        return NULL;
    if (json_parse_within(a, text, len, LIMIT_WANDB_VALUES, &row, NULL) != 0 ||
        row->kind != VALUE_DICT)
        return bad_line(a, text, len);
    return wandb_stream_line_of(a, row);
}

/* Clients count steps: whole numbers, which some languages print as 7.0. */
static bool step_read(const struct value *v, int64_t *ret)
{
    double x = v->kind == VALUE_INT || v->kind == VALUE_FLOAT ? value_number(v) : NAN;
    if (!(fabs(x) < (double)LIMIT_METRIC_STEP) || x != trunc(x))
        return false;
    *ret = v->kind == VALUE_INT ? v->i : (int64_t)x;
    return true;
}

struct value *wandb_stream_line_of(struct arena *a, const struct value *row)
{
    size_t metrics = 0;
    int64_t number = 0;
    const struct value *step = value_get(row, "_step");
    bool renames = value_get(row, "step") && !value_get(row, "step_");
    bool counted = step && step_read(step, &number);
    struct value *line = value_dict_with_room(a, row->dict.n);
    for (size_t i = 0; i < row->dict.n; i++) {
        const char *key = row->dict.entries[i].key;
        struct value *metric = metric_of(a, row->dict.entries[i].value);
        if (counted && strcmp(key, "_step") == 0) {
            value_put_new(line, "step", value_int(a, number));
        } else if (!metric) {
            continue;
        } else if (strcmp(key, "_timestamp") == 0 && metric->kind != VALUE_DICT) {
            value_put_new(line, "_time", metric);
        } else if (key[0] != '_' && (strcmp(key, "step") != 0 || renames)) {
            value_put_new(line, strcmp(key, "step") == 0 ? "step_" : key, metric);
            metrics++;
        }
    }
    if (metrics > 0 && step && !counted) {
        const char *text = json_text(a, row, JSON_COMPACT);
        return bad_line(a, text, strlen(text));
    }
    return metrics > 0 ? line : NULL;
}
