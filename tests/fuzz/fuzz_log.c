/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lines of a log, whatever a program printed: bounded, valid text, and the same in any pieces. So is
 * the line that says why it failed. */
#include <string.h>

#include "base/check.h"
#include "base/json.h"
#include "base/utf8.h"
#include "protocol/log_cause.h"
#include "protocol/log_fold.h"
#include "tests/fuzz/fuzz.h"

static struct value *rows_of(struct arena *a, const char *text, size_t len, size_t piece)
{
    struct log_fold f;
    log_fold_begin(&f, a, 0, "");
    for (size_t at = 0; at < len;) {
        size_t n = len - at < piece ? len - at : piece, used = log_fold_add(&f, text + at, n);
        at += used;
        if (used < n)
            break;
    }
    log_fold_end(&f);
    return f.rows;
}

static void cause_check(struct arena *a, const char *text, size_t len)
{
    const char *found = log_cause_find(a, text, len, true);
    size_t n = strlen(found);
    check(n <= LOG_CAUSE_MAX && utf8_valid_prefix(found, n) == n);
    for (size_t i = 0; i < n; i++)
        check((unsigned char)found[i] >= ' ' && found[i] != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct arena a;
    arena_init(&a);
    const char *text = (const char *)data;
    struct value *rows = rows_of(&a, text, len, SIZE_MAX);
    check(rows->list.n <= LOG_FOLD_ROWS);
    for (size_t i = 0; i < rows->list.n; i++) {
        const struct value *row = rows->list.items[i], *line = row->list.items[1];
        check(utf8_valid_prefix(line->s.ptr, line->s.len) == line->s.len);
        for (size_t k = 0; k < line->s.len; k++)
            check((unsigned char)line->s.ptr[k] >= ' ' && line->s.ptr[k] != 0x7f);
    }
    check(strcmp(json_text(&a, rows, JSON_COMPACT),
                 json_text(&a, rows_of(&a, text, len, 3), JSON_COMPACT)) == 0);
    cause_check(&a, text, len);
    arena_done(&a);
    return 0;
}
