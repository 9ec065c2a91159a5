/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/help/help_text.h"

#include <string.h>

enum { OPTIONS_MAX = 2000 };

static bool is_name(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
           (c && strchr("-_.", c));
}

static size_t name_length(const char *s, size_t len)
{
    size_t n = 0;
    while (n < len && is_name(s[n]))
        n++;
    return n;
}

static void option_add(struct help_text *h, const char *name, size_t len, struct help_option option)
{
    if (len < 3 || h->n == OPTIONS_MAX)
        return;
    if (h->n == h->cap) {
        size_t cap = h->cap ? h->cap * 2 : 32;
        struct help_option *options = arena_alloc(h->arena, cap * sizeof *options);
        if (h->n)
            memcpy(options, h->options, h->n * sizeof *options);
        h->options = options;
        h->cap = cap;
    }
    option.name = arena_strndup(h->arena, name, len);
    h->options[h->n++] = option;
}

/* "{adam,sgd}" */
static const struct value *read_choices(struct help_text *h, const char *s, size_t len)
{
    const char *end = len > 0 && *s == '{' ? memchr(s, '}', len) : NULL;
    if (!end)
        return NULL;
    struct value *list = value_list(h->arena);
    for (const char *p = s + 1; p < end;) {
        const char *comma = memchr(p, ',', (size_t)(end - p));
        const char *stop = comma ? comma : end;
        value_push(h->arena, list, value_strn(h->arena, p, (size_t)(stop - p)));
        p = stop + 1;
    }
    return list;
}

/* What stands behind a name: "=LR", " LR", " {a,b}", ": the rate" (absl); nothing for a flag. */
static struct help_option value_follows(struct help_text *h, const char *s, size_t len)
{
    struct help_option option = {0};
    if (len > 0 && *s == ':') {
        option.value = true;
    } else if (len > 1 && (*s == '=' || *s == ' ') && !strchr("-/|,", s[1])) {
        option.value = true;
        option.choices = read_choices(h, s + 1, len - 1);
    }
    return option;
}

/* "-l LR, --lr LR": up to two blanks, behind which the help stands. */
static void read_invocation(struct help_text *h, const char *s, size_t len)
{
    const char *gap = memmem(s, len, "  ", 2);
    len = gap ? (size_t)(gap - s) : len;
    for (size_t at = 0; at + 2 < len; at++) {
        bool begins = s[at] == '-' && s[at + 1] == '-' && (at == 0 || strchr(" ,/|", s[at - 1]));
        if (!begins)
            continue;
        if (strncmp(s + at, "--[no]", 6) == 0) { /* absl: of true and false */
            size_t n = name_length(s + at + 6, len - at - 6);
            const char *name = arena_printf(h->arena, "--%.*s", (int)n, s + at + 6);
            option_add(h, name, strlen(name), (struct help_option){.value = true});
            return;
        }
        size_t n = name_length(s + at, len - at);
        option_add(h, s + at, n, value_follows(h, s + at + n, len - at - n));
        at += n;
    }
}

/* The options of "usage: train.py [-h] --data DATA [--lr LR]" that stand in no bracket. */
static void read_usage(struct help_text *h, const char *s, size_t len)
{
    int depth = 0;
    for (size_t at = 0; at < len; at++) {
        depth += s[at] == '[' || s[at] == '(';
        depth -= s[at] == ']' || s[at] == ')';
        if (depth != 0 || s[at] != '-' || at == 0 || s[at - 1] != ' ')
            continue;
        size_t n = name_length(s + at, len - at);
        if (n > 2 && s[at + 1] == '-')
            value_push(h->arena, h->required, value_strn(h->arena, s + at, n));
        at += n;
    }
}

void help_text_read(struct help_text *h, struct arena *a, const char *text, size_t len)
{
    bool usage = false;
    *h = (struct help_text){.arena = a, .required = value_list(a)};
    for (const char *line = text, *end = text + len; line < end;) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        size_t n = (size_t)((stop ? stop : end) - line), indent = 0;
        n -= n > 0 && line[n - 1] == '\r';
        while (indent < n && line[indent] == ' ')
            indent++;
        bool begins = n >= 6 && (memcmp(line, "usage:", 6) == 0 || memcmp(line, "Usage:", 6) == 0);
        usage = begins || (usage && indent > 0 && indent < n);
        if (usage)
            read_usage(h, line, n);
        else if (indent > 0 && indent < n && line[indent] == '-')
            read_invocation(h, line + indent, n - indent);
        line = stop ? stop + 1 : end;
    }
}

const struct help_option *help_text_find(const struct help_text *h, const char *name)
{
    const struct help_option *begins = NULL;
    size_t len = strlen(name), n = 0;
    for (size_t i = 0; i < h->n; i++) {
        if (strcmp(h->options[i].name, name) == 0)
            return &h->options[i];
        if (strncmp(h->options[i].name, name, len) == 0) {
            begins = &h->options[i];
            n++;
        }
    }
    return n == 1 ? begins : NULL;
}
