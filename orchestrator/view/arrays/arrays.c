/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/arrays/arrays.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/number/number.h"

static struct array *array_new(struct arrays *a, const char *name, size_t len, bool shown)
{
    struct array *c = arena_alloc(&a->arena, sizeof *c);
    *c = (struct array){.name = arena_strndup(&a->arena, name, len), .shown = shown};
    map_put(&a->names, name, len, c);
    return c;
}

static struct array *array_find(const struct arrays *a, const char *name)
{
    return map_find(&a->names, name, strlen(name));
}

void arrays_init(struct arrays *a, const char *cols)
{
    *a = (struct arrays){.all = !cols, .show_all = !cols};
    arena_init(&a->arena);
    map_init(&a->names);
    for (const char *at = cols; at && *at; at += *at == ',') {
        size_t len = strcspn(at, ",");
        if (!map_find(&a->names, at, len))
            array_new(a, at, len, true);
        at += len;
    }
}

void arrays_done(struct arrays *a)
{
    for (size_t i = 0; i < a->n; i++)
        mem_free(a->list[i]->cells);
    mem_free(a->list);
    mem_free(a->ids);
    map_done(&a->names);
    arena_done(&a->arena);
}

void arrays_want(struct arrays *a, const char *name)
{
    if (!a->all && !array_find(a, name))
        array_new(a, name, strlen(name), false);
}

void arrays_want_all(struct arrays *a)
{
    a->all = true;
}

bool arrays_wants(const struct arrays *a, const char *name)
{
    return a->all || array_find(a, name);
}

bool arrays_wants_any(const struct arrays *a, const char *prefix)
{
    void *value;
    for (size_t at = 0; !a->all && map_next(&a->names, &at, &value);)
        if (strncmp(((struct array *)value)->name, prefix, strlen(prefix)) == 0)
            return true;
    return a->all;
}

struct array *arrays_column(struct arrays *a, const char *name)
{
    struct array *c = array_find(a, name);
    if (!c && a->all)
        c = array_new(a, name, strlen(name), a->show_all);
    if (!c || c->there)
        return c;
    c->there = true;
    a->list = mem_grow(a->list, &a->cap, a->n + 1, sizeof *a->list);
    return a->list[a->n++] = c;
}

void arrays_set(struct arrays *a, struct array *c, size_t row, struct value v)
{
    if (!c || v.kind == VALUE_NULL)
        return;
    if (row >= c->cap) {
        size_t had = c->cap;
        c->cells = mem_grow(c->cells, &c->cap, row + 1, sizeof *c->cells);
        memset(c->cells + had, 0, (c->cap - had) * sizeof *c->cells);
    }
    c->cells[row] = v;
    a->cells++;
}

const struct value *arrays_cell(const struct array *c, size_t row)
{
    return row < c->cap && c->cells[row].kind != VALUE_NULL ? &c->cells[row] : NULL;
}

size_t arrays_find(const struct arrays *a, const char *name)
{
    const struct array *c = array_find(a, name);
    for (size_t i = 0; c && i < a->n; i++)
        if (a->list[i] == c)
            return i;
    return SIZE_MAX;
}

void arrays_keep(struct arrays *a, const bool *wanted)
{
    size_t n = 0;
    for (size_t row = 0; row < a->rows; row++) {
        if (!wanted[row])
            continue;
        for (size_t i = 0; i < a->n; i++) {
            const struct value *v = arrays_cell(a->list[i], row);
            if (n < a->list[i]->cap)
                a->list[i]->cells[n] = v ? *v : (struct value){.kind = VALUE_NULL};
        }
        a->ids[n++] = a->ids[row];
    }
    a->rows = n;
}

static bool array_is_numbers(const struct arrays *a, const struct array *c)
{
    for (size_t row = 0; row < a->rows && row < c->cap; row++)
        if (c->cells[row].kind != VALUE_NULL && !value_is_number(&c->cells[row]))
            return false;
    return true;
}

static void numbers_print(const struct arrays *a, const struct array *c, struct buf *out)
{
    buf_adds(out, ",\"values\":[");
    for (size_t row = 0; row < a->rows && !out->overflow; row++) {
        const struct value *v = arrays_cell(c, row);
        if (row > 0)
            buf_addc(out, ',');
        if (v)
            json_print(out, v, JSON_COMPACT);
        else
            buf_add(out, "null", 4);
    }
    buf_addc(out, ']');
}

/* Values that print alike are one word. */
static void words_print(const struct arrays *a, const struct array *c, struct buf *out)
{
    struct map words;
    struct buf text, values;
    char place[NUMBER_BYTES];
    map_init(&words);
    buf_init(&text, SIZE_MAX);
    buf_init(&values, SIZE_MAX);
    buf_adds(out, ",\"words\":[");
    for (size_t row = 0; row < a->rows; row++) {
        const struct value *v = arrays_cell(c, row);
        buf_adds(&values, row > 0 ? "," : "");
        if (!v) {
            buf_adds(&values, "null");
            continue;
        }
        buf_clear(&text);
        json_print(&text, v, JSON_COMPACT);
        uintptr_t n = (uintptr_t)map_find(&words, buf_str(&text), text.len);
        if (n == 0) {
            n = words.live + 1;
            map_put(&words, buf_str(&text), text.len, (void *)n);
            buf_adds(out, n > 1 ? "," : "");
            buf_add(out, buf_str(&text), text.len);
        }
        number_format_int(place, (int64_t)n - 1);
        buf_adds(&values, place);
    }
    buf_adds(out, "],\"values\":[");
    buf_add(out, buf_str(&values), values.len);
    buf_addc(out, ']');
    buf_done(&values);
    buf_done(&text);
    map_done(&words);
}

void arrays_print(const struct arrays *a, struct buf *out)
{
    bool any = false;
    for (size_t i = 0; i < a->n && !out->overflow; i++) {
        const struct array *c = a->list[i];
        if (!c->shown)
            continue;
        buf_adds(out, any ? ",\n" : "");
        buf_adds(out, "{\"name\":");
        json_print_str(out, c->name, strlen(c->name));
        if (array_is_numbers(a, c))
            numbers_print(a, c, out);
        else
            words_print(a, c, out);
        buf_addc(out, '}');
        any = true;
    }
}
