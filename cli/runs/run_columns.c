/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/runs/run_columns.h"

#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/diag/nearest.h"
#include "orchestrator/view/table/columns.h"

static const char *const prefixes[] = {"", "config.", "summary."};

void run_columns_init(struct run_columns *c, struct arena *a, const struct value *runs)
{
    *c = (struct run_columns){.arena = a, .runs = runs};
    for (int part = 0; part < 3; part++)
        c->flat[part] = value_list(a);
    for (size_t i = 0; i < runs->list.n; i++) {
        struct value *run = runs->list.items[i];
        value_push(a, c->flat[RUN_COLUMN_FIELD], run);
        value_push(a, c->flat[RUN_COLUMN_CONFIG], value_flatten(a, value_get(run, "config")));
        value_push(a, c->flat[RUN_COLUMN_SUMMARY], value_flatten(a, value_get(run, "summary")));
    }
}

void run_columns_done(struct run_columns *c)
{
    mem_free(c->items);
    c->items = NULL;
}

static const struct value *part_value(const struct run_columns *c, enum run_column_of of,
                                      const char *name, size_t i)
{
    const struct value *v = value_get(c->flat[of]->list.items[i], name);
    return v && v->kind != VALUE_NULL ? v : NULL;
}

const struct value *run_columns_value(const struct run_columns *c, const struct run_column *column,
                                      size_t i)
{
    return part_value(c, column->of, column->name, i);
}

static const struct run_column *title_find(const struct run_columns *c, const char *title)
{
    for (size_t i = 0; i < c->n; i++)
        if (strcmp(c->items[i].title, title) == 0)
            return &c->items[i];
    return NULL;
}

static struct run_column *column_add(struct run_columns *c, enum run_column_of of, const char *name,
                                     const char *title)
{
    if (title_find(c, title))
        title = arena_printf(c->arena, "%s%s", prefixes[of], name);
    c->items = mem_grow(c->items, &c->cap, c->n + 1, sizeof *c->items);
    c->items[c->n++] = (struct run_column){of, name, title, false};
    return &c->items[c->n - 1];
}

/* Whether runs differ in it; a run without it differs from those that have it. */
static bool name_varies(const struct run_columns *c, enum run_column_of of, const char *name)
{
    const struct value *first = NULL;
    for (size_t i = 0; i < c->runs->list.n; i++) {
        const struct value *v = part_value(c, of, name, i);
        if (i > 0 && (!v != !first || (v && !value_same(v, first))))
            return true;
        first = v;
    }
    return false;
}

/* Of what wandb wrote about an image, a table or a histogram: a sibling says `_type`. */
static bool name_of_media(const struct run_columns *c, enum run_column_of of, const char *name,
                          size_t i)
{
    const char *dot = strchr(name, '.');
    const char *type = dot ? arena_printf(c->arena, "%.*s._type", (int)(dot - name), name) : NULL;
    return type && part_value(c, of, type, i);
}

/* A number in some run: texts, lists and media do not fit into a table. */
static bool name_has_numbers(const struct run_columns *c, enum run_column_of of, const char *name)
{
    for (size_t i = 0; i < c->runs->list.n; i++) {
        if (name_of_media(c, of, name, i))
            continue;
        const struct value *v = part_value(c, of, name, i);
        if (v && (value_is_number(v) || v->kind == VALUE_BOOL))
            return true;
    }
    return false;
}

typedef bool (*name_test)(const struct run_columns *c, enum run_column_of of, const char *name);

/* Names of a part in the order in which the runs have them, those that pass; test NULL: all. wandb's own begin with _. */
static void part_add(struct run_columns *c, enum run_column_of of, name_test test)
{
    struct map seen;
    map_init(&seen);
    for (size_t i = 0; i < c->runs->list.n; i++) {
        const struct value *flat = c->flat[of]->list.items[i];
        for (size_t k = 0; k < flat->dict.n; k++) {
            const char *name = flat->dict.entries[k].key;
            if (name[0] == '_' || map_find(&seen, name, strlen(name)))
                continue;
            map_put(&seen, name, strlen(name), c);
            if (!test || test(c, of, name))
                column_add(c, of, name, name);
        }
    }
    map_done(&seen);
}

