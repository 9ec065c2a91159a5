/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/reader/spec_fields.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/diag/nearest.h"
#include "base/number/python.h"
#include "language/duration.h"
#include "language/memory_size.h"
#include "language/moment.h"
#include "language/reader/spec_flow.h"
#include "language/reader/spec_finding.h"
#include "language/reader/spec_source.h"
#include "language/reader/spec_value.h"

static int word_find(const char *const *words, const struct value *v)
{
    for (int i = 0; v->kind == VALUE_STR && words[i]; i++)
        if (strcmp(words[i], v->s.ptr) == 0)
            return i;
    return -1;
}

static bool span_parse(const struct value *v, double *ret)
{
    char text[64] = "";
    if (v->kind == VALUE_STR && v->s.len < sizeof text)
        snprintf(text, sizeof text, "%s", v->s.ptr);
    else if (value_is_number(v))
        snprintf(text, sizeof text, "%.9f", value_number(v));
    return duration_parse(text, ret);
}

static bool int_fits(const struct language_field *f, const struct spec_node *n)
{
    const struct value *v = n->yaml->value;
    if (v->kind == VALUE_INT)
        return (double)v->i >= f->least;
    /* W&B's schema accepts 50.0 as an integer, so it is accepted here. */
    struct spec_number number;
    return f->fault != LANGUAGE_ERROR && spec_node_as_number(n, &number) &&
           floor(number.f) == number.f && number.f >= f->least && number.f < 1e15;
}

static bool number_fits(const struct language_field *f, const struct spec_node *n)
{
    struct spec_number number;
    return spec_node_as_number(n, &number) && isfinite(number.f) &&
           (f->above ? number.f > f->least : number.f >= f->least);
}

static bool is_names(const struct value *v)
{
    for (size_t i = 0; v->kind == VALUE_LIST && i < v->list.n; i++)
        if (v->list.items[i]->kind != VALUE_STR || v->list.items[i]->s.len == 0)
            return false;
    return v->kind == VALUE_LIST;
}

static bool value_fits(const struct language_field *f, const struct spec_node *n)
{
    const struct value *v = n->yaml->value;
    double seconds;
    uint64_t bytes;
    switch (f->type) {
    case LANGUAGE_TEXT:
        return f->fault == LANGUAGE_ERROR ? v->kind == VALUE_STR && v->s.len > 0
                                          : v->kind != VALUE_NULL && v->kind < VALUE_LIST;
    case LANGUAGE_BOOL:
        return v->kind == VALUE_BOOL;
    case LANGUAGE_INT:
        return int_fits(f, n);
    case LANGUAGE_NUMBER:
        return number_fits(f, n);
    case LANGUAGE_WORD:
        return word_find(f->words, v) >= 0;
    case LANGUAGE_CODE:
        return v->kind == VALUE_DICT || word_find(f->words, v) >= 0;
    case LANGUAGE_SPAN:
        return span_parse(v, &seconds);
    case LANGUAGE_MEMORY:
        return v->kind == VALUE_STR && memory_size_parse(v->s.ptr, &bytes);
    case LANGUAGE_MOMENT:
        return v->kind == VALUE_STR && moment_valid(v->s.ptr);
    case LANGUAGE_LIST:
    case LANGUAGE_POINTS:
        return v->kind == VALUE_LIST;
    case LANGUAGE_NAMES:
        return is_names(v);
    case LANGUAGE_MAP:
        return v->kind == VALUE_DICT;
    default:
        return true;
    }
}

static void print_words(struct buf *out, const char *const *words)
{
    for (size_t i = 0; words[i]; i++)
        buf_addf(out, "%s%s", i == 0 ? "" : words[i + 1] ? ", " : " or ", words[i]);
}

static void print_number(struct buf *out, const struct language_field *f, const char *kind)
{
    buf_adds(out, kind);
    if (f->type == LANGUAGE_INT && f->least == 1)
        buf_adds(out, " above 0");
    else if (isfinite(f->least))
        buf_addf(out, " %s %.6g", f->above ? "above" : "of at least", f->least);
}

