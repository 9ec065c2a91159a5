/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "orchestrator/runs/runs_lines.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "orchestrator/runs/runs_sql.h"

enum { CHUNK_BYTES = 1 << 20, DIGITS_MAX = 18 };

struct span {
    int64_t first, n;
    const char *text;
    size_t len;
};

/* The first `n` lines of text take this many bytes, with the LF after the last of them. */
static size_t lines_bytes(const char *text, size_t len, int64_t n)
{
    const char *at = text, *end = text + len;
    for (; n > 0 && at < end; n--) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        at = stop ? stop + 1 : end;
    }
    return (size_t)(at - text);
}

static bool step_read(const char *at, const char *end, int64_t *ret)
{
    bool minus = at < end && *at == '-';
    const char *from = at += minus;
    *ret = 0;
    while (at < end && *at >= '0' && *at <= '9' && at - from < DIGITS_MAX)
        *ret = *ret * 10 + (*at++ - '0');
    *ret = minus ? -*ret : *ret;
    return at > from && (at == end || *at < '0' || *at > '9') && (at == end || (*at | 32) != 'e') &&
           (at == end || *at != '.');
}

/* The range of all steps in it; false where there may be others. A key within a row may be called
 * _step too, which makes the range larger than it need be. */
static bool steps_find(const struct span *s, int64_t *ret_from, int64_t *ret_to)
{
    static const char key[] = "\"_step\":";
    const char *at = s->text, *end = s->text + s->len;
    int64_t found = 0, step;
    for (; (at = memmem(at, (size_t)(end - at), key, sizeof key - 1)) != NULL; found++) {
        at += sizeof key - 1;
        while (at < end && *at == ' ')
            at++;
        if (!step_read(at, end, &step))
            return false;
        *ret_from = found == 0 || step < *ret_from ? step : *ret_from;
        *ret_to = found == 0 || step > *ret_to ? step : *ret_to;
    }
    return found >= s->n;
}

static int chunk_insert(struct runs *r, int64_t run, enum runs_stream stream, const struct span *s,
                        struct err *err)
{
    sqlite3_stmt *st;
    int64_t from = 0, to = 0;
    int rc = runs_sql_use(r, "INSERT INTO lines VALUES(?,?,?,?,?,?,?)", &st, err);
    if (rc != 0)
        return rc;
    runs_sql_int(st, 1, run);
    runs_sql_int(st, 2, stream);
    runs_sql_int(st, 3, s->first);
    runs_sql_int(st, 4, s->n);
    if (stream == RUNS_HISTORY && steps_find(s, &from, &to)) {
        runs_sql_int(st, 5, from);
        runs_sql_int(st, 6, to);
    }
    runs_sql_bytes(st, 7, s->text, s->len);
    return store_sql_run(st, err);
}

/* Cuts it where it is long, so that whoever reads some lines need not read all. */
static int chunks_insert(struct runs *r, int64_t run, enum runs_stream stream, struct span s,
                         struct err *err)
{
    int rc = 0;
    while (rc == 0 && s.n > 0) {
        struct span part = {s.first, 0, s.text, 0};
        while (part.n < s.n && (part.n == 0 || part.len < CHUNK_BYTES)) {
            part.len += lines_bytes(s.text + part.len, s.len - part.len, 1);
            part.n++;
        }
        s = (struct span){s.first + part.n, s.n - part.n, s.text + part.len, s.len - part.len};
        if (s.n > 0)
            part.len--; /* without its last LF */
        rc = chunk_insert(r, run, stream, &part, err);
    }
    return rc;
}

/* The last chunk that begins before line `to`: copied into text. 0: there is none, or it ends before
 * line `from`. */
static int chunk_last(struct runs *r, int64_t run, enum runs_stream stream,
                      const struct runs_lines_range *range, struct buf *text, struct span *ret,
                      struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r,
                          "SELECT first, n, text FROM lines WHERE run=? AND stream=? AND first<?"
                          " ORDER BY first DESC LIMIT 1",
                          &st, err);
    if (rc != 0)
        return rc;
    runs_sql_int(st, 1, run);
    runs_sql_int(st, 2, stream);
    runs_sql_int(st, 3, range->to);
    rc = store_sql_step(st, err);
    if (rc > 0 && runs_sql_get_int(st, 0) + runs_sql_get_int(st, 1) > range->from) {
        buf_clear(text);
        buf_add(text, sqlite3_column_text(st, 2), (size_t)sqlite3_column_bytes(st, 2));
        *ret = (struct span){runs_sql_get_int(st, 0), runs_sql_get_int(st, 1), buf_str(text),
                             text->len};
    } else if (rc > 0) {
        rc = 0;
    }
    sqlite3_reset(st);
    return rc;
}

static int chunk_remove(struct runs *r, int64_t run, enum runs_stream stream, int64_t first,
                        struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r, "DELETE FROM lines WHERE run=? AND stream=? AND first=?", &st, err);
    if (rc != 0)
        return rc;
    runs_sql_int(st, 1, run);
    runs_sql_int(st, 2, stream);
    runs_sql_int(st, 3, first);
    return store_sql_run(st, err);
}

