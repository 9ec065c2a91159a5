/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "language/advice/advice_part.h"
#include "language/command.h"
#include "language/reader/spec_command.h"
#include "language/advice/spec_words.h"

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

/* `python -u train.py --epochs 3` where a script's name should be: what to write as `program`, and
 * as `command` where the rest is more than python. */
static void on_command_line(struct spec_reader *r, const struct spec_node *program)
{
    static const char wrong[] = "`program` is the script alone";
    struct value *words;
    size_t script = 0;
    if (!spec_words_split(r->arena, text_of(program), &words))
        return;
    struct value **items = words->list.items;
    size_t n = words->list.n;
    while (script < n && !spec_words_is_script(items[script]->s.ptr))
        script++;
    bool flags = script + 1 < n && items[script + 1]->s.ptr[0] == '-';
    if (!spec_words_is_interpreter(items[0]->s.ptr) && !(script == 0 && flags))
        return;
    const char *name = script < n ? items[script]->s.ptr : NULL;
    struct value *command = value_list(r->arena);
    if (script == 0)
        value_push(r->arena, command, value_str(r->arena, "${interpreter}"));
    for (size_t i = 0; i < n; i++)
        value_push(r->arena, command,
                   i == script ? value_str(r->arena, "${program}") : words->list.items[i]);
    value_push(r->arena, command, value_str(r->arena, "${args}"));
    const char *line = spec_words_line(r->arena, command);
    const char *fix = name ? arena_printf(r->arena, "program: %s", name) : line;
    if (!name)
        spec_node_warn(r, program, fix, "%s, and this is a command line: it stands in `command`",
                       wrong);
    else if ((script == 1 && n == 2) || !line)
        spec_node_warn(r, program, fix, "%s; what runs it stands in `command`", wrong);
    else
        spec_node_warn(r, program, fix, "%s; the rest stands in its own line: %s", wrong, line);
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
            spec_node_replace_name(r, said, program, slashes);
    } else if (text[0] == '~') {
        spec_node_warn(r, program, NULL,
                       "`~` is not read as your home folder, for no shell sees it: write the path");
    } else if (strchr(text, ' ')) {
        on_command_line(r, program);
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

static bool begins_with_number(const char *s)
{
    s += strspn(s, "+-.");
    return *s >= '0' && *s <= '9';
}

/* A word that sends output to a file: >out.log, 2>>err. */
static bool is_redirection(const char *s, size_t len)
{
    const char *p = s + ((*s && strchr("12&", *s)));
    size_t signs = strspn(p, ">");
    p += signs;
    bool letter = (*p | 0x20) >= 'a' && (*p | 0x20) <= 'z';
    return (signs == 1 || signs == 2) && p < s + len && (letter || strchr("./_~$", *p)) &&
           !begins_with_number(p);
}

/* Whether what begins so is a command line: what runs scripts, a script, or what shells do. */
static bool begins_command(const char *text, size_t len, bool first)
{
    static const char *const names[] = {"cd", "export", "source", "echo", "tee", "mkdir"};
    char word[64];
    if (first)
        return true;
    if (len >= sizeof word)
        return false;
    memcpy(word, text, len);
    word[len] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], word) == 0)
            return true;
    return spec_words_is_script(word) || spec_words_is_interpreter(word) || command_is_macro(word);
}

/* A text of several words with a shell's signs between them. Signs in values (a>b, JSON, a url's &)
 * are no such thing, nor is a sentence with an & in it. */
static bool has_signs(const char *text, bool first)
{
    size_t len = strcspn(text, " ");
    const char *next = text + len + strspn(text + len, " ");
    if (spec_words_is_sign(text, len))
        return *next && !begins_with_number(next);
    if (!begins_command(text, len, first))
        return false;
    for (const char *p = next; *p; p += strspn(p, " ")) {
        size_t n = strcspn(p, " ");
        if (spec_words_is_sign(p, n) || is_redirection(p, n) || (n > 1 && p[n - 1] == ';'))
            return true;
        p += n;
    }
    return false;
}