static void print_wanted(struct buf *out, const struct language_field *f)
{
    static const char *const wanted[] = {
        [LANGUAGE_TEXT] = "text",
        [LANGUAGE_BOOL] = "true or false",
        [LANGUAGE_SPAN] = "a span of time, such as 90 (seconds), 30m or 1h30m",
        [LANGUAGE_MEMORY] = "an amount of memory, such as 512MiB or 8GiB",
        [LANGUAGE_MOMENT] = "a time in quotes, such as '18:00' or '2026-01-31 18:00'",
        [LANGUAGE_LIST] = "a list",
        [LANGUAGE_MAP] = "a mapping",
        [LANGUAGE_POINTS] = "a list of configurations",
        [LANGUAGE_NAMES] = "a list of names",
        [LANGUAGE_CODE] = "`snapshot` or a mapping",
    };
    if (f->type == LANGUAGE_WORD)
        print_words(out, f->words);
    else if (f->type == LANGUAGE_INT)
        print_number(out, f, "an integer");
    else if (f->type == LANGUAGE_NUMBER)
        print_number(out, f, "a number");
    else
        buf_adds(out, wanted[f->type]);
}

static bool small_scalar(const struct spec_node *n)
{
    enum value_kind kind = spec_node_kind(n);
    return kind == VALUE_INT || kind == VALUE_FLOAT || kind == VALUE_STR || kind == VALUE_BOOL;
}

static void say_wrong(struct spec_reader *r, const struct language_object *o,
                      const struct language_field *f, const struct spec_node *n, bool strict)
{
    struct buf wanted;
    if (f->type == LANGUAGE_MAP && f->object &&
        spec_source_say_tight_fields(r, n, f->fault == LANGUAGE_ERROR || strict, f->object->fields,
                                     f->object->n, sizeof *f->object->fields))
        return;
    buf_init(&wanted, SIZE_MAX);
    print_wanted(&wanted, f);
    const char *is = small_scalar(n) ? spec_node_shown(r, n) : spec_node_kind_name(n);
    const struct spec_finding *found = SPEC_FOUND(WRONG_VALUE, .field = f);
    if (f->fault == LANGUAGE_REPLACED && f->fallback)
        spec_node_warn(r, n, found, "`%s` must be %s; %s is read as %s, as in W&B", f->name,
                       buf_str(&wanted), is, f->fallback);
    else if (f->fault == LANGUAGE_ERROR || strict)
        spec_node_error(r, n, found, "`%s` must be %s, not %s", f->name, buf_str(&wanted), is);
    else
        spec_node_warn(r, n, found, "`%s` must be %s, not %s; %s", f->name, buf_str(&wanted), is,
                       o == &language_stopper || f->object == &language_stopper
                           ? "no trial is stopped early"
                           : "it is ignored");
    buf_done(&wanted);
}

static void say_not_text(struct spec_reader *r, const struct language_field *f,
                         const struct spec_node *n, bool strict)
{
    const char *kind = spec_node_kind_name(n);
    const struct spec_finding *found = SPEC_FOUND(WRONG_VALUE, .field = f);
    if (strict)
        spec_node_error(r, n, found, "`%s` must be text, not %s", f->name, kind);
    else
        spec_node_warn(r, n, found, "`%s` must be text, not %s", f->name, kind);
}

static bool field_check(struct spec_reader *r, const struct language_object *o,
                        const struct language_field *f, const struct spec_node *n, bool strict)
{
    bool ok = value_fits(f, n);
    if (!ok && f->fault != LANGUAGE_BY_METHOD)
        say_wrong(r, o, f, n, strict);
    else if (f->type == LANGUAGE_TEXT && spec_node_kind(n) != VALUE_STR)
        say_not_text(r, f, n, strict);
    return ok;
}

