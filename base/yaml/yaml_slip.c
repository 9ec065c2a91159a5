/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/yaml/yaml_slip.h"

#include <string.h>

#include "base/diag/source.h"

/* How many bytes to show, how many lines to search back, and how many to fix. */
enum { SHOWN_BYTES = 60, LINES_BACK = 20, EDITS_MAX = 1000 };

struct look {
    struct arena *arena;
    struct source source; /* at the first line that may be looked at */
    const struct yaml_trouble *trouble;
    struct yaml_slip *slip;
    size_t edits_cap;
};

struct line {
    const char *start;
    size_t len, indent; /* without spaces at its end */
};

static struct line line_in(struct source *source, int line)
{
    const char *text = source->text;
    size_t start, end;
    if (line < 1 || !source_line(source, line, &start, &end))
        return (struct line){text, 0, 0};
    while (end > start && strchr(" \t\r", text[end - 1]))
        end--;
    struct line found = {text + start, end - start, 0};
    while (found.indent < found.len && found.start[found.indent] == ' ')
        found.indent++;
    return found;
}

static struct line line_at(const struct look *l, int line)
{
    struct source source = l->source;
    return line_in(&source, line);
}

static char char_at(const struct look *l, int line, int column)
{
    struct source source = l->source;
    size_t at;
    return source_offset(&source, line, column, &at) && at < source.len ? source.text[at] : '\0';
}

/* Columns count characters, and bytes [0, at) of the line are before this one. */
static int column_of(const struct line *line, size_t at)
{
    int column = 1;
    for (size_t i = 0; i < at; i++)
        column += ((unsigned char)line->start[i] & 0xC0) != 0x80;
    return column;
}

/* The byte where a column begins, or the end of a shorter line. */
static size_t offset_of(const struct line *line, int column)
{
    size_t at = 0;
    for (int here = 1; at < line->len && here < column; at++)
        here += ((unsigned char)line->start[at] & 0xC0) != 0x80;
    while (at < line->len && ((unsigned char)line->start[at] & 0xC0) == 0x80)
        at++;
    return at;
}

static struct diag_span span_of(const struct line *in, int line, size_t from, size_t to)
{
    return (struct diag_span){line, column_of(in, from), line, column_of(in, to)};
}

static void slip_edit(struct look *l, struct diag_span at, const char *text)
{
    struct yaml_slip *slip = l->slip;
    if (slip->edits_n == l->edits_cap) {
        l->edits_cap = l->edits_cap ? l->edits_cap * 2 : 8;
        struct diag_edit *more = arena_alloc(l->arena, l->edits_cap * sizeof *more);
        if (slip->edits_n)
            memcpy(more, slip->edits, slip->edits_n * sizeof *more);
        slip->edits = more;
    }
    slip->edits[slip->edits_n++] = (struct diag_edit){.at = at, .text = text};
}

static bool slip_say(struct look *l, struct diag_span at, const char *fix, const char *message)
{
    l->slip->at = at;
    l->slip->fix = fix;
    l->slip->message = message;
    return true;
}

static struct diag_span span_of_one(int line, int column)
{
    return (struct diag_span){line, column, line, column + 1};
}

static bool is_word(char c)
{
    return c &&
           (strchr("_.-", c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c >= '0' && c <= '9'));
}

/* [${program}, ${args}]: within brackets the { begins a mapping. */
static bool find_macro(struct look *l)
{
    int number = l->trouble->line;
    struct line line = line_at(l, number);
    size_t wrong = offset_of(&line, l->trouble->column - 1);
    char quote = '\0';
    if (char_at(l, number, l->trouble->column) != '{' ||
        char_at(l, number, l->trouble->column - 1) != '$')
        return false;
    for (size_t i = 0; i + 2 < line.len; i++) {
        char c = line.start[i];
        if (c == '\'' || c == '"')
            quote = !quote ? c : quote == c ? '\0' : quote;
        if (quote || c != '$' || line.start[i + 1] != '{')
            continue;
        size_t room = line.len - i < SHOWN_BYTES ? line.len - i : SHOWN_BYTES;
        const char *end = memchr(line.start + i, '}', room);
        if (!end || (i != wrong && l->slip->edits_n == EDITS_MAX))
            continue;
        size_t to = (size_t)(end + 1 - line.start);
        struct diag_span at = span_of(&line, number, i, to);
        const char *text = arena_printf(l->arena, "'%.*s'", (int)(to - i), line.start + i);
        if (i == wrong)
            slip_say(l, at, text, "within brackets, a macro must be in quotes");
        slip_edit(l, at, text);
        i = to - 1;
    }
    return l->slip->message != NULL;
}

/* The text missing at the end of the line, if nothing else is missing. */
static bool closes_at_end(const struct line *line, size_t from)
{
    int depth = 0;
    for (size_t i = from; i < line->len; i++) {
        char c = line->start[i];
        depth += (c == '[' || c == '{') - (c == ']' || c == '}');
        if (strchr("#'\"()", c))
            return false;
    }
    return depth == 1 && line->len > 0 && !strchr(",:[{", line->start[line->len - 1]);
}

