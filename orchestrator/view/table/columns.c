/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/table/columns.h"

#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/diag/nearest.h"
#include "base/mem.h"

/* The fields of a trial: what they are called, and their titles in a table. */
static const struct field {
    const char *name, *title;
    bool sorts;
} fields[] = {
    {"number", "trial", true},       {"state", "state", false},    {"reason", "reason", false},
    {"cause", "cause", false},       {"objective", NULL, true},    {"step", "step", false},
    {"attempts", "attempts", false}, {"agent", "agent", false},    {"slot", "slot", false},
    {"created", "created", false},   {"started", "started", true}, {"ended", "ended", false},
    {"duration", "time", true},      {"tags", "tags", false},
};

enum { FIELDS = sizeof fields / sizeof *fields };

void columns_init(struct columns *c, struct arena *a, const struct value *known, const char *metric)
{
    *c = (struct columns){.arena = a, .known = known, .metric = metric};
    for (int i = 0; i < 3; i++)
        map_init(&c->places[i]);
    map_init(&c->titles);
}

void columns_done(struct columns *c)
{
    mem_free(c->items);
    for (int i = 0; i < 3; i++)
        map_done(&c->places[i]);
    map_done(&c->titles);
    *c = (struct columns){0};
}

static bool list_has(const struct value *list, const char *name, size_t len)
{
    for (size_t i = 0; list && i < list->list.n; i++) {
        const struct value *item = list->list.items[i];
        if (item->s.len == len && memcmp(item->s.ptr, name, len) == 0)
            return true;
    }
    return false;
}

static const struct field *field_find(const char *name, size_t len)
{
    for (size_t i = 0; i < FIELDS; i++)
        for (int k = 0; k < 2; k++) {
            const char *known = k ? fields[i].title : fields[i].name;
            if (known && strlen(known) == len && memcmp(known, name, len) == 0)
                return &fields[i];
        }
    return NULL;
}

static bool title_is_taken(const struct columns *c, const char *title)
{
    return map_find(&c->titles, title, strlen(title)) != NULL;
}

static struct column *column_find(struct columns *c, enum column_of of, const char *name)
{
    uintptr_t place = (uintptr_t)map_find(&c->places[of], name, strlen(name));
    return place ? &c->items[place - 1] : NULL;
}

static const char *const kinds[] = {"trial", "params", "metrics"};

static const char *after_prefix(const char *name, size_t len, const char *prefix)
{
    size_t n = strlen(prefix);
    return len > n && memcmp(name, prefix, n) == 0 ? name + n : NULL;
}

/* Finds the name in "params.state" if `state` is a parameter, in "metrics.lr" if `lr` is a
 * metric. */
static bool prefixed_find(const struct columns *c, const char *name, size_t len,
                          enum column_of *ret_of, const char **ret)
{
    for (enum column_of of = COLUMN_PARAM; of <= COLUMN_METRIC; of++) {
        const char *dotted = of == COLUMN_PARAM ? "params." : "metrics.";
        const char *rest = after_prefix(name, len, dotted);
        if (rest && list_has(value_get(c->known, kinds[of]), rest, len - (size_t)(rest - name))) {
            *ret_of = of;
            *ret = rest;
            return true;
        }
    }
    return false;
}

/* Returns the column, and adds it if it is new. A parameter, a metric and a field may share a name:
 * then the title of the second one says its kind, as in "params.state". So does the title of a
 * parameter that is itself called "params.state", if a parameter `state` exists. */
static struct column *column_add(struct columns *c, enum column_of of, const char *name,
                                 const char *title)
{
    enum column_of other;
    const char *meant;
    struct column *there = column_find(c, of, name);
    if (there)
        return there;
    if (title_is_taken(c, title) ||
        (of != COLUMN_FIELD && prefixed_find(c, name, strlen(name), &other, &meant)))
        title = arena_printf(c->arena, "%s.%s", kinds[of], name);
    c->items = mem_grow(c->items, &c->cap, c->n + 1, sizeof *c->items);
    c->items[c->n++] = (struct column){of, name, title, false};
    map_put(&c->places[of], name, strlen(name), (void *)(uintptr_t)c->n); /* places count from 1 */
    map_put(&c->titles, title, strlen(title), (void *)(uintptr_t)c->n);
    return &c->items[c->n - 1];
}

static struct column *field_add(struct columns *c, const char *name)
{
    const struct field *f = field_find(name, strlen(name));
    const char *title = f->title ? f->title : c->metric ? c->metric : f->name;
    return column_add(c, COLUMN_FIELD, f->name, title);
}

static void list_add(struct columns *c, enum column_of of, const struct value *names)
{
    for (size_t i = 0; names && i < names->list.n; i++)
        column_add(c, of, names->list.items[i]->s.ptr, names->list.items[i]->s.ptr);
}

/* Adds the column of that name; NULL if the name is unknown. Fields win over metrics, and metrics
 * over parameters, as in a sort. */
static struct column *plain_add(struct columns *c, const char *name, size_t len, bool plain)
{
    const struct field *f = field_find(name, len);
    const char *copy = arena_strndup(c->arena, name, len);
    if (f)
        return plain ? column_add(c, COLUMN_FIELD, f->name, f->name) : field_add(c, f->name);
    for (enum column_of of = COLUMN_METRIC; of >= COLUMN_PARAM; of--)
        if (list_has(value_get(c->known, kinds[of]), name, len))
            return column_add(c, of, copy, copy);
    return NULL;
}

/* "params.state" and "metrics.lr" name the kind of the column. */
static struct column *named_add(struct columns *c, const char *name, size_t len, bool plain)
{
    enum column_of of;
    const char *meant, *copy = arena_strndup(c->arena, name, len);
    return prefixed_find(c, copy, len, &of, &meant) ? column_add(c, of, meant, meant)
                                                    : plain_add(c, name, len, plain);
}