void spec_fields_say_wrong(struct spec_reader *r, const struct language_object *object, int field,
                           const struct spec_node *n, bool strict)
{
    say_wrong(r, object, &object->fields[field], n, strict);
}

/* Keys of W&B's launch file, which people put into this one. */
static bool is_of_launch(const struct language_object *o, const char *key)
{
    static const char *const keys[] = {"launch",   "settings",      "resource",
                                       "queue",    "resource_args", "num_workers",
                                       "schedule", "imageuri",      "job"};
    if (o != &language_top && o != &language_scheduler)
        return false;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(keys[i], key) == 0)
            return true;
    return false;
}

static void note_slip(struct spec_reader *r, const struct language_object *o,
                      const struct spec_node *n, const char *near, struct spec_fields *ret)
{
    for (size_t k = 0; k < o->n; k++)
        if (strcmp(o->fields[k].name, near) == 0 && !yaml_tree_find(n->up->yaml, near))
            ret->slips[k] = (struct spec_slip){n->key, near, r->diags->n};
}

bool spec_fields_slipped(struct spec_reader *r, const struct spec_fields *f, int field, bool needed)
{
    const struct spec_slip *slip = &f->slips[field];
    struct diag *said = slip->key ? &r->diags->items[slip->said - 1] : NULL;
    if (said && needed && said->severity != DIAG_ERROR) {
        said->severity = DIAG_ERROR;
        said->message = arena_printf(r->diags->arena, "unknown key `%s`, and `%s` is missing",
                                     slip->key, slip->near);
        r->diags->errors++;
    }
    return said != NULL;
}

