/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/reader/parameter/spec_flag.h"

#include <math.h>
#include <string.h>
#include "base/json.h"
#include "base/yaml/yaml_scalar.h"
#include "language/command/command.h"
#include "language/command/command_flag.h"
#include "language/reader/spec_finding.h"
#include "language/reader/spec_flow.h"

static bool may_be_key(const struct value *v)
{
    return v->kind != VALUE_LIST && v->kind != VALUE_DICT;
}

/* A key in quotes that YAML 1.1 reads as true, false or null without them. */
static const struct yaml_entry *find_word(const struct spec_node *flag, const struct value *v)
{
    for (size_t i = 0; i < flag->yaml->n; i++) {
        const char *key = flag->yaml->entries[i].key;
        struct yaml_scalar word = yaml_scalar_plain(key, strlen(key));
        if (v->kind == VALUE_NULL ? word.kind == YAML_SCALAR_NULL
                                  : word.kind == YAML_SCALAR_BOOL && word.b == v->b)
            return &flag->yaml->entries[i];
    }
    return NULL;
}

/* The entry of `flag` for a value; NULL if it has none. Keys are text, whatever the value's type:
 * 1e-5 is "1e-05", true is "true". */
static const struct yaml_entry *find_entry(struct spec_reader *r, const struct spec_node *flag,
                                           const struct value *v)
{
    const char *key = v->kind == VALUE_STR ? v->s.ptr : json_text(r->arena, v, JSON_PYTHON);
    const struct yaml_entry *e = yaml_tree_find(flag->yaml, key);
    struct value *other = NULL; /* 5 for 5.0 and vice versa */
    if (!e && (v->kind == VALUE_NULL || v->kind == VALUE_BOOL))
        return find_word(flag, v);
    if (!e && v->kind == VALUE_INT)
        other = value_float(r->arena, (double)v->i);
    else if (!e && v->kind == VALUE_FLOAT && fabs(v->f) < 0x1p53 && trunc(v->f) == v->f)
        other = value_int(r->arena, (int64_t)v->f);
    return other && value_same(other, v)
               ? yaml_tree_find(flag->yaml, json_text(r->arena, other, JSON_PYTHON))
               : e;
}

static void say_no_argument(struct spec_reader *r, const struct spec_node *n)
{
    spec_node_error(r, n, NULL,
                    "%s is not an argument: write text, or a list with one text for each argument",
                    spec_node_shown(r, n));
}

/* Notes that "--opt=adam --beta 0.9" reaches the script as one argument. */
static void note_words(struct spec_reader *r, const struct spec_node *n)
{
    const char *text = n->yaml->value->s.ptr, *space = strchr(text, ' ');
    if (*text == '-' && space && (!memchr(text, '=', (size_t)(space - text)) || strstr(text, " -")))
        spec_node_warn(r, n, SPEC_FOUND(FLAG_WORDS),
                       "this is one argument with a space in it: write a list of arguments");
}

/* Text or a list of text; anything else is reported and gives NULL. */
static struct value *read_arguments(struct spec_reader *r, const struct spec_node *n)
{
    struct value *list = value_list(r->arena);
    enum value_kind kind = spec_node_kind(n);
    if (kind == VALUE_NULL)
        return list;
    if (kind == VALUE_BOOL || kind == VALUE_DICT) {
        say_no_argument(r, n);
        return NULL;
    }
    if (kind != VALUE_LIST) {
        const char *text = spec_node_printed(r, n);
        if (kind == VALUE_STR)
            note_words(r, n);
        if (*text)
            value_push(r->arena, list, value_str(r->arena, text));
        return list;
    }
    for (size_t i = 0; i < n->yaml->n; i++) {
        struct spec_node item = spec_node_item(n, i);
        if (spec_node_kind(&item) == VALUE_NULL || !may_be_key(item.yaml->value)) {
            say_no_argument(r, &item);
            return NULL;
        }
        value_push(r->arena, list, value_str(r->arena, spec_node_printed(r, &item)));
    }
    return list;
}