/* What of a chunk lies before or after the range is stored again. */
static int chunk_keep(struct runs *r, int64_t run, enum runs_stream stream, const struct span *s,
                      const struct runs_lines_range *range, struct err *err)
{
    int rc = 0;
    if (s->first < range->from) {
        int64_t n = range->from - s->first;
        struct span head = {s->first, n, s->text, lines_bytes(s->text, s->len, n) - 1};
        rc = chunk_insert(r, run, stream, &head, err);
    }
    if (rc == 0 && s->first + s->n > range->to) {
        size_t skip = lines_bytes(s->text, s->len, range->to - s->first);
        struct span tail = {range->to, s->first + s->n - range->to, s->text + skip, s->len - skip};
        rc = chunk_insert(r, run, stream, &tail, err);
    }
    return rc;
}

static int lines_remove(struct runs *r, int64_t run, enum runs_stream stream,
                        const struct runs_lines_range *range, struct err *err)
{
    struct buf text;
    struct span s = {0};
    int rc;
    buf_init(&text, SIZE_MAX);
    while ((rc = chunk_last(r, run, stream, range, &text, &s, err)) > 0) {
        rc = chunk_remove(r, run, stream, s.first, err);
        if (rc == 0)
            rc = chunk_keep(r, run, stream, &s, range, err);
        if (rc < 0 || s.first <= range->from)
            break;
    }
    buf_done(&text);
    return rc;
}

int runs_lines_put(struct runs *r, int64_t run, enum runs_stream stream, int64_t first, int64_t n,
                   const char *text, size_t len, int64_t *count, struct err *err)
{
    int rc = 0;
    if (n == 0)
        return 0;
    if (first < *count)
        rc = lines_remove(r, run, stream, &(struct runs_lines_range){first, first + n}, err);
    if (rc == 0)
        rc = chunks_insert(r, run, stream, (struct span){first, n, text, len}, err);
    if (rc == 0 && first + n > *count)
        *count = first + n;
    return rc;
}

int runs_lines_cut(struct runs *r, int64_t run, enum runs_stream stream, int64_t from,
                   struct err *err)
{
    return lines_remove(r, run, stream, &(struct runs_lines_range){from, INT64_MAX}, err);
}

typedef bool (*line_fn)(void *arg, int64_t number, const char *text, size_t len);

static bool chunk_read(const struct span *s, const struct runs_lines_range *range, line_fn fn,
                       void *arg)
{
    const char *at = s->text, *end = s->text + s->len;
    for (int64_t i = s->first; i < s->first + s->n && i < range->to; i++) {
        const char *stop = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
        stop = stop ? stop : end;
        if (i >= range->from && !fn(arg, i, at, (size_t)(stop - at)))
            return false;
        at = stop < end ? stop + 1 : end;
    }
    return true;
}

static int chunks_read(sqlite3_stmt *st, const struct runs_lines_range *range, line_fn fn,
                       void *arg, struct err *err)
{
    int rc;
    while ((rc = store_sql_step(st, err)) > 0) {
        const struct span s = {runs_sql_get_int(st, 0), runs_sql_get_int(st, 1),
                               (const char *)sqlite3_column_text(st, 2),
                               (size_t)sqlite3_column_bytes(st, 2)};
        if (!chunk_read(&s, range, fn, arg))
            break;
    }
    sqlite3_reset(st);
    return rc < 0 ? rc : 0;
}

int runs_lines_read(struct runs *r, int64_t run, enum runs_stream stream,
                    const struct runs_lines_range *range, line_fn fn, void *arg, struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r,
                          "SELECT first, n, text FROM lines WHERE run=?1 AND stream=?2"
                          " AND first>=ifnull((SELECT max(first) FROM lines"
                          " WHERE run=?1 AND stream=?2 AND first<=?3), 0)"
                          " AND first<?4 ORDER BY first",
                          &st, err);
    if (rc != 0)
        return rc;
    runs_sql_int(st, 1, run);
    runs_sql_int(st, 2, stream);
    runs_sql_int(st, 3, range->from);
    runs_sql_int(st, 4, range->to);
    return chunks_read(st, range, fn, arg, err);
}

int runs_lines_read_steps(struct runs *r, int64_t run, int64_t step_from, int64_t step_to,
                          line_fn fn, void *arg, struct err *err)
{
    sqlite3_stmt *st;
    const struct runs_lines_range all = {0, INT64_MAX};
    int rc = runs_sql_use(r,
                          "SELECT first, n, text FROM lines WHERE run=? AND stream=0"
                          " AND (step_to IS NULL OR (step_to>=? AND step_from<?)) ORDER BY first",
                          &st, err);
    if (rc != 0)
        return rc;
    runs_sql_int(st, 1, run);
    runs_sql_int(st, 2, step_from);
    runs_sql_int(st, 3, step_to);
    return chunks_read(st, &all, fn, arg, err);
}