static const char *foreign_key(const struct language_object *o, const char *key)
{
    static const struct {
        const char *foreign, *ours;
    } known[] = {
        {"early_stopping", "early_terminate"},
        {"params", "parameters"},
        {"script", "program"},
        {"max_trials", "run_cap"},
        {"num_trials", "run_cap"},
        {"n_trials", "run_cap"},
        {"max_runs", "run_cap"},
        {"num_runs", "run_cap"},
        {"count", "run_cap"},
        {"objective", "metric"},
        {"max_concurrent", "max_parallel"},
        {"search_space", "parameters"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known && o == &language_top; i++)
        if (strcmp(known[i].foreign, key) == 0)
            return known[i].ours;
    return NULL;
}

static bool is_parameter(const struct language_object *o, const struct yaml_node *n)
{
    return o == &language_top && n->value->kind == VALUE_DICT &&
           (yaml_tree_find(n, "values") || yaml_tree_find(n, "value") ||
            yaml_tree_find(n, "distribution") ||
            (yaml_tree_find(n, "min") && yaml_tree_find(n, "max")));
}

static void say_unknown(struct spec_reader *r, const struct language_object *o,
                        const struct spec_node *n, bool strict, struct spec_fields *ret)
{
    if (is_of_launch(o, n->key)) {
        spec_node_warn_key(r, n, NULL, "`%s` belongs to W&B Launch, not to a sweep; it is ignored",
                           n->key);
        return;
    }
    if (is_parameter(o, n->yaml) && !spec_node_is_shared(n)) {
        spec_node_warn_key(
            r, n, SPEC_FOUND(OUTSIDE),
            "`%s` looks like a parameter, but is outside of `parameters`: it is ignored", n->key);
        return;
    }
    bool full = diags_full(r->diags);
    const char *foreign = foreign_key(o, n->key);
    const char *near = full      ? NULL
                       : foreign ? foreign
                                 : nearest_name(n->key, o->fields, o->n, sizeof *o->fields);
    const char *what = o == &language_top ? "key" : "field";
    const struct spec_finding *found =
        SPEC_FOUND(UNKNOWN_KEY, .object = o, .text = near, .sure = !full && !foreign);
    struct diag *said =
        o->fault == LANGUAGE_ERROR || strict
            ? spec_node_judge_key(r, n, found, "`%s` is not a %s of %s", n->key, what, o->name)
            : spec_node_warn_key(r, n, found, "`%s` is not a %s of %s; it is ignored", n->key, what,
                                 o->name);
    if (near && said)
        note_slip(r, o, n, near, ret);
}

static bool is_field(const struct language_object *o, const char *key)
{
    for (size_t i = 0; i < o->n; i++)
        if (strcmp(o->fields[i].name, key) == 0)
            return true;
    return false;
}

/* Reports several unknown keys, none near a known one, as one mistake: they are another tool's. */
static bool say_foreign(struct spec_reader *r, const struct spec_node *n,
                        const struct language_object *o)
{
    enum { NAMED = 3, LOOKED_AT = 20 };
    const char *names = "";
    struct spec_node first;
    size_t found = 0;
    for (size_t i = 0; i < n->yaml->n && i < LOOKED_AT; i++) {
        struct spec_node item = spec_node_entry(n, i);
        if (is_field(o, item.key))
            continue;
        if (nearest_name(item.key, o->fields, o->n, sizeof *o->fields))
            return false;
        if (found == 0 || item.line < first.line)
            first = item;
        if (found++ < NAMED)
            names = arena_printf(r->arena, "%s%s`%s`", names, *names ? ", " : "", item.key);
    }
    if (found < 2)
        return false;
    spec_node_warn_key(r, &first, NULL, "%s%s are not fields of %s; they are ignored", names,
                       found > NAMED ? arena_printf(r->arena, " and %zu more", found - NAMED) : "",
                       o->name);
    return true;
}

void spec_fields_read(struct spec_reader *r, const struct spec_node *n,
                      const struct language_object *object, bool strict, struct spec_fields *ret)
{
    bool told = object != &language_top && !object->open && object->fault != LANGUAGE_ERROR &&
                !strict && say_foreign(r, n, object);
    *ret = (struct spec_fields){0};
    for (size_t i = 0; i < n->yaml->n; i++) {
        struct spec_node item = spec_node_entry(n, i);
        size_t k = 0;
        while (k < object->n && strcmp(object->fields[k].name, item.key) != 0)
            k++;
        if (k < object->n) {
            ret->nodes[k] = item;
            ret->present[k] = field_check(r, object, &object->fields[k], &item, strict);
            ret->wrong += !ret->present[k];
        } else if (!object->open && !told) {
            say_unknown(r, object, &item, strict, ret);
        }
    }
}

bool spec_fields_number(struct spec_reader *r, const struct spec_fields *f, int field, double *ret)
{
    struct spec_number number;
    if (!f->present[field] || !spec_value_number(r, &f->nodes[field], &number))
        return false;
    *ret = number.f;
    return true;
}

bool spec_fields_int(struct spec_reader *r, const struct spec_fields *f, int field, int64_t *ret)
{
    struct spec_number number;
    if (!f->present[field] || !spec_value_number(r, &f->nodes[field], &number))
        return false;
    *ret = number.is_int ? number.i : (int64_t)number.f;
    return true;
}

bool spec_fields_bool(const struct spec_fields *f, int field, bool *ret)
{
    if (f->present[field])
        *ret = f->nodes[field].yaml->value->b;
    return f->present[field];
}

bool spec_fields_text(struct spec_reader *r, const struct spec_fields *f, int field,
                      const char **ret)
{
    if (f->present[field])
        *ret = spec_node_printed(r, &f->nodes[field]);
    return f->present[field];
}

bool spec_fields_word(const struct spec_fields *f, const struct language_object *object, int field,
                      int *ret)
{
    if (f->present[field])
        *ret = word_find(object->fields[field].words, f->nodes[field].yaml->value);
    return f->present[field];
}

bool spec_fields_span(const struct spec_fields *f, int field, double *ret_s)
{
    return f->present[field] && span_parse(f->nodes[field].yaml->value, ret_s);
}
