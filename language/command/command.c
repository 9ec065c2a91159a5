/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/command/command.h"

#include <string.h>
#include "base/json.h"
#include "base/limits.h"
#include "base/diag/nearest.h"
#include "base/number/python.h"
#include "language/command/command_flag.h"
#include "language/command/hydra_text.h"

struct build {
    struct arena *arena;
    const struct spec *spec;
    const struct value *params;
    const struct command_context *ctx;
    const struct command_flag *flags;
    size_t flags_n;
    struct value *argv;
    size_t bytes;
};

static void argv_push(struct build *b, const char *text, size_t len)
{
    b->bytes += len + 1;
    value_push(b->arena, b->argv, value_strn(b->arena, text, len));
}

static void push_text(struct build *b, const char *text)
{
    argv_push(b, text, strlen(text));
}

/* Pushes before, name, between and value as one argument; as two if between is NULL. */
static void push_printed(struct build *b, const struct value_entry *e, const char *before,
                         const char *between, void (*print)(struct buf *out, const struct value *v))
{
    struct buf text;
    buf_init(&text, LIMIT_ARGV_BYTES);
    buf_adds(&text, before);
    buf_adds(&text, e->key);
    if (between) {
        buf_adds(&text, between);
    } else {
        argv_push(b, buf_peek(&text), text.len);
        buf_clear(&text);
    }
    print(&text, e->value);
    b->bytes += text.overflow ? LIMIT_ARGV_BYTES : 0;
    argv_push(b, buf_peek(&text), text.len);
    buf_done(&text);
}

static void push_arg(struct build *b, const struct value_entry *e, const char *before,
                     const char *between)
{
    push_printed(b, e, before, between, python_str);
}

/* The text with ${trial_id} and its like replaced. */
static const char *filled_text(struct build *b, const char *text)
{
    size_t len;
    text = command_fill_text(b->arena, text, &b->ctx->fill, &len);
    b->bytes += len == LIMIT_ARGV_BYTES ? LIMIT_ARGV_BYTES : 0;
    return text;
}

/* False if the parameter has no `flag` arguments for this value. */
static bool push_own(struct build *b, const struct value_entry *e)
{
    for (size_t i = 0; i < b->flags_n; i++) {
        const struct value *own = b->flags[i].arguments;
        if (b->flags[i].entry != e)
            continue;
        for (size_t k = 0; k < own->list.n; k++)
            push_text(b, filled_text(b, own->list.items[k]->s.ptr));
        return true;
    }
    return false;
}

static void push_args(struct build *b, const char *before, const char *between)
{
    for (size_t i = 0; i < b->params->dict.n; i++)
        if (!push_own(b, &b->params->dict.entries[i]))
            push_arg(b, &b->params->dict.entries[i], before, between);
}

static void env_macro(struct build *b)
{
    push_text(b, "/usr/bin/env");
}

static void interpreter_macro(struct build *b)
{
    push_text(b, b->ctx->interpreter);
}

static void program_macro(struct build *b)
{
    /* command_check() has checked the words of the spec, but a variable's value may be this macro
     * too. */
    if (b->spec->program)
        push_text(b, b->spec->program);
}

static void args_macro(struct build *b)
{
    push_args(b, "--", "=");
}

static void args_no_equals_macro(struct build *b)
{
    push_args(b, "--", NULL);
}

static void args_no_hyphens_macro(struct build *b)
{
    push_args(b, "", "=");
}

static void args_append_hydra_macro(struct build *b)
{
    push_args(b, "+", "=");
}

static void args_override_hydra_macro(struct build *b)
{
    push_args(b, "++", "=");
}

/* True is passed as the bare flag; false is not passed. */
static void args_no_boolean_flags_macro(struct build *b)
{
    for (size_t i = 0; i < b->params->dict.n; i++) {
        const struct value_entry *e = &b->params->dict.entries[i];
        if (push_own(b, e))
            continue;
        if (e->value->kind != VALUE_BOOL)
            push_arg(b, e, "--", "=");
        else if (e->value->b)
            push_text(b, arena_printf(b->arena, "--%s", e->key));
    }
}

/* Pushes each leaf under its path, joined by dots. Groups have leaves, and so do values that are
 * mappings. */
