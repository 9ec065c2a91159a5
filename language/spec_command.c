/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/spec_command.h"

#include <string.h>
#include "base/nearest.h"
#include "language/command.h"

void spec_command_read(struct spec_reader *r, struct spec *s, const struct spec_node *n)
{
    static const char fix[] = "command: ['${env}', '${interpreter}', '${program}', '${args}']";
    if (spec_node_kind(n) == VALUE_NULL) {
        spec_node_warn(r, n, NULL, "`command` is empty: the usual one is taken");
        return;
    }
    if (spec_node_kind(n) != VALUE_LIST) {
        spec_node_error(r, n, fix,
                        "`command` must be a list with one item for each argument, and it is %s",
                        spec_node_kind_name(n));
        return;
    }
    if (n->yaml->n == 0) /* W&B takes its default for an empty list too */
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
        if ((strlen(p->name) == len && strncmp(p->name, name, len) == 0) ||
            (strlen(p->path[0]) == len && strncmp(p->path[0], name, len) == 0))
            return true;
    }
    return false;
}

/* Whether what was meant is to pass the parameters. */
static bool say_no_macro(struct spec_reader *r, const struct spec *s, const struct spec_node *item,
                         const char *word)
{
    size_t len = strlen(word);
    bool one = is_parameter(&s->space, word + 2, len - 3);
    const char *near = diags_full(r->diags) ? NULL : command_macro_near(word);
    if (strncmp(word, "${{", 3) == 0)
        spec_node_warn(r, item, NULL, "${{…}} is no macro: %s is dropped, as W&B does", word);
    else if (one)
        spec_node_warn(r, item, "- ${args}",
                       "there is no macro for one parameter: %s is dropped, as W&B does; ${args} "
                       "passes them all",
                       word);
    else {
        struct diag *said =
            spec_node_warn(r, item, near ? arena_printf(r->arena, "- %s", near) : NULL,
                           "%s is no macro: it is dropped, as W&B does", word);
        if (near && nearest_sure(word, &near, 1, sizeof near))
            spec_node_replace_name(r, said, item, near);
    }
    return one || (near && command_passes_parameters(near));
}

/* Users of shells and of make expect more than there is. */
static void check_within(struct spec_reader *r, const struct spec_node *item, const char *word)
{
    for (const char *p = strstr(word, "${"); p; p = strstr(p + 2, "${")) {
        const char *name = p + 2;
        size_t len = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
        if (name[len] == '}' && len > 0) {
            spec_node_note(r, item,
                           arena_printf(r->arena, "- '%.*s${envvar:%.*s}%s'", (int)(p - word), word,
                                        (int)len, name, name + len + 1),
                           "no shell sees this: ${%.*s} stays as it is", (int)len, name);
            return;
        }
        size_t end = strcspn(name, "}");
        if (name[end] == '}' && command_is_macro(arena_strndup(r->arena, p, end + 3))) {
            spec_node_note(r, item, NULL,
                           "%.*s stays as it is: a macro is replaced only where it is the whole "
                           "item",
                           (int)end + 3, p);
            return;
        }
    }
}

static bool reads_elsewhere(const char *word)
{
    return strstr(word, "BESOM_PARAMS") || strstr(word, "WANDB_SWEEP_PARAM_PATH");
}

void spec_command_check(struct spec_reader *r, const struct spec *s, const struct spec_node *n)
{
    bool passed = false, shell = false;
    if (!n || spec_node_kind(n) != VALUE_LIST || n->yaml->n == 0)
        return;
    for (size_t i = 0; i < n->yaml->n; i++) {
        struct spec_node item = spec_node_item(n, i);
        const char *word = s->command->list.items[i]->s.ptr;
        size_t len = strlen(word);
        passed = passed || command_passes_parameters(word) || reads_elsewhere(word);
        shell = shell || strcmp(word, "-c") == 0 || strcmp(word, "-lc") == 0;
        bool whole = len >= 3 && strncmp(word, "${", 2) == 0 && word[len - 1] == '}';
        if (!whole && !shell)
            check_within(r, &item, word);
        else if (whole && strncmp(word, "${envvar:", 9) != 0 && !command_is_macro(word))
            passed = say_no_macro(r, s, &item, word) || passed;
    }
    if (!passed && s->space.n > 0)
        spec_node_note(r, n, "- ${args}",
                       "the parameters are not passed on the command line: add ${args}, or let the "
                       "script read them from the file $BESOM_PARAMS or from wandb.config");
}
