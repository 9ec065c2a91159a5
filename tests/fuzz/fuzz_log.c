/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lines of a log, whatever a program printed: bounded, valid text, and the same in any pieces. */
#include <string.h>

#include "base/check.h"
#include "base/json.h"
#include "base/utf8.h"
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
    arena_done(&a);
    return 0;
}
