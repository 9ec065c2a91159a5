/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/lint/lint_args.h"

#include <stdlib.h>
#include <string.h>

#include "agent/interpreter.h"
#include "base/diag/nearest.h"
#include "base/number/python.h"
#include "cli/help/ask_help.h"
#include "cli/help/help_text.h"
#include "cli/lint/lint_program.h"
#include "language/command.h"
#include "language/reader/spec_node.h"

struct check {
    struct spec_reader r;
    const struct spec *spec;
    const char *shown; /* the script, as a person calls it */
    bool flags;        /* truths are passed as --name or not at all */
    bool dotted;       /* members of groups are passed as --group.member */
    struct help_text help;
};

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);
    return n >= m && strcmp(s + n - m, end) == 0;
}

/* The words that stand before the parameters; what is asked is that with --help behind. NULL where
 * the parameters are not passed as --name. */
static const struct value *words_before(struct check *c)
{
    static const struct {
        const char *name;
        bool flags, dotted;
    } macros[] = {{"${args}", false, false},
                  {"${args_no_equals}", false, false},
                  {"${args_no_boolean_flags}", true, false},
                  {"${args_flags}", true, true},
                  {"${args_dotted}", false, true}};
    const struct value *command = c->spec->command;
    struct value *words = value_list(c->r.arena);
    for (size_t i = 0; i < command->list.n; i++) {
        const char *word = command->list.items[i]->s.ptr;
        for (size_t k = 0; k < sizeof macros / sizeof *macros; k++)
            if (strcmp(word, macros[k].name) == 0) {
                c->flags = macros[k].flags;
                c->dotted = macros[k].dotted;
                return words;
            }
        value_push(c->r.arena, words, value_str(c->r.arena, word));
    }
    return NULL;
}

static const char *variable_get(void *arg, const char *name)
{
    (void)arg;
    return getenv(name);
}

/* The Python script or module of a command; NULL where there is none. */
static const char *script_of(const struct value *argv)
{
    const char *script = NULL;
    for (size_t i = 0; i < argv->list.n; i++) {
        const char *word = argv->list.items[i]->s.ptr;
        if (ends_with(word, ".py") || (i > 0 && strcmp(argv->list.items[i - 1]->s.ptr, "-m") == 0))
            script = word;
    }
    return script;
}

static bool ask_script(struct check *c, const char *named, const struct spec_node *at)
{
    const struct value *words = words_before(c);
    struct spec spec = *c->spec;
    struct command_context ctx = {.interpreter = interpreter_find(),
                                  .fill = {.getenv = variable_get}};
    struct value *argv;
    struct err err = {0};
    char dir[PATH_MAX];
    struct buf text;
    if (!words) {
        spec_node_note(&c->r, at, NULL,
                       "the parameters are not passed as --name=value, so there is nothing to "
                       "compare with the options");
        return false;
    }
    spec.command = words;
    if (words->list.n == 0 ||
        command_build(c->r.arena, &spec, value_dict(c->r.arena), &ctx, &argv, &err) != 0)
        return false; /* what is wrong with the command is said already */
    c->shown = script_of(argv);
    lint_program_workdir(c->spec, named, dir);
    if (!c->shown) {
        spec_node_note(&c->r, at, NULL,
                       "only a Python script is asked for its options: anything else might run");
        return false;
    }
    value_push(c->r.arena, argv, value_str(c->r.arena, "--help"));
    buf_init(&text, ASK_HELP_BYTES);
    int rc = ask_help(&text, argv, dir, &err);
    if (rc == 0)
        help_text_read(&c->help, c->r.arena, buf_peek(&text), text.len);
    buf_done(&text);
    if (rc != 0)
        spec_node_note(&c->r, at, NULL, "%s --help was of no use: %s", c->shown, err.text);
    else if (c->help.n == 0)
        spec_node_note(&c->r, at, NULL, "%s --help names no options", c->shown);
    return rc == 0 && c->help.n > 0;
}

static void say_no_option(struct check *c, const struct spec_node *parameter, const char *option)
{
    struct arena *a = c->r.arena;
    const char *near =
        c->help.n ? nearest_name(option, c->help.options, c->help.n, sizeof *c->help.options)
                  : NULL;
    bool group = spec_node_kind(parameter) == VALUE_DICT &&
                 yaml_tree_find(parameter->yaml, "parameters") != NULL;
    if (near)
        diags_fix(c->r.diags,
                  spec_node_warn_key(&c->r, parameter, NULL,
                                     "%s has no option %s; did you mean %s?", c->shown, option,
                                     near),
                  arena_printf(a, "%s: …", near + 2));
    else if (group)
        spec_node_warn_key(&c->r, parameter, NULL,
                           "%s has no option %s, which a group is passed as: %s={…}", c->shown,
                           option, option);
    else
        spec_node_warn_key(&c->r, parameter, NULL, "%s has no option %s", c->shown, option);
}

static bool is_choice(const struct help_option *option, const struct value *v)
{
    struct buf text;
    bool found = false;
    buf_init(&text, 4096);
    python_str(&text, v);
    for (size_t i = 0; i < option->choices->list.n; i++)
        found = found || (!text.overflow &&
                          strcmp(option->choices->list.items[i]->s.ptr, buf_peek(&text)) == 0);
    buf_done(&text);
    return found;
}