static void push_leaves(struct build *b, const char *prefix, const struct value *dict,
                        void (*push_leaf)(struct build *b, const struct value_entry *leaf))
{
    for (size_t i = 0; i < dict->dict.n; i++) {
        struct value_entry e = dict->dict.entries[i];
        if (push_own(b, &dict->dict.entries[i]))
            continue;
        if (*prefix)
            e.key = arena_printf(b->arena, "%s.%s", prefix, e.key);
        if (e.value->kind == VALUE_DICT && e.value->dict.n > 0)
            push_leaves(b, e.key, e.value, push_leaf);
        else
            push_leaf(b, &e);
    }
}

static void push_dotted(struct build *b, const struct value_entry *leaf)
{
    push_arg(b, leaf, "--", "=");
}

static void args_dotted_macro(struct build *b)
{
    push_leaves(b, "", b->params, push_dotted);
}

/* Passes each item of a list as an option of its own, for click's `multiple`, argparse's `append`
 * and absl's `multi`. */
static void push_repeated(struct build *b, const struct value_entry *leaf)
{
    if (leaf->value->kind != VALUE_LIST) {
        push_arg(b, leaf, "--", "=");
        return;
    }
    for (size_t i = 0; i < leaf->value->list.n; i++) {
        const struct value_entry item = {leaf->key, leaf->value->list.items[i]};
        push_arg(b, &item, "--", "=");
    }
}

static void args_repeated_macro(struct build *b)
{
    push_leaves(b, "", b->params, push_repeated);
}

/* Passes the items of a list as words after their option, for argparse's `nargs`. */
static void push_words(struct build *b, const struct value_entry *leaf)
{
    if (leaf->value->kind != VALUE_LIST) {
        push_arg(b, leaf, "--", "=");
        return;
    }
    push_text(b, arena_printf(b->arena, "--%s", leaf->key));
    for (size_t i = 0; i < leaf->value->list.n; i++) {
        const struct value_entry item = {"", leaf->value->list.items[i]};
        push_arg(b, &item, "", "");
    }
}

static void args_nargs_macro(struct build *b)
{
    push_leaves(b, "", b->params, push_words);
}

static void push_hydra(struct build *b, const struct value_entry *leaf)
{
    push_printed(b, leaf, "", "=", hydra_text);
}

static void push_hydra_append(struct build *b, const struct value_entry *leaf)
{
    push_printed(b, leaf, "+", "=", hydra_text);
}

static void push_hydra_override(struct build *b, const struct value_entry *leaf)
{
    push_printed(b, leaf, "++", "=", hydra_text);
}

static void args_hydra_macro(struct build *b)
{
    push_leaves(b, "", b->params, push_hydra);
}

static void args_hydra_append_macro(struct build *b)
{
    push_leaves(b, "", b->params, push_hydra_append);
}

static void args_hydra_override_macro(struct build *b)
{
    push_leaves(b, "", b->params, push_hydra_override);
}

/* Passes --x or --no-x, for argparse's BooleanOptionalAction and click's `--x/--no-x`. */
static void push_flag(struct build *b, const struct value_entry *leaf)
{
    if (leaf->value->kind == VALUE_BOOL)
        push_text(b, arena_printf(b->arena, "--%s%s", leaf->value->b ? "" : "no-", leaf->key));
    else
        push_repeated(b, leaf);
}

static void args_flags_macro(struct build *b)
{
    push_leaves(b, "", b->params, push_flag);
}

static void args_json_macro(struct build *b)
{
    push_text(b, json_text(b->arena, b->params, JSON_PYTHON));
}

static void args_json_file_macro(struct build *b)
{
    push_text(b, b->ctx->params_json);
}

/* W&B splices a Python dict into the argument list here, which keeps only its keys. */
static void args_dict_macro(struct build *b)
{
    for (size_t i = 0; i < b->params->dict.n; i++)
        push_text(b, b->params->dict.entries[i].key);
}

