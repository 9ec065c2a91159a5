/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "language/advice/advice_edit.h"
#include "language/advice/advice_folder.h"
#include "language/advice/advice_part.h"
#include "language/advice/advice_words.h"

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
        struct diag *said = spec_node_warn(r, program, NULL,
                                           "a backslash does not separate folders on Linux: this "
                                           "is the name of one file, with backslashes in it");
        diags_fix(r->diags, said, arena_printf(r->arena, "program: %s", slashes));
        if (is_plain_path(text))
            advice_edit_name(r, said, program, slashes);
    }
}

static void on_two(struct spec_reader *r, const struct spec_node *item)
{
    enum { ITEMS_BYTES = 200 };
    const char *text = text_of(item), *blank = strchr(text, ' ');
    if (text[0] != '-' || !blank || memchr(text, '=', (size_t)(blank - text)))
        return;
    const struct value *words = advice_words_split(r->arena, text);
    struct buf items;
    buf_init(&items, ITEMS_BYTES);
    for (size_t i = 0, n = words->list.n; i < n; i++)
        buf_addf(&items, "%s%s", i ? ", " : "",
                 advice_words_argument(r, item, words->list.items[i]->s.ptr));
    bool dashed = strncmp(buf_peek(&items), "- ", 2) == 0;
    diags_fix(r->diags,
              spec_node_warn(
                  r, item, NULL,
                  "this is one argument with a space in it: make each argument an item of its own"),
              items.overflow ? NULL
                             : arena_printf(r->arena, "%.*s%s", (int)items.len, buf_peek(&items),
                                            dashed ? ", each on a line of its own" : ""));
    buf_done(&items);
}

static void on_folder(struct spec_reader *r, const struct spec_node *item, const char *name,
                      size_t name_len, const char *folder, const char *line)
{
    if (!advice_folder_is_shared(name, name_len, folder))
        return;
    size_t dashes = strspn(name, "-+");
    diags_fix(r->diags,
              spec_node_warn(r, item, NULL, "all trials write to the same %.*s",
                             (int)(name_len - dashes), name + dashes),
              advice_words_argument(r, item, line));
}

/* Finds --output_dir=out, or --output_dir followed by out. */
static void on_output(struct spec_reader *r, const struct spec_node *item,
                      const struct spec_node *next)
{
    const char *text = text_of(item), *equals = strchr(text, '=');
    if (equals)
        on_folder(r, item, text, (size_t)(equals - text), equals + 1,
                  arena_printf(r->arena, "%.*s=${trial_dir}", (int)(equals - text), text));
    else if (next && text[0] == '-')
        on_folder(r, next, text, strlen(text), text_of(next), "${trial_dir}");
}

