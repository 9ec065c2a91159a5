/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "language/advice_part.h"

static const char *text_of(const struct spec_node *n)
{
    return spec_node_kind(n) == VALUE_STR ? n->yaml->value->s.ptr : "";
}

static bool is_plain_path(const char *s)
{
    static const char safe[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./\\";
    return s[0] != '-' && s[0] != '.' && strspn(s, safe) == strlen(s);
}

static void on_program(struct spec_reader *r, const struct spec_node *program)
{
    const char *text = text_of(program);
    if (strchr(text, '\\')) {
        char *slashes = arena_strdup(r->arena, text);
        for (char *p = slashes; *p; p++)
            *p = *p == '\\' ? '/' : *p;
        struct diag *said = spec_node_warn(
            r, program, arena_printf(r->arena, "program: %s", slashes),
            "a backslash does not part folders here: this names one file with backslashes in it");
        if (is_plain_path(text))
            spec_node_replace(r, said, program, slashes);
    } else if (text[0] == '~') {
        spec_node_warn(r, program, NULL,
                       "`~` is not read as your home folder, for no shell sees it: write the path");
    } else if (strncmp(text, "python ", 7) == 0 || strncmp(text, "python3 ", 8) == 0) {
        const char *from = strchr(text, ' ') + 1;
        const char *script = arena_strndup(r->arena, from, strcspn(from, " "));
        spec_node_warn(r, program, arena_printf(r->arena, "program: %s", script),
                       "`program` is the script alone; what runs it stands in `command`");
    }
}

/* What only a shell would understand, and none will see. */
static bool is_of_shell(const char *s)
{
    static const char *const words[] = {"&&", "||", "|", ";", ">", ">>", "<", "2>&1", "&"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(s, words[i]) == 0)
            return true;
    bool variable = s[0] == '$' && (s[1] == '_' || ((s[1] | 0x20) >= 'a' && (s[1] | 0x20) <= 'z'));
    return variable || strncmp(s, "$(", 2) == 0 || strncmp(s, "~/", 2) == 0;
}

static bool runs_shell(const struct spec_node *command)
{
    for (size_t i = 0; i < command->yaml->n; i++) {
        struct spec_node item = spec_node_item(command, i);
        if (strcmp(text_of(&item), "-c") == 0 || strcmp(text_of(&item), "-lc") == 0)
            return true;
    }
    return false;
}

static void on_item(struct spec_reader *r, const struct spec_node *item)
{
    const char *text = text_of(item), *blank = strchr(text, ' ');
    if (is_of_shell(text))
        spec_node_warn(r, item, NULL,
                       "no shell reads the command: the program gets `%s` just as it is written",
                       text);
    else if (text[0] == '-' && blank && !memchr(text, '=', (size_t)(blank - text)))
        spec_node_warn(r, item,
                       arena_printf(r->arena, "- %.*s and - %s, on two lines", (int)(blank - text),
                                    text, blank + 1),
                       "this is one argument with a blank in it: each argument is an item of its "
                       "own");
}

void advice_on_command(struct spec_reader *r, const struct spec_node *root)
{
    struct spec_node program, command;
    if (spec_node_get(root, "program", &program))
        on_program(r, &program);
    if (!spec_node_get(root, "command", &command) || spec_node_kind(&command) != VALUE_LIST ||
        runs_shell(&command))
        return;
    enum { ENOUGH = 50 };
    for (size_t i = 0; i < command.yaml->n && i < ENOUGH; i++) {
        struct spec_node item = spec_node_item(&command, i);
        on_item(r, &item);
    }
}
