/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/print/terminal.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/check.h"
#include "base/diag/display.h"

enum { LINES = 24, LINES_COLUMNS = 80, COLUMNS = 100, COLUMNS_MIN = 20, COLUMNS_MAX = 10000 };

bool terminal_is(FILE *f)
{
    return isatty(fileno(f));
}

size_t terminal_columns(FILE *f)
{
    struct winsize size;
    if (terminal_is(f) && ioctl(fileno(f), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col < COLUMNS_MIN ? COLUMNS_MIN : size.ws_col;
    const char *text = getenv("COLUMNS");
    long columns = text ? strtol(text, NULL, 10) : 0;
    return columns >= COLUMNS_MIN && columns <= COLUMNS_MAX ? (size_t)columns : COLUMNS;
}

size_t terminal_table_columns(FILE *f)
{
    return terminal_is(f) || getenv("COLUMNS") ? terminal_columns(f) : COLUMNS_MAX;
}

void terminal_size(FILE *f, size_t *ret_lines, size_t *ret_columns)
{
    struct winsize size;
    bool known = terminal_is(f) && ioctl(fileno(f), TIOCGWINSZ, &size) == 0;
    *ret_lines = known && size.ws_row > 0 ? size.ws_row : LINES;
    *ret_columns = known && size.ws_col > 0 ? size.ws_col : LINES_COLUMNS;
}

bool terminal_draws(FILE *f)
{
    const char *term = getenv("TERM");
    return terminal_is(f) && !(term && strcmp(term, "dumb") == 0);
}

void terminal_print(FILE *f, const char *fmt, ...)
{
    struct buf clean;
    char *text = NULL;
    va_list args;
    va_start(args, fmt);
    check(vasprintf(&text, fmt, args) >= 0);
    va_end(args);
    buf_init(&clean, SIZE_MAX);
    for (const char *line = text; line;) {
        size_t len = strcspn(line, "\n");
        display_clean(&clean, line, len);
        if (line[len])
            buf_addc(&clean, '\n');
        line = line[len] ? line + len + 1 : NULL;
    }
    fputs(buf_str(&clean), f);
    buf_done(&clean);
    free(text);
}

void terminal_say(const char *text)
{
    struct buf line;
    buf_init(&line, SIZE_MAX);
    display_clean(&line, text, strlen(text));
    fprintf(stderr, "%s\n", buf_str(&line));
    buf_done(&line);
}

bool terminal_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *locale = getenv(names[i]);
        if (locale && *locale)
            return strcasestr(locale, "utf-8") || strcasestr(locale, "utf8");
    }
    return false;
}

bool terminal_colour(FILE *f)
{
    const char *none = getenv("NO_COLOR"), *term = getenv("TERM");
    return terminal_is(f) && !(none && *none) && !(term && strcmp(term, "dumb") == 0);
}