static void field_add(struct run_columns *c, const char *name, const char *title)
{
    column_add(c, RUN_COLUMN_FIELD, name, title);
}

static bool any_has(const struct run_columns *c, const char *name)
{
    for (size_t i = 0; i < c->runs->list.n; i++) {
        const struct value *v = part_value(c, RUN_COLUMN_FIELD, name, i);
        if (v && (v->kind != VALUE_LIST || v->list.n > 0))
            return true;
    }
    return false;
}

void run_columns_choose(struct run_columns *c)
{
    static const char *const some[] = {"group", "job_type", "sweep"};
    field_add(c, "name", "run");
    field_add(c, "display", "name");
    field_add(c, "state", "state");
    part_add(c, RUN_COLUMN_CONFIG, c->runs->list.n == 1 ? NULL : name_varies);
    part_add(c, RUN_COLUMN_SUMMARY, name_has_numbers);
    field_add(c, "duration", "time");
    field_add(c, "created", "age");
    for (size_t i = 0; i < sizeof some / sizeof *some; i++)
        if (name_varies(c, RUN_COLUMN_FIELD, some[i]))
            field_add(c, some[i], some[i]);
    if (any_has(c, "tags"))
        field_add(c, "tags", "tags");
}

void run_columns_choose_all(struct run_columns *c)
{
    static const char *const fields[][2] = {
        {"display", "Name"}, {"name", "ID"},     {"state", "State"},      {"notes", "Notes"},
        {"by", "User"},      {"tags", "Tags"},   {"created", "Created"},  {"duration", "Runtime"},
        {"sweep", "Sweep"},  {"group", "Group"}, {"job_type", "Job Type"}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        field_add(c, fields[i][0], fields[i][1]);
    part_add(c, RUN_COLUMN_CONFIG, NULL);
    part_add(c, RUN_COLUMN_SUMMARY, NULL);
}

static bool part_has(const struct run_columns *c, enum run_column_of of, const char *name)
{
    for (size_t i = 0; i < c->runs->list.n; i++)
        if (value_get(c->flat[of]->list.items[i], name))
            return true;
    return false;
}

/* A field of a run that has parts is none. */
static bool field_is_plain(const char *name)
{
    static const char *const parts[] = {"config", "summary"};
    return strcmp(name, parts[0]) != 0 && strcmp(name, parts[1]) != 0;
}

static bool name_add(struct run_columns *c, const char *name)
{
    for (int of = RUN_COLUMN_CONFIG; of <= RUN_COLUMN_SUMMARY; of++) {
        size_t n = strlen(prefixes[of]);
        if (strncmp(name, prefixes[of], n) == 0 && part_has(c, of, name + n)) {
            column_add(c, of, name + n, name)->pinned = true;
            return true;
        }
    }
    static const enum run_column_of order[] = {RUN_COLUMN_FIELD, RUN_COLUMN_SUMMARY,
                                               RUN_COLUMN_CONFIG};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        if (part_has(c, order[i], name) && field_is_plain(name)) {
            column_add(c, order[i], name, name)->pinned = true;
            return true;
        }
    }
    return false;
}

static struct value *names_known(struct run_columns *c)
{
    struct value *names = value_dict(c->arena), *list = value_list(c->arena);
    for (int of = 0; of < 3; of++)
        for (size_t i = 0; i < c->runs->list.n; i++) {
            const struct value *flat = c->flat[of]->list.items[i];
            for (size_t k = 0; k < flat->dict.n; k++)
                if (!value_get(names, flat->dict.entries[k].key) &&
                    field_is_plain(flat->dict.entries[k].key))
                    value_put(c->arena, names, flat->dict.entries[k].key,
                              value_str(c->arena, flat->dict.entries[k].key));
        }
    for (size_t i = 0; i < names->dict.n; i++)
        value_push(c->arena, list, names->dict.entries[i].value);
    return list;
}

int run_columns_named(struct run_columns *c, const char *names, struct err *err)
{
    for (const char *at = names; *at;) {
        size_t len = strcspn(at, ",");
        const char *name = arena_strndup(c->arena, at, len);
        if (len > 0 && c->runs->list.n > 0 && !name_add(c, name))
            return nearest_unknown(err, "--columns", name, len, names_known(c));
        at += len + (at[len] == ',');
    }
    return 0;
}