static void say_missing(struct spec_reader *r, const struct spec_node *flag,
                        const struct value *missing)
{
    enum { SHOWN_MAX = 5 };
    const char *names = "";
    size_t n = missing->list.n, shown = n < SHOWN_MAX ? n : SHOWN_MAX;
    for (size_t i = 0; i < shown; i++)
        names = arena_printf(r->arena, "%s%s%s", names, i ? ", " : "",
                             spec_flow_shown(r->arena, missing->list.items[i]));
    if (n > shown)
        names = arena_printf(r->arena, "%s and %zu more", names, n - shown);
    spec_node_error_key(r, flag, SPEC_FOUND(FLAG_TEXT, .words = missing),
                        "`flag` has no text for %s", names);
}

static void check_command(struct spec_reader *r, const struct spec_node *flag,
                          const struct parameter *p, const struct spec *s)
{
    const char *whole = s->command ? NULL : "${args}"; /* the default command contains it */
    bool passed = !s->command;
    for (size_t i = 0; s->command && i < s->command->list.n; i++) {
        const char *word = s->command->list.items[i]->s.ptr;
        enum command_passes passes = command_passes(word);
        passed = passed || passes == COMMAND_PASSES_GROUPS || passes == COMMAND_PASSES_MEMBERS;
        whole = !whole && passes == COMMAND_PASSES_GROUPS ? word : whole;
    }
    if (p->depth > 1 && whole)
        spec_node_error_key(r, flag, NULL,
                            "%s passes the whole group `%s` as one argument: use ${args_dotted}, "
                            "${args_flags} or ${args_hydra} in `command`",
                            whole, p->path[0]);
    else if (!passed)
        spec_node_note(r, flag, NULL,
                       "no macro of the command passes `%s` as an argument: `flag` has no effect",
                       p->name);
}

/* Checks that each value may be a key. */
static bool check_values(struct spec_reader *r, const struct spec_node *flag,
                         const struct value *values)
{
    for (size_t i = 0; i < values->list.n; i++) {
        if (may_be_key(values->list.items[i]))
            continue;
        spec_node_error_key(r, flag, NULL,
                            "a value that is a list or a mapping cannot have a text: %s",
                            spec_flow_shown(r->arena, values->list.items[i]));
        return false;
    }
    return true;
}

static struct value *read_texts(struct spec_reader *r, const struct spec_node *flag,
                                const struct parameter *p, const struct value *values)
{
    size_t n = flag->yaml->n;
    struct value *item = command_flag_new(r->arena, p->path, p->depth);
    struct value *missing = value_list(r->arena);
    bool *used = arena_alloc(r->arena, (n + 1) * sizeof *used);
    memset(used, 0, n * sizeof *used);
    for (size_t i = 0; i < values->list.n; i++) {
        const struct yaml_entry *e = find_entry(r, flag, values->list.items[i]);
        if (!e) {
            value_push(r->arena, missing, values->list.items[i]);
            continue;
        }
        size_t at = (size_t)(e - flag->yaml->entries);
        struct spec_node entry = spec_node_entry(flag, at);
        struct value *arguments = read_arguments(r, &entry);
        used[at] = true;
        if (arguments)
            command_flag_add(r->arena, item, values->list.items[i], arguments);
    }
    if (missing->list.n > 0)
        say_missing(r, flag, missing);
    for (size_t i = 0; i < n; i++) {
        struct spec_node entry = spec_node_entry(flag, i);
        if (!used[i])
            spec_node_warn_key(r, &entry, NULL, "%s is not one of the values", entry.key);
    }
    return item;
}

void spec_flag_read(struct spec_reader *r, const struct spec_draft *d, const struct parameter *p,
                    struct spec *s)
{
    const struct spec_node *flag = &d->fields[FIELD_FLAG];
    const struct value *values = p->distinct;
    if (p->value) {
        struct value *one = value_list(r->arena);
        value_push(r->arena, one, (struct value *)p->value);
        values = one;
    }
    if (spec_node_kind(flag) != VALUE_DICT) {
        spec_node_error(r, flag, SPEC_FOUND(FLAG_SHAPE, .words = values),
                        "`flag` must be a mapping from each value to its text, not %s",
                        spec_node_kind_name(flag));
        return;
    }
    if (!check_values(r, flag, values))
        return;
    if (!s->flags)
        s->flags = value_list(r->arena);
    value_push(r->arena, (struct value *)s->flags, read_texts(r, flag, p, values));
    check_command(r, flag, p, s);
}
