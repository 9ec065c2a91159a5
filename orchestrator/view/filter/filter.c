/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/filter/filter.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "orchestrator/view/filter/filter_node.h"

/* Each trial may have these, so a filter may name them though no trial has. */
static const char *const fixed[] = {
    "number",  "state", "reason",   "agent",     "attempts", "step", "created",
    "started", "ended", "duration", "objective", "cause",    "tags",
};
static const struct {
    const char *name, *column;
} aliases[] = {{"why", "reason"}, {"host", "agent"}, {"tag", "tags"}};

bool filter_searches(const struct filter *f)
{
    for (const struct filter *part = f->parts; part; part = part->next)
        if (filter_searches(part))
            return true;
    return f->kind == FILTER_SEARCH;
}

static int name_bind(struct filter_name *n, const struct filter_table *t, const char *metric,
                     struct err *err)
{
    const char *known = metric && strcmp(n->name, metric) == 0 ? "objective" : n->name;
    char name[600];
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (strcmp(known, aliases[i].name) == 0)
            known = aliases[i].column;
    n->column = t->find(t->arg, known);
    n->several = strcmp(known, "tags") == 0;
    for (size_t i = 0; i < 2 && n->column == SIZE_MAX; i++) {
        snprintf(name, sizeof name, "%s.%s", i ? "metrics" : "params", n->name);
        n->column = t->find(t->arg, name);
    }
    if (n->column != SIZE_MAX || t->part)
        return 0;
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        if (strcmp(known, fixed[i]) == 0)
            return 0;
    return err_set(err, ERR_USAGE, "no trial has '%.100s'", n->name);
}

int filter_bind(struct filter *f, const struct filter_table *t, const char *metric, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < f->names_n; i++)
        rc = name_bind(&f->names[i], t, metric, err);
    for (struct filter *part = f->parts; rc == 0 && part; part = part->next)
        rc = filter_bind(part, t, metric, err);
    return rc;
}

static char letter_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

static bool text_same(const char *a, const char *b)
{
    while (*a && letter_lower(*a) == letter_lower(*b)) {
        a++;
        b++;
    }
    return letter_lower(*a) == letter_lower(*b);
}

static void text_lower(struct buf *out, const char *text)
{
    buf_init(out, SIZE_MAX);
    for (; *text; text++)
        buf_addc(out, (char)letter_lower(*text));
}

static bool text_has(const char *text, const char *sought)
{
    struct buf lower, wanted;
    text_lower(&lower, text);
    text_lower(&wanted, sought);
    bool has = strstr(buf_str(&lower), buf_str(&wanted)) != NULL;
    buf_done(&lower);
    buf_done(&wanted);
    return has;
}

/* A value as the page shows it, for whoever compares it. */
static bool value_compare(const struct value *v, const char *text,
                          bool (*compare)(const char *value, const char *text))
{
    struct buf out;
    if (v->kind == VALUE_STR)
        return compare(v->s.ptr, text);
    if (v->kind == VALUE_BOOL)
        return compare(v->b ? "True" : "False", text);
    buf_init(&out, SIZE_MAX);
    json_print(&out, v, JSON_COMPACT);
    bool same = compare(buf_str(&out), text);
    buf_done(&out);
    return same;
}

static bool value_is(const struct value *v, const struct filter_text *t)
{
    if (!value_is_number(v))
        return value_compare(v, t->text, text_same);
    double x = value_number(v);
    return t->is_number && (x == t->number || (x != x && t->number != t->number));
}

/* One of the parts between commas. */
static bool part_is(const struct value *v, const struct filter_text *t)
{
    const char *text = v->kind == VALUE_STR ? v->s.ptr : "";
    for (size_t len; *text; text += len + (text[len] == ',')) {
        char part[LIMIT_TAG_BYTES + 1];
        len = strcspn(text, ",");
        snprintf(part, sizeof part, "%.*s", (int)len, text);
        if (text_same(part, t->text))
            return true;
    }
    return false;
}

static const struct value *name_cell(const struct filter_name *n, const struct filter_table *t,
                                     size_t row)
{
    const struct value *v = n->column == SIZE_MAX ? NULL : t->cell(t->arg, n->column, row);
    return v && v->kind != VALUE_NULL ? v : NULL;
}

static bool search_match(const struct filter *f, const struct filter_table *t, size_t row)
{
    size_t number = t->find(t->arg, "number");
    const char *text = f->texts[0].text;
    bool digits = text[0] && text[strspn(text, "0123456789")] == '\0';
    for (size_t i = 0; i < t->columns; i++) {
        const struct value *v = t->cell(t->arg, i, row);
        if (!v || v->kind == VALUE_NULL)
            continue;
        if (value_is_number(v) ? i == number && digits && value_is(v, &f->texts[0])
                               : value_compare(v, text, text_has))
            return true;
    }
    return false;
}

/* oom is the word for what causes say in several ways, as "out of GPU memory"; it is in "boom" too. */
static bool cause_matches(const char *cause, const char *text)
{
    if (!text_same(text, "oom"))
        return text_has(cause, text);
    return strncmp(cause, "out of ", strlen("out of ")) == 0 && strstr(cause, "memory");
}

static bool says_match(const struct filter *f, const struct filter_table *t, size_t row)
{
    const struct value *v = name_cell(&f->names[0], t, row);
    for (size_t i = 0; v && v->kind == VALUE_STR && i < f->texts_n; i++)
        if (cause_matches(v->s.ptr, f->texts[i].text))
            return true;
    return false;
}

static bool compared_match(const struct filter *f, const struct filter_table *t, size_t row)
{
    const struct value *v = name_cell(&f->names[0], t, row);
    if (!v)
        return false;
    bool (*is)(const struct value *v, const struct filter_text *t) =
        f->names[0].several ? part_is : value_is;
    if (f->kind == FILTER_DIFFERS)
        return !is(v, &f->texts[0]);
    for (size_t i = 0; f->kind == FILTER_AMONG && i < f->texts_n; i++)
        if (is(v, &f->texts[i]))
            return true;
    if (f->kind == FILTER_AMONG || !value_is_number(v))
        return false;
    double x = value_number(v), limit = f->texts[0].number;
    return f->kind == FILTER_LESS      ? x < limit
           : f->kind == FILTER_AT_MOST ? x <= limit
           : f->kind == FILTER_MORE    ? x > limit
                                       : x >= limit;
}

bool filter_match(const struct filter *f, const struct filter_table *t, size_t row)
{
    bool any = f->kind == FILTER_ANY;
    switch (f->kind) {
    case FILTER_EVERY:
    case FILTER_ANY:
        for (const struct filter *part = f->parts; part; part = part->next)
            if (filter_match(part, t, row) == any)
                return any;
        return !any;
    case FILTER_NOT:
        return !filter_match(f->parts, t, row);
    case FILTER_SEARCH:
        return search_match(f, t, row);
    case FILTER_HAS:
        for (size_t i = 0; i < f->names_n; i++)
            if (name_cell(&f->names[i], t, row))
                return true;
        return false;
    case FILTER_SAYS:
        return says_match(f, t, row);
    case FILTER_AMONG:
    case FILTER_LESS:
    case FILTER_AT_MOST:
    case FILTER_MORE:
    case FILTER_AT_LEAST:
    case FILTER_DIFFERS:
        break;
    }
    return compared_match(f, t, row);
}
