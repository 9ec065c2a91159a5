/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/reader/spec_command.h"

#include <string.h>
#include "base/diag/nearest.h"
#include "base/limits.h"
#include "language/command/command.h"
#include "language/reader/spec_finding.h"

/* Tells advice which macro was meant by an item that is not a macro, or contains one. */
static void tell_meant(struct spec_reader *r, struct diag *said, const struct spec_node *item,
                       const char *text, bool sure)
{
    spec_finding_tell(r, said, item, SPEC_FOUND(MACRO, .text = text, .sure = sure));
}

void spec_command_read(struct spec_reader *r, struct spec *s, const struct spec_node *n)
{
    if (spec_node_kind(n) == VALUE_NULL) {
        spec_node_warn(r, n, NULL, "`command` is empty: the default command is used");
        return;
    }
    if (spec_node_kind(n) != VALUE_LIST) {
        spec_node_error(r, n, SPEC_FOUND(NO_ARGUMENTS),
                        "`command` must be a list with one item for each argument, not %s",
                        spec_node_kind(n) == VALUE_STR ? "one text" : spec_node_kind_name(n));
        return;
    }
    if (n->yaml->n == 0) /* W&B uses its default for an empty list too */
        return;
    struct value *command = value_list(r->arena);
    for (size_t i = 0; i < n->yaml->n; i++) {
        struct spec_node item = spec_node_item(n, i);
        value_push(r->arena, command, value_str(r->arena, spec_node_printed(r, &item)));
    }
    s->command = command;
}

static bool is_parameter(const struct space *space, const char *name, size_t len)
{
    for (size_t i = 0; i < space->n; i++) {
        const struct parameter *p = &space->parameters[i];
        if ((strncmp(p->name, name, len) == 0 && p->name[len] == '\0') ||
            (strncmp(p->path[0], name, len) == 0 && p->path[0][len] == '\0'))
            return true;
    }
    return false;
}

/* Macros for one parameter: people who write one write one for each, so all count as one mistake.
 */
struct singles {
    const char *first;
    size_t said, n; /* said: 1 + the place of the diagnostic in the list */
};

static void count_single(struct spec_reader *r, struct singles *singles,
                         const struct spec_node *item, const char *word)
{
    if (singles->n++ > 0)
        return;
    singles->first = word;
    struct diag *said = spec_node_warn(
        r, item, NULL,
        "there is no macro for one parameter: %s is dropped, as in W&B; ${args} passes them all",
        word);
    tell_meant(r, said, item, "${args}", false);
    if (said)
        singles->said = r->diags->n;
}

static void say_how_many(struct spec_reader *r, const struct singles *singles)
{
    if (singles->said > 0 && singles->n > 1)
        r->diags->items[singles->said - 1].message =
            arena_printf(r->diags->arena,
                         "there is no macro for one parameter: %s is dropped, as in W&B, and %zu "
                         "more of this command; ${args} passes them all",
                         singles->first, singles->n - 1);
}

/* Reports a word that is not a macro. Returns whether it was meant to pass the parameters. */
static bool say_no_macro(struct spec_reader *r, const struct spec *s, const struct spec_node *item,
                         const char *word, struct singles *singles)
{
    size_t len = strlen(word);
    bool one = is_parameter(&s->space, word + 2, len - 3);
    const char *near = diags_full(r->diags) ? NULL : command_macro_near(word);
    if (strncmp(word, "${{", 3) == 0)
        spec_node_warn(r, item, NULL, "${{…}} is not a macro: %s is dropped, as in W&B", word);
    else if (one)
        count_single(r, singles, item, word);
    else {
        struct diag *said =
            spec_node_warn(r, item, NULL, "%s is not a macro: it is dropped, as in W&B", word);
        if (near)
            tell_meant(r, said, item, near, nearest_sure(word, &near, 1, sizeof near));
    }
    return one || (near && command_passes_parameters(near));
}

enum {
    MACRO_BYTES = 64, /* longer than any macro's name */
    LOOKS_MAX = 100   /* each look searches all parameters */
};

/* The diagnostics about ${name} within items. */
struct within {
    size_t looks;
    bool said; /* people who write one for a parameter write one for each */
};

