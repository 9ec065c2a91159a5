/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/progress/event_line.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "cli/print/cell.h"

static void key_add(struct buf *line, const char *key)
{
    if (line->len > 0)
        buf_addc(line, ' ');
    for (const char *p = key; *p; p++)
        buf_addc(line, (unsigned char)*p <= ' ' || strchr("=\"\\", *p) ? '_' : *p);
    buf_addc(line, '=');
}

void event_line_text(struct buf *line, const char *key, const char *value)
{
    key_add(line, key);
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
    key_add(line, key);
    buf_adds(line, cell_number(&a, f, CELL_DIGITS));
    arena_done(&a);
}