static int line_before(const struct look *l, int number)
{
    struct source source = l->source;
    int found = number > LINES_BACK ? number - LINES_BACK : 0;
    for (int at = found > 0 ? found : 1; at < number; at++) {
        struct line line = line_in(&source, at);
        if (line.len > line.indent && line.start[line.indent] != '#')
            found = at;
    }
    return found;
}

static bool find_bracket(struct look *l)
{
    const struct yaml_trouble *t = l->trouble;
    char open = char_at(l, t->context_line, t->context_column), at = char_at(l, t->line, t->column);
    const char *close = open == '[' ? "]" : "}";
    if (open != '[' && open != '{')
        return false;
    bool other = t->line == t->context_line && at && strchr("]}", at);
    if (t->line == t->context_line && !other)
        return slip_say(l, span_of_one(t->line, t->column), NULL,
                        "a comma is missing before this, or quotes around it");
    slip_say(l, span_of_one(t->context_line, t->context_column), NULL,
             arena_printf(l->arena, "this %c is not closed: the %s is missing", open, close));
    struct line line = line_at(l, t->context_line);
    size_t from = offset_of(&line, t->context_column);
    if (other && !strpbrk(arena_strndup(l->arena, line.start, line.len), "()"))
        slip_edit(l, span_of_one(t->line, t->column), arena_printf(l->arena, "%s%c", close, at));
    else if (!other && closes_at_end(&line, from))
        slip_edit(l, span_of(&line, t->context_line, line.len - 1, line.len),
                  arena_printf(l->arena, "%c%s", line.start[line.len - 1], close));
    return true;
}

/* `key:value`, with no space between them. */
static bool find_tight_colon(struct look *l, int number)
{
    struct line line = line_at(l, number);
    size_t i = line.indent;
    if (i + 1 < line.len && line.start[i] == '-' && line.start[i + 1] == ' ')
        i += 2;
    size_t from = i;
    while (i < line.len && is_word(line.start[i]))
        i++;
    if (i == from || i + 1 >= line.len || line.start[i] != ':' ||
        strchr(" \t/\\:", line.start[i + 1]))
        return false;
    slip_say(l, span_of(&line, number, from, i + 1), NULL, "put a space after this ':'");
    slip_edit(l, span_of(&line, number, i, i + 1), ": ");
    return true;
}

/* A word alone on its line: a key without its colon. */
static bool find_lone_word(struct look *l, int number)
{
    struct line line = line_at(l, number);
    size_t i = line.indent;
    while (i < line.len && is_word(line.start[i]))
        i++;
    if (i == line.indent || i < line.len || line.start[line.indent] == '-')
        return false;
    slip_say(l, span_of(&line, number, line.indent, i), NULL, "a ':' is missing after this key");
    slip_edit(l, span_of(&line, number, i - 1, i),
              arena_printf(l->arena, "%c:", line.start[i - 1]));
    return true;
}

/* `- a` above `-b`. */
static bool find_tight_dash(struct look *l, int number)
{
    struct line line = line_at(l, number), above = line_at(l, line_before(l, number));
    size_t i = line.indent;
    if (i + 1 >= line.len || line.start[i] != '-' || strchr(" \t-", line.start[i + 1]) ||
        above.indent != i || above.len < i + 2 || above.start[i] != '-' ||
        above.start[i + 1] != ' ')
        return false;
    bool number_behind = strchr(".0123456789", line.start[i + 1]); /* -1 may be meant */
    size_t room = line.len - i - 1 < SHOWN_BYTES ? line.len - i - 1 : SHOWN_BYTES;
    slip_say(l, span_of(&line, number, i, i + 1),
             arena_printf(l->arena, "- %.*s", (int)room, line.start + i + 1),
             "put a space after this '-'");
    if (!number_behind)
        slip_edit(l, span_of(&line, number, i, i + 1), "- ");
    return true;
}

static bool find_colon(struct look *l)
{
    const struct yaml_trouble *t = l->trouble;
    int before = line_before(l, t->line), key = t->context ? t->context_line : before;
    return find_tight_dash(l, key) || find_tight_colon(l, t->line) || find_tight_colon(l, before) ||
           find_tight_colon(l, key) || find_lone_word(l, before) || find_lone_word(l, key);
}

/* `*` and `&` begin an alias and an anchor. */
static bool find_star(struct look *l)
{
    const struct yaml_trouble *t = l->trouble;
    struct line line = line_at(l, t->context_line);
    size_t from = offset_of(&line, t->context_column), to;
    for (to = from; to < line.len && !strchr(" ,]}'\"", line.start[to]);)
        to++;
    if (to == from || to - from > SHOWN_BYTES)
        return false;
    struct diag_span at = span_of(&line, t->context_line, from, to);
    const char *text = arena_printf(l->arena, "'%.*s'", (int)(to - from), line.start + from);
    slip_say(l, at, text,
             arena_printf(l->arena, "put text that begins with %c in quotes", line.start[from]));
    slip_edit(l, at, text);
    return true;
}