static bool is_of_variable(char c)
{
    return c == '_' || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* The text with shell expansions made: $HOME, ${HOME}, ~/; NULL if it has none. */
static const char *shell_meant(struct spec_reader *r, const char *word)
{
    struct buf out;
    bool found = false;
    buf_init(&out, LIMIT_ARGV_BYTES);
    for (const char *p = word; *p; p++) {
        bool braced = p[0] == '$' && p[1] == '{';
        const char *name = p + 1 + braced;
        size_t len = 0;
        while (*p == '$' && is_of_variable(name[len]))
            len++;
        if (len > 1 && !(*name >= '0' && *name <= '9') && (!braced || name[len] == '}')) {
            buf_addf(&out, "${envvar:%.*s}", (int)len, name);
            p = name + len - !braced;
            found = true;
        } else if (p[0] == '~' && p[1] == '/' && (p == word || p[-1] == '=')) {
            buf_adds(&out, "${envvar:HOME}");
            found = true;
        } else {
            buf_addc(&out, *p);
        }
    }
    const char *text =
        found && !out.overflow ? arena_strndup(r->arena, buf_peek(&out), out.len) : NULL;
    buf_done(&out);
    return text;
}

/* Reports syntax of shells and of make that is not supported. Returns whether it was meant to pass
 * parameters. */
static bool check_within(struct spec_reader *r, const struct spec *s, const struct spec_node *item,
                         const char *word, struct within *w)
{
    const char *meant = shell_meant(r, word);
    if (meant) {
        tell_meant(
            r,
            spec_node_note(r, item, NULL, "commands run without a shell: this is passed unchanged"),
            item, meant, false);
        return false;
    }
    for (const char *p = word; *p; p++) {
        if (p[0] != '$' || p[1] != '{')
            continue;
        const char *name = p + 2;
        const char *end = memchr(name, '}', strnlen(name, MACRO_BYTES));
        const char *macro = end ? arena_strndup(r->arena, p, (size_t)(end - p) + 1) : NULL;
        if (macro && command_fill_is_name(macro))
            continue;
        if (macro && command_is_macro(macro)) {
            spec_node_note(
                r, item, NULL,
                "%s is passed unchanged: a macro is replaced only if it is the whole item", macro);
            return false;
        }
        if (end && w->looks++ < LOOKS_MAX && is_parameter(&s->space, name, (size_t)(end - name))) {
            if (!w->said)
                tell_meant(r,
                           spec_node_warn(r, item, NULL,
                                          "%s is passed unchanged: there is no macro for one "
                                          "parameter, and ${args} passes them all",
                                          macro),
                           item, "${args}", false);
            w->said = true;
            return true;
        }
    }
    return false;
}

static void say_not_passed(struct spec_reader *r, const struct spec *s, const struct spec_node *n)
{
    spec_node_note(r, n, SPEC_FOUND(NOT_PASSED, .words = s->command),
                   "the parameters are not passed on the command line: add ${args}, or let the "
                   "script read them from the file $BESOM_PARAMS or from wandb.config");
}

static bool is_shell(const char *word)
{
    static const char *const shells[] = {"sh", "bash", "dash", "zsh", "ksh"};
    const char *slash = strrchr(word, '/');
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
        if (strcmp(slash ? slash + 1 : word, shells[i]) == 0)
            return true;
    return false;
}

static bool is_script_option(const char *word)
{
    return strcmp(word, "-c") == 0 || strcmp(word, "-lc") == 0;
}

/* In bash -c "python train.py ${args}" the shell reads ${args} as a variable of its own. */
static bool say_in_script(struct spec_reader *r, const struct spec *s, const struct spec_node *item,
                          size_t i)
{
    struct value *const *words = s->command->list.items;
    if (i < 2 || !is_script_option(words[i - 1]->s.ptr) || !is_shell(words[i - 2]->s.ptr) ||
        !strstr(words[i]->s.ptr, "${args"))
        return false;
    spec_node_warn(
        r, item,
        SPEC_FOUND(SHELL_ARGS, .text = words[i - 2]->s.ptr, .sure = i + 1 == s->command->list.n),
        "the shell gets this script unchanged: ${args} is not replaced in it");
    return true;
}

static bool has_empty_list(const struct parameter *p)
{
    for (size_t i = 0; p->values && i < p->values->list.n; i++)
        if (p->values->list.items[i]->kind == VALUE_LIST && p->values->list.items[i]->list.n == 0)
            return true;
    return p->value && p->value->kind == VALUE_LIST && p->value->list.n == 0;
}

/* Notes that a list without items gets no option from these macros. */
static void note_empty_list(struct spec_reader *r, const struct spec *s,
                            const struct spec_node *item, const char *word)
{
    if (strcmp(word, "${args_flags}") != 0 && strcmp(word, "${args_repeated}") != 0)
        return;
    for (size_t i = 0; i < s->space.n; i++) {
        if (!has_empty_list(&s->space.parameters[i]))
            continue;
        spec_node_note(r, item, NULL,
                       "an empty list of `%s` is passed as nothing: the script uses its default",
                       s->space.parameters[i].name);
        return;
    }
}

static bool reads_elsewhere(const char *word)
{
    return strstr(word, "BESOM_PARAMS") || strstr(word, "${params_file}") ||
           strstr(word, "WANDB_SWEEP_PARAM_PATH");
}

void spec_command_check(struct spec_reader *r, const struct spec *s, const struct spec_node *n)
{
    bool passed = false, shell = false;
    struct singles singles = {0};
    struct within within = {0};
    if (!n || spec_node_kind(n) != VALUE_LIST || n->yaml->n == 0)
        return;
    for (size_t i = 0; i < n->yaml->n && !diags_full(r->diags); i++) {
        struct spec_node item = spec_node_item(n, i);
        const char *word = s->command->list.items[i]->s.ptr;
        const char *left = strstr(word, "${") ? command_fill_sample(r->arena, word) : word;
        size_t len = strlen(left);
        passed = passed || command_passes_parameters(word) || reads_elsewhere(word);
        passed = say_in_script(r, s, &item, i) || passed;
        shell = shell || is_script_option(word);
        note_empty_list(r, s, &item, word);
        bool whole = len >= 3 && strncmp(left, "${", 2) == 0 && left[len - 1] == '}';
        if (!whole && !shell)
            passed = check_within(r, s, &item, word, &within) || passed;
        else if (whole && !command_is_macro(word))
            passed = say_no_macro(r, s, &item, word, &singles) || passed;
    }
    say_how_many(r, &singles);
    if (!passed && s->space.n > 0)
        say_not_passed(r, s, n);
}