static bool is_for_shell(struct spec_reader *r, const struct spec_node *item)
{
    const char *text = text_of(item);
    return !spec_command_macro_meant(r, item) &&
           (is_of_shell(text) || is_redirection(text, strlen(text)) ||
            has_signs(text, item->index == 0));
}

/* The whole command as a shell would read it. */
static const char *shell_line(struct spec_reader *r, const struct spec *s,
                              const struct spec_node *command)
{
    enum { LINE_BYTES = 400 };
    struct buf line;
    bool ok = true;
    buf_init(&line, LINE_BYTES);
    for (size_t i = 0; i < command->yaml->n && ok && !line.overflow; i++) {
        struct spec_node item = spec_node_item(command, i);
        const char *word = text_of(&item), *meant = spec_command_macro_meant(r, &item);
        if (spec_node_kind(&item) != VALUE_STR && !meant)
            word = s->command->list.items[i]->s.ptr;
        buf_adds(&line, i ? " " : "");
        if (is_for_shell(r, &item))
            buf_adds(&line, word);
        else
            ok = spec_words_quote(&line, meant ? meant : word);
    }
    const char *text = ok && !line.overflow ? arena_strndup(r->arena, line.data, line.len) : NULL;
    buf_done(&line);
    return text ? spec_words_shell_line(r->arena, text, s->program) : NULL;
}

/* --out dir, or several such. */
static void on_two(struct spec_reader *r, const struct spec_node *item)
{
    enum { ITEMS_BYTES = 200 };
    const char *text = text_of(item), *blank = strchr(text, ' ');
    size_t options = 0;
    struct value *words;
    if (text[0] != '-' || !blank || memchr(text, '=', (size_t)(blank - text)))
        return;
    bool sure = spec_words_split(r->arena, text, &words);
    for (size_t i = 0; sure && i < words->list.n; i++)
        options += words->list.items[i]->s.ptr[0] == '-';
    if (options < 2) { /* the blanks behind the first may be part of its value */
        words = value_list(r->arena);
        value_push(r->arena, words, value_strn(r->arena, text, (size_t)(blank - text)));
        value_push(r->arena, words, value_str(r->arena, blank + strspn(blank, " ")));
    }
    struct buf items;
    buf_init(&items, ITEMS_BYTES);
    for (size_t i = 0, n = words->list.n; i < n; i++)
        buf_addf(&items, "%s%s", i ? ", " : "",
                 spec_command_item(r, item, words->list.items[i]->s.ptr));
    bool dashed = strncmp(items.data, "- ", 2) == 0;
    spec_node_warn(r, item,
                   items.overflow ? NULL
                                  : arena_printf(r->arena, "%.*s%s", (int)items.len, items.data,
                                                 dashed ? ", each on a line of its own" : ""),
                   "this is one argument with a blank in it: each argument is an item of its own");
    buf_done(&items);
}

void advice_on_command(struct spec_reader *r, const struct spec *s, const struct spec_node *root)
{
    struct spec_node program, command;
    if (spec_node_get(root, "program", &program))
        on_program(r, &program);
    if (!spec_node_get(root, "command", &command) || spec_node_kind(&command) != VALUE_LIST ||
        runs_shell(&command))
        return;
    enum { ENOUGH = 50 };
    bool said = false; /* one shell reads all, and is named once */
    for (size_t i = 0; i < command.yaml->n && i < ENOUGH; i++) {
        struct spec_node item = spec_node_item(&command, i);
        bool shell = is_for_shell(r, &item);
        if (shell && !said)
            spec_node_warn(
                r, &item, shell_line(r, s, &command),
                "no shell reads the command: the program gets `%s` just as it is written",
                text_of(&item));
        else if (!shell)
            on_two(r, &item);
        said = said || shell;
    }
}