struct tabs {
    size_t lines;
    bool leads;  /* a tab begins a line */
    bool unsure; /* unclear how many spaces a tab means */
};

/* If only tabs indent, each becomes two spaces: lines in one column stay in one column. */
static void mend_tabs_in(struct look *l, struct tabs *tabs, int number, const struct line *line)
{
    size_t lead = 0, n = 0, spaces = 0;
    for (; lead < line->len && strchr(" \t", line->start[lead]); lead++) {
        bool tab = line->start[lead] == '\t';
        tabs->unsure = tabs->unsure || (tab && spaces > 0);
        n += tab;
        spaces += !tab;
    }
    size_t at = lead;
    bool found = n > 0;
    tabs->leads = tabs->leads || n > 0;
    tabs->unsure = tabs->unsure || (spaces > 0 && n == 0);
    if (n > 0 && l->slip->edits_n < EDITS_MAX)
        slip_edit(l, span_of(line, number, 0, n),
                  arena_printf(l->arena, "%*s", 2 * (int)(n < SHOWN_BYTES ? n : SHOWN_BYTES), ""));
    for (; at + 1 < line->len && line->start[at] == '-' && line->start[at + 1] == '\t';
         found = true) {
        size_t from = ++at;
        while (at < line->len && line->start[at] == '\t')
            at++;
        if (l->slip->edits_n < EDITS_MAX)
            slip_edit(l, span_of(line, number, from, at), " ");
    }
    tabs->lines += found;
}

/* The line, indented to fit below the line before it. */
static const char *line_below(struct look *l, int number, const struct line *line)
{
    struct line above = line_at(l, line_before(l, number));
    const char *text = line->start;
    size_t len = line->len, indent = above.indent;
    for (; len > 0 && strchr(" \t", *text); len--)
        text++;
    if (above.len > indent && (above.start[above.len - 1] == ':' || above.start[indent] == '-'))
        indent += 2;
    return len < SHOWN_BYTES && indent < SHOWN_BYTES
               ? arena_printf(l->arena, "%*s%.*s", (int)indent, "", (int)len, text)
               : NULL;
}

/* All tabs that indent or follow a dash, because reading stops at the first of them. */
static bool find_tabs(struct look *l)
{
    const struct yaml_trouble *t = l->trouble;
    struct source source = l->source;
    struct line line = line_at(l, t->line);
    struct tabs tabs = {0};
    size_t start, end;
    if (char_at(l, t->line, t->column) != '\t')
        return false;
    const char *fix = line_below(l, t->line, &line);
    for (int number = 1; source_line(&source, number, &start, &end); number++) {
        line = line_in(&source, number);
        if (line.len > 0)
            mend_tabs_in(l, &tabs, number, &line);
        else if (memchr(line.start, '\t', end - start) && l->slip->edits_n < EDITS_MAX)
            slip_edit(l, span_of(&line, number, 0, end - start), "");
    }
    if ((tabs.leads && tabs.unsure) || l->slip->edits_n == EDITS_MAX)
        l->slip->edits_n = 0;
    return slip_say(l, span_of_one(t->line, t->column), fix,
                    tabs.lines > 1
                        ? arena_printf(l->arena,
                                       "a tab cannot indent YAML: use spaces; so in %zu lines",
                                       tabs.lines)
                        : "a tab cannot indent YAML: use spaces");
}

bool yaml_slip_find(struct arena *a, const char *text, size_t len, const struct yaml_trouble *t,
                    struct yaml_slip *ret)
{
    struct look l = {.arena = a, .source = source_of(text, len), .trouble = t, .slip = ret};
    int first = t->context && t->context_line < t->line ? t->context_line : t->line;
    size_t start, end;
    *ret = (struct yaml_slip){0};
    if (first > LINES_BACK && !source_line(&l.source, first - LINES_BACK, &start, &end))
        return false;
    if (strncmp(t->problem, "did not find expected ',' or", 28) == 0)
        return find_macro(&l) || (t->context && find_bracket(&l));
    if (strcmp(t->problem, "found character that cannot start any token") == 0)
        return find_tabs(&l);
    if (strcmp(t->problem, "did not find expected alphabetic or numeric character") == 0)
        return t->context && find_star(&l);
    if (strcmp(t->problem, "found unexpected end of stream") == 0 && t->context &&
        strstr(t->context, "quoted"))
        return slip_say(&l, span_of_one(t->context_line, t->context_column), NULL,
                        "this quote is never closed");
    if (strcmp(t->problem, "mapping values are not allowed in this context") == 0 ||
        strcmp(t->problem, "could not find expected ':'") == 0 ||
        strcmp(t->problem, "did not find expected key") == 0)
        return find_colon(&l);
    return false;
}
