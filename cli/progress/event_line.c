/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/progress/event_line.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/number/cell.h"

static bool is_object(const struct buf *line)
{
    return line->len > 0 && buf_peek(line)[0] == '{';
}

void event_line_open(struct buf *line)
{
    buf_addc(line, '{');
}

void event_line_close(struct buf *line)
{
    if (is_object(line))
        buf_addc(line, '}');
}

static void key_add(struct buf *line, const char *key)
{
    if (is_object(line)) {
        buf_adds(line, line->len > 1 ? "," : "");
        json_print_str(line, key, strlen(key));
        buf_addc(line, ':');
        return;
    }
    if (line->len > 0)
        buf_addc(line, ' ');
    for (const char *p = key; *p; p++)
        buf_addc(line, (unsigned char)*p <= ' ' || strchr("=\"\\", *p) ? '_' : *p);
    buf_addc(line, '=');
}

void event_line_text(struct buf *line, const char *key, const char *value)
{
    key_add(line, key);
    if (is_object(line)) {
        json_print_str(line, value, strlen(value));
        return;
    }
    bool plain = *value && !value[strcspn(value, " \t\r\n\"=\\")];
    if (plain) {
        buf_adds(line, value);
        return;
    }
    buf_addc(line, '"');
    for (const char *p = value; *p; p++) {
        if (*p == '"' || *p == '\\')
            buf_addc(line, '\\');
        buf_addc(line, *p);
    }
    buf_addc(line, '"');
}

void event_line_count(struct buf *line, const char *key, uint64_t n)
{
    key_add(line, key);
    buf_addf(line, "%" PRIu64, n);
}

void event_line_number(struct buf *line, const char *key, double f)
{
    struct arena a;
    arena_init(&a);
    const char *text = cell_number(&a, f, CELL_DIGITS);
    if (!isfinite(f)) {
        event_line_text(line, key, text);
    } else {
        key_add(line, key);
        buf_adds(line, text);
    }
    arena_done(&a);
}

void event_line_part(struct buf *line, const char *key, uint64_t n, uint64_t of)
{
    event_line_count(line, key, n);
    if (of > 0 && is_object(line))
        event_line_count(line, "of", of);
    else if (of > 0)
        buf_addf(line, "/%" PRIu64, of);
}
