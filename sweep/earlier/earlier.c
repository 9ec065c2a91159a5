/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/earlier/earlier.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/yaml/yaml_scalar.h"
#include "sweep/trial.h"

enum { TEXT_BYTES = 300 };

void earlier_init(struct earlier *e, struct arena *a, earlier_row_fn on_row, void *arg)
{
    *e = (struct earlier){.arena = a, .maximize = -1, .on_row = on_row, .arg = arg};
    arena_init(&e->scratch);
    earlier_range_init(&e->ranges, a);
}

void earlier_done(struct earlier *e)
{
    earlier_range_done(&e->ranges);
    arena_done(&e->scratch);
}

int earlier_give(struct earlier *e, struct earlier_row *row, struct err *err)
{
    if (e->rows >= LIMIT_IMPORT_ROWS)
        return err_set(err, ERR_LIMIT,
                       "more than %d trials are not supported: split the file, or take the best",
                       LIMIT_IMPORT_ROWS);
    e->rows++;
    return e->on_row(e->arg, row, err);
}

static const char *earlier_text(struct earlier *e, const char *fmt, va_list ap)
{
    char text[TEXT_BYTES];
    vsnprintf(text, sizeof text, fmt, ap);
    return arena_strdup(e->arena, text);
}

void earlier_fault(struct earlier *e, size_t line, const char *fmt, ...)
{
    va_list ap;
    if (e->faults_n++ >= EARLIER_SHOWN)
        return;
    va_start(ap, fmt);
    e->faults[e->faults_n - 1] = (struct earlier_fault){line, earlier_text(e, fmt, ap)};
    va_end(ap);
}

void earlier_note(struct earlier *e, const char *fmt, ...)
{
    va_list ap;
    if (e->notes_n == EARLIER_SHOWN)
        return;
    va_start(ap, fmt);
    e->notes[e->notes_n++] = earlier_text(e, fmt, ap);
    va_end(ap);
}

bool earlier_line(const char **at, const char *end, const char **ret, size_t *ret_len)
{
    if (*at >= end)
        return false;
    const char *newline = memchr(*at, '\n', (size_t)(end - *at));
    *ret = *at;
    *ret_len = (size_t)((newline ? newline : end) - *at);
    *at += *ret_len + 1;
    if (*ret_len > 0 && (*ret)[*ret_len - 1] == '\r')
        --*ret_len;
    return true;
}

struct value *earlier_json(struct earlier *e, const char *text, size_t len, size_t line)
{
    struct value *v = NULL;
    struct err why = {0};
    arena_clear(&e->scratch);
    if (len > LIMIT_IMPORT_ROW_BYTES)
        earlier_fault(e, line, "it is longer than %d KiB", LIMIT_IMPORT_ROW_BYTES >> 10);
    else if (json_parse(&e->scratch, text, len, &v, &why) != 0)
        earlier_fault(e, line, "%s", why.text);
    return v;
}

int earlier_state(const char *word)
{
    static const struct {
        const char *word;
        enum trial_state state;
    } words[] = {{"finished", TRIAL_FINISHED}, {"complete", TRIAL_FINISHED},
                 {"failed", TRIAL_FAILED},     {"fail", TRIAL_FAILED},
                 {"crashed", TRIAL_FAILED},    {"killed", TRIAL_FAILED},
                 {"stopped", TRIAL_STOPPED},   {"pruned", TRIAL_STOPPED}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(words[i].word, word) == 0)
            return (int)words[i].state;
    return -1;
}

struct value *earlier_scalar(struct arena *a, const char *text, size_t len)
{
    if (len == 0)
        return NULL;
    struct yaml_scalar s = yaml_scalar_plain(text, len);
    switch (s.kind) {
    case YAML_SCALAR_NULL:
        return value_null(a);
    case YAML_SCALAR_BOOL:
        return value_bool(a, s.b);
    case YAML_SCALAR_INT:
        return s.base == YAML_SCALAR_DECIMAL ? value_int(a, s.i) : value_strn(a, text, len);
    case YAML_SCALAR_FLOAT:
        return s.base == YAML_SCALAR_DECIMAL ? value_float(a, s.f) : value_strn(a, text, len);
    default:
        return value_strn(a, text, len);
    }
}

const struct value *earlier_number(struct arena *a, const struct value *v)
{
    if (value_is_number(v))
        return v;
    if (v->kind != VALUE_STR || v->s.len == 0)
        return NULL;
    const char *name = v->s.ptr + (v->s.ptr[0] == '-' || v->s.ptr[0] == '+');
    if (strcasecmp(name, "nan") == 0)
        return value_float(a, NAN);
    if (strcasecmp(name, "inf") == 0 || strcasecmp(name, "infinity") == 0)
        return value_float(a, v->s.ptr[0] == '-' ? -INFINITY : INFINITY);
    return NULL;
}

bool earlier_is_about_run(const char *name)
{
    static const char *const names[] = {"Name",
                                        "State",
                                        "Notes",
                                        "User",
                                        "Tags",
                                        "Created",
                                        "Runtime",
                                        "Sweep",
                                        "ID",
                                        "Group",
                                        "Job Type",
                                        "Host",
                                        "Commit",
                                        "Updated",
                                        "number",
                                        "reason",
                                        "cause",
                                        "tags",
                                        "step",
                                        "attempts",
                                        "agent",
                                        "slot",
                                        "created",
                                        "started",
                                        "ended",
                                        "duration",
                                        "id",
                                        "sweep",
                                        "dir",
                                        "state",
                                        "name",
                                        "objective",
                                        "GPU Count",
                                        "GPU Type",
                                        "End Time",
                                        "Description",
                                        "datetime_start",
                                        "datetime_complete"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return name[0] == '_' || name[0] == '\0';
}