static const struct macro {
    const char *name;
    void (*expand)(struct build *b);
    enum command_passes passes;
} macros[] = {
    {"${env}", env_macro, COMMAND_PASSES_NOTHING},
    {"${interpreter}", interpreter_macro, COMMAND_PASSES_NOTHING},
    {"${program}", program_macro, COMMAND_PASSES_NOTHING},
    {"${args}", args_macro, COMMAND_PASSES_GROUPS},
    {"${args_no_equals}", args_no_equals_macro, COMMAND_PASSES_GROUPS},
    {"${args_no_hyphens}", args_no_hyphens_macro, COMMAND_PASSES_GROUPS},
    {"${args_append_hydra}", args_append_hydra_macro, COMMAND_PASSES_GROUPS},
    {"${args_override_hydra}", args_override_hydra_macro, COMMAND_PASSES_GROUPS},
    {"${args_no_boolean_flags}", args_no_boolean_flags_macro, COMMAND_PASSES_GROUPS},
    {"${args_json}", args_json_macro, COMMAND_PASSES_DATA},
    {"${args_json_file}", args_json_file_macro, COMMAND_PASSES_DATA},
    {"${args_dict}", args_dict_macro, COMMAND_PASSES_DATA},
    {"${args_dotted}", args_dotted_macro, COMMAND_PASSES_MEMBERS},
    {"${args_flags}", args_flags_macro, COMMAND_PASSES_MEMBERS},
    {"${args_repeated}", args_repeated_macro, COMMAND_PASSES_MEMBERS},
    {"${args_nargs}", args_nargs_macro, COMMAND_PASSES_MEMBERS},
    {"${args_hydra}", args_hydra_macro, COMMAND_PASSES_MEMBERS},
    {"${args_hydra_append}", args_hydra_append_macro, COMMAND_PASSES_MEMBERS},
    {"${args_hydra_override}", args_hydra_override_macro, COMMAND_PASSES_MEMBERS},
};

enum { MACRO_COUNT = sizeof macros / sizeof *macros };

static const struct macro *macro_find(const char *word)
{
    for (size_t i = 0; i < MACRO_COUNT; i++)
        if (strcmp(macros[i].name, word) == 0)
            return &macros[i];
    return NULL;
}

bool command_is_macro(const char *word)
{
    return macro_find(word) || command_fill_is_name(word);
}

bool command_passes_parameters(const char *word)
{
    return command_passes(word) != COMMAND_PASSES_NOTHING;
}

enum command_passes command_passes(const char *word)
{
    const struct macro *m = macro_find(word);
    return m ? m->passes : COMMAND_PASSES_NOTHING;
}

const char *command_macro_name(size_t i)
{
    return i < MACRO_COUNT ? macros[i].name : command_fill_name(i - MACRO_COUNT);
}

const char *command_macro_near(const char *word)
{
    const char *all[MACRO_COUNT + 16];
    size_t n = 0;
    for (; command_macro_name(n); n++)
        all[n] = command_macro_name(n);
    return nearest_name(word, all, n, sizeof *all);
}

static bool is_macro(const char *word, size_t len)
{
    return len >= 3 && word[0] == '$' && word[1] == '{' && word[len - 1] == '}';
}

static void add_word(struct build *b, const char *word)
{
    bool is_name = command_fill_is_name(word); /* an unknown name stays as it is */
    word = filled_text(b, word);
    if (is_name || !is_macro(word, strlen(word))) {
        push_text(b, word);
        return;
    }
    const struct macro *m = macro_find(word);
    if (m)
        m->expand(b);
}

int command_check(const struct spec *s, struct err *err)
{
    for (size_t i = 0; i < s->command->list.n; i++)
        if (!s->program && strcmp(s->command->list.items[i]->s.ptr, "${program}") == 0)
            return err_set(err, ERR_SPEC,
                           "there is no `program` to execute: write program: train.py, or a "
                           "command without ${program}");
    return 0;
}

int command_build(struct arena *a, const struct spec *s, const struct value *params,
                  const struct command_context *ctx, struct value **ret, struct err *err)
{
    struct build b = {.arena = a, .spec = s, .params = params, .ctx = ctx, .argv = value_list(a)};
    int rc = command_check(s, err);
    if (rc != 0)
        return rc;
    struct command_flag *flags;
    b.flags_n = command_flag_find(a, s->flags, params, &flags);
    b.flags = flags;
    for (size_t i = 0; i < s->command->list.n; i++)
        add_word(&b, s->command->list.items[i]->s.ptr);
    if (b.argv->list.n == 0)
        return err_set(err, ERR_SPEC, "the command expands to nothing");
    if (b.bytes > LIMIT_ARGV_BYTES)
        return err_set(err, ERR_LIMIT, "the command line is longer than %d bytes",
                       LIMIT_ARGV_BYTES);
    *ret = b.argv;
    return 0;
}