static bool is_assignment(const char *word, size_t len)
{
    static const char name[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/@";
    size_t plus = strspn(word, "+~"), end = plus + strspn(word + plus, name);
    return end > plus && end < len && word[end] == '=';
}

/* Finds "a=1 b=2", and "CUDA_VISIBLE_DEVICES=0 python" as the program. */
static void on_words(struct spec_reader *r, const struct spec_node *item, bool program)
{
    enum { WORDS_MAX = 12 };
    const char *text = text_of(item);
    struct value *words = value_list(r->arena);
    bool assignments = true;
    for (const char *p = text; *p; p += strspn(p, " ")) {
        size_t len = strcspn(p, " ");
        assignments = assignments && is_assignment(p, len);
        if (words->list.n == 0 && program && is_assignment(p, len))
            value_push(r->arena, words, value_str(r->arena, "/usr/bin/env"));
        value_push(r->arena, words, value_strn(r->arena, p, len));
        p += len;
    }
    size_t n = words->list.n;
    if (*text == '-' || *text == ' ' || !strchr(text, ' ') || n < 2 || n > WORDS_MAX ||
        strpbrk(text, "'\"\\") || !(assignments || program))
        return;
    const char *items = "";
    for (size_t i = 0; i < n; i++)
        items = arena_printf(r->arena, "%s%s%s", items, i ? ", " : "",
                             advice_words_argument(r, item, words->list.items[i]->s.ptr));
    diags_fix(r->diags,
              spec_node_warn(
                  r, item, NULL,
                  "this is one argument with a space in it: make each argument an item of its own"),
              arena_printf(r->arena, "%s%s", items,
                           strncmp(items, "- ", 2) == 0 ? ", each on a line of its own" : ""));
}

/* Hydra's own output folder is named by the second. */
static void on_hydra(struct spec_reader *r, const struct spec_node *command)
{
    enum { LOOKED_AT = 100 };
    struct spec_node macro = {0};
    for (size_t i = 0; i < command->yaml->n && i < LOOKED_AT; i++) {
        struct spec_node item = spec_node_item(command, i);
        if (strstr(text_of(&item), "hydra.run.dir") || strstr(text_of(&item), "hydra.sweep.dir"))
            return;
        if (strncmp(text_of(&item), "${args_", 7) == 0 && strstr(text_of(&item), "hydra"))
            macro = item;
    }
    if (macro.yaml)
        diags_fix(r->diags,
                  spec_node_note(r, &macro, NULL,
                                 "Hydra names its folder after the current second: trials that "
                                 "start together share it"),
                  arena_printf(r->arena, "%s before it",
                               advice_words_argument(r, &macro, "hydra.run.dir=${trial_dir}")));
}

void advice_on_command(struct spec_reader *r, const struct spec_node *root)
{
    enum { ENOUGH = 50 };
    struct spec_node program, command;
    if (spec_node_get(root, "program", &program))
        on_program(r, &program);
    if (!spec_node_get(root, "command", &command) || spec_node_kind(&command) != VALUE_LIST)
        return;
    on_hydra(r, &command);
    for (size_t i = 0; i < command.yaml->n && i < ENOUGH; i++) {
        struct spec_node item = spec_node_item(&command, i), next;
        if (i + 1 < command.yaml->n)
            next = spec_node_item(&command, i + 1);
        on_two(r, &item);
        on_words(r, &item, i == 0);
        on_output(r, &item, i + 1 < command.yaml->n ? &next : NULL);
    }
}

/* Splits a single text into words, if that needs no shell. */
void advice_on_no_arguments(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    enum { LINE_BYTES = 120 };
    static const char blanks[] = " \t\n";
    const char *text = text_of(f->node), *line = NULL;
    if (!strpbrk(text, "'\"\\|&;<>()`")) {
        struct value *words = value_list(r->arena);
        for (const char *p = text + strspn(text, blanks); *p; p += strspn(p, blanks)) {
            size_t len = strcspn(p, blanks);
            value_push(r->arena, words, value_strn(r->arena, p, len));
            p += len;
        }
        line = words->list.n > 0 ? advice_words_line(r->arena, words) : NULL;
    }
    diags_fix(r->diags, said,
              line && strlen(line) <= LINE_BYTES
                  ? line
                  : "command: ['${env}', '${interpreter}', '${program}', '${args}']");
}

void advice_on_macro(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    diags_fix(r->diags, said, advice_words_argument(r, f->node, f->text));
    if (f->sure)
        advice_edit_name(r, said, f->node, f->text);
}

/* The script takes "$@", so the parameters follow it. */
void advice_on_shell_args(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    const char *script = text_of(f->node), *macro = strstr(script, "${args");
    size_t len = macro ? strcspn(macro, "}") : 0;
    if (!macro || macro[len] != '}')
        return;
    bool quoted = macro > script && macro[-1] == '"' && macro[len + 1] == '"';
    const char *items =
        advice_words_argument(r, f->node,
                              arena_printf(r->arena, "%.*s%s%s", (int)(macro - script), script,
                                           quoted ? "$@" : "\"$@\"", macro + len + 1));
    if (f->sure)
        items = arena_printf(
            r->arena, "%s, %s, %s", items, advice_words_argument(r, f->node, f->text),
            advice_words_argument(r, f->node, arena_strndup(r->arena, macro, len + 1)));
    diags_fix(
        r->diags, said,
        arena_printf(r->arena, "%s%s", items,
                     f->sure && strncmp(items, "- ", 2) == 0 ? ", each on a line of its own" : ""));
}

void advice_on_not_passed(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    enum { LINE_BYTES = 120 };
    if (!advice_words_in_brackets(f->node)) {
        diags_fix(r->diags, said, "- ${args}");
        return;
    }
    struct value *words = value_list(r->arena);
    for (size_t i = 0; i < f->words->list.n; i++)
        value_push(r->arena, words, f->words->list.items[i]);
    value_push(r->arena, words, value_str(r->arena, "${args}"));
    const char *line = advice_words_line(r->arena, words);
    diags_fix(r->diags, said, line && strlen(line) <= LINE_BYTES ? line : "'${args}'");
}