/* Reads one name of a list. A name with a comma is quoted as in CSV. Returns the text after the
 * name; NULL: a closing quote is missing or not at the end of the name. */
static const char *name_read(const char *at, struct buf *name)
{
    buf_clear(name);
    if (*at != '"') {
        size_t len = strcspn(at, ",");
        buf_add(name, at, len);
        return at + len;
    }
    for (at++; *at && (*at != '"' || at[1] == '"'); at++) {
        at += *at == '"';
        buf_addc(name, *at);
    }
    return *at == '"' && (at[1] == ',' || at[1] == '\0') ? at + 1 : NULL;
}

static int name_add(struct columns *c, const struct buf *name, bool plain, struct err *err)
{
    if (name->len == 0)
        return 0;
    struct column *column = named_add(c, buf_peek(name), name->len, plain);
    if (!column)
        return nearest_unknown(err, "--columns", buf_peek(name), name->len, columns_names(c));
    column->pinned = true;
    return 0;
}

static int names_add(struct columns *c, const char *named, bool plain, struct err *err)
{
    struct buf name;
    int rc = 0;
    buf_init(&name, SIZE_MAX);
    for (const char *at = named; rc == 0 && *at; at += *at == ',') {
        at = name_read(at, &name);
        if (!at) {
            rc = err_set(err, ERR_USAGE,
                         "--columns: a quoted name ends with a quote, then a comma or the end: "
                         "\"a,b\",lr; double a quote inside it");
            break;
        }
        rc = name_add(c, &name, plain, err);
    }
    buf_done(&name);
    if (rc)
        return rc;
    return c->n > 0 ? 0 : err_set(err, ERR_USAGE, "--columns: name at least one column");
}

/* All but the sweep's metric, which is the column `objective`. */
static void list_add_objectives(struct columns *c, const struct value *names)
{
    struct value *others = value_list(c->arena);
    for (size_t i = 0; names && i < names->list.n; i++)
        if (!c->metric || strcmp(names->list.items[i]->s.ptr, c->metric) != 0)
            value_push(c->arena, others, names->list.items[i]);
    list_add(c, COLUMN_METRIC, others);
}

int columns_choose(struct columns *c, const struct columns_choice *choice, struct err *err)
{
    if (choice->named)
        return names_add(c, choice->named, false, err);
    field_add(c, "number")->pinned = true;
    field_add(c, "state")->pinned = true;
    if (c->metric)
        field_add(c, "objective")->pinned = true;
    size_t before = c->n;
    list_add_objectives(c, choice->objectives);
    for (size_t i = before; i < c->n; i++)
        c->items[i].pinned = true;
    bool by_time = choice->sort && strcmp(choice->sort, "duration") == 0;
    if (choice->sort && !by_time) {
        struct column *sort = plain_add(c, choice->sort, strlen(choice->sort), false);
        if (sort)
            sort->pinned = true;
    }
    list_add(c, COLUMN_PARAM, value_get(c->known, "varying"));
    if (choice->metrics)
        list_add(c, COLUMN_METRIC, value_get(c->known, "metrics"));
    field_add(c, "duration")->pinned = by_time;
    if (value_get_bool(c->known, "agents", false))
        field_add(c, "agent");
    if (value_get_bool(c->known, "retried", false))
        field_add(c, "attempts");
    if (value_get_bool(c->known, "tagged", false))
        field_add(c, "tags");
    return 0;
}

int columns_choose_all(struct columns *c, const struct columns_choice *choice, struct err *err)
{
    if (choice->named)
        return names_add(c, choice->named, true, err);
    for (size_t i = 0; i < FIELDS; i++)
        column_add(c, COLUMN_FIELD, fields[i].name, fields[i].name);
    list_add(c, COLUMN_PARAM, value_get(c->known, "params"));
    if (choice->metrics)
        list_add(c, COLUMN_METRIC, value_get(c->known, "metrics"));
    return 0;
}

const struct value *column_value(const struct column *c, const struct value *trial,
                                 const struct value *flat)
{
    const struct value *found = c->of == COLUMN_FIELD ? value_get(trial, c->name)
                                : c->of == COLUMN_PARAM
                                    ? value_get(flat, c->name)
                                    : value_get(value_get(trial, "metrics"), c->name);
    return found && found->kind != VALUE_NULL ? found : NULL;
}

static void names_push(const struct columns *c, struct value *list, const struct value *names)
{
    for (size_t i = 0; names && i < names->list.n; i++)
        value_push(c->arena, list, names->list.items[i]);
}

static const struct value *names_of(const struct columns *c, bool sort)
{
    struct value *list = value_list(c->arena);
    for (size_t i = 0; i < FIELDS; i++)
        if (!sort || fields[i].sorts)
            value_push(c->arena, list, value_str(c->arena, fields[i].name));
    names_push(c, list, value_get(c->known, "metrics"));
    names_push(c, list, value_get(c->known, "params"));
    return list;
}

const struct value *columns_sort_keys(const struct columns *c)
{
    return names_of(c, true);
}

const struct value *columns_names(const struct columns *c)
{
    return names_of(c, false);
}

int columns_sort(const struct columns *c, const char *key, const char **ret, struct err *err)
{
    size_t len = key ? strlen(key) : 0;
    const struct field *f = key ? field_find(key, len) : NULL;
    *ret = f && f->sorts ? f->name : key;
    if (!key || (f && f->sorts) || value_get_int(c->known, "trials", 0) == 0 ||
        list_has(value_get(c->known, "metrics"), key, len) ||
        list_has(value_get(c->known, "params"), key, len))
        return 0;
    return nearest_unknown(err, "--sort", key, len, columns_sort_keys(c));
}