static const char *choices_shown(struct check *c, const struct help_option *option)
{
    struct buf text;
    buf_init(&text, 200);
    for (size_t i = 0; i < option->choices->list.n; i++)
        buf_addf(&text, "%s%s", i ? ", " : "", option->choices->list.items[i]->s.ptr);
    const char *shown =
        arena_printf(c->r.arena, "%s%s", buf_peek(&text), text.overflow ? ", …" : "");
    buf_done(&text);
    return shown;
}

static void check_choice(struct check *c, const struct help_option *option,
                         const struct spec_node *v)
{
    if (!is_choice(option, v->yaml->value))
        spec_node_warn(&c->r, v, NULL, "%s takes %s for %s, not %s", c->shown,
                       choices_shown(c, option), option->name, spec_node_shown(&c->r, v));
}

static void check_choices(struct check *c, const struct help_option *option,
                          const struct spec_node *parameter)
{
    struct spec_node values;
    if (spec_node_get(parameter, "value", &values))
        check_choice(c, option, &values);
    else if (spec_node_get(parameter, "values", &values) && spec_node_kind(&values) == VALUE_LIST)
        for (size_t i = 0; i < values.yaml->n; i++) {
            struct spec_node item = spec_node_item(&values, i);
            check_choice(c, option, &item);
        }
}

static bool all_bool(const struct spec_node *parameter)
{
    struct spec_node v;
    if (spec_node_get(parameter, "value", &v))
        return spec_node_kind(&v) == VALUE_BOOL;
    if (!spec_node_get(parameter, "values", &v) || spec_node_kind(&v) != VALUE_LIST)
        return false;
    for (size_t i = 0; i < v.yaml->n; i++)
        if (v.yaml->items[i]->value->kind != VALUE_BOOL)
            return false;
    return true;
}

static void check_parameters(struct check *c, const struct spec_node *parameters,
                             const char *before);

/* before: "--", and the groups around it where they are passed member by member. */
static void check_parameter(struct check *c, const struct spec_node *parameter, const char *before)
{
    const char *name = arena_printf(c->r.arena, "%s%s", before, parameter->key);
    const struct help_option *option = help_text_find(&c->help, name);
    struct spec_node members;
    if (spec_node_kind(parameter) != VALUE_DICT)
        return;
    if (c->dotted && spec_node_get(parameter, "parameters", &members))
        check_parameters(c, &members, arena_printf(c->r.arena, "%s.", name));
    else if (!option)
        say_no_option(c, parameter, name);
    else if (!option->value && !(c->flags && all_bool(parameter)))
        diags_fix(c->r.diags,
                  spec_node_warn_key(&c->r, parameter, NULL,
                                     "%s takes no value in %s, and would be given one",
                                     option->name, c->shown),
                  all_bool(parameter) ? "${args_no_boolean_flags} for ${args} in `command`" : NULL);
    else if (option->choices)
        check_choices(c, option, parameter);
}

static void check_parameters(struct check *c, const struct spec_node *parameters,
                             const char *before)
{
    for (size_t i = 0; spec_node_kind(parameters) == VALUE_DICT && i < parameters->yaml->n; i++) {
        struct spec_node parameter = spec_node_entry(parameters, i);
        check_parameter(c, &parameter, before);
    }
}

static bool is_given(const struct check *c, const struct spec_node *parameters, const char *option)
{
    size_t len = strlen(option);
    for (size_t i = 0; i < c->spec->command->list.n; i++) {
        const char *word = c->spec->command->list.items[i]->s.ptr;
        if (strncmp(word, option, len) == 0 && (word[len] == '\0' || word[len] == '='))
            return true;
    }
    for (size_t i = 0; c->dotted && i < c->spec->space.n; i++)
        if (strcmp(c->spec->space.parameters[i].name, option + 2) == 0)
            return true;
    return yaml_tree_find(parameters->yaml, option + 2) != NULL;
}

void lint_args_check(struct diags *d, const char *named, const struct spec *s)
{
    struct check c = {.r = {d->arena, d}, .spec = s};
    struct spec_node root = {.yaml = s->tree, .line = 1, .column = 1}, at, parameters;
    if (!s->tree || s->tree->value->kind != VALUE_DICT || !s->command ||
        !spec_node_get(&root, "parameters", &parameters) ||
        spec_node_kind(&parameters) != VALUE_DICT)
        return;
    if (!spec_node_get(&root, "command", &at) && !spec_node_get(&root, "program", &at))
        return;
    if (ask_script(&c, named, &at)) {
        check_parameters(&c, &parameters, "--");
        for (size_t i = 0; i < c.help.required->list.n; i++)
            if (!is_given(&c, &parameters, c.help.required->list.items[i]->s.ptr))
                spec_node_warn(&c.r, &at, NULL, "%s requires %s, which nothing here gives", c.shown,
                               c.help.required->list.items[i]->s.ptr);
    }
    diags_sort(d, 0);
}
