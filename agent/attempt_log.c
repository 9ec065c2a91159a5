/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/attempt_log.h"

#include <inttypes.h>
#include <string.h>

#include "agent/log_reader.h"
#include "base/bytes/base64.h"
#include "base/limits.h"
#include "protocol/log_cause.h"
#include "protocol/log_fold.h"

_Static_assert(BASE64_BYTES(LIMIT_LOG_PIECE_BYTES) < LIMIT_FRAME_BYTES / 2,
               "a piece of a log fits into a frame");

char *attempt_log_path(struct arena *a, const char *dir, const struct agent_key *key)
{
    return arena_printf(a, "%s/logs/%s/%" PRIu64 "-%" PRIu64 ".log", dir, key->sweep, key->trial,
                        key->attempt);
}

/* A sweep that a peer names must not lead to another folder. */
static bool is_id(const char *sweep)
{
    size_t len = strspn(sweep, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
    return len > 0 && sweep[len] == '\0';
}

static int piece_read(const char *path, const struct attempt_log_query *query, struct buf *out,
                      struct attempt_log_piece *ret, struct err *err)
{
    uint64_t at = query->from, end = 0, dropped;
    size_t max = query->max < LIMIT_LOG_PIECE_BYTES ? (size_t)query->max : LIMIT_LOG_PIECE_BYTES;
    size_t before = out->len;
    unsigned lines = query->lines < UINT32_MAX ? (unsigned)query->lines : UINT32_MAX;
    int rc = 0;
    if (lines > 0)
        rc = log_reader_tail(path, UINT64_MAX, lines, LIMIT_LOG_TAIL_BYTES, &at, err);
    if (rc == 0)
        rc = log_reader_read(path, &at, max, out, &dropped, err);
    if (rc == 0)
        rc = log_reader_end(path, &end, err);
    if (rc == 0)
        *ret = (struct attempt_log_piece){at - (out->len - before), at, at >= end};
    return rc;
}

int attempt_log_read(const char *dir, const struct agent_key *key,
                     const struct attempt_log_query *query, struct buf *out,
                     struct attempt_log_piece *ret, struct err *err)
{
    struct arena a;
    if (!is_id(key->sweep))
        return err_set(err, ERR_USAGE, "'%.16s' is not the id of a sweep", key->sweep);
    arena_init(&a);
    const char *path = attempt_log_path(&a, dir, key);
    int rc = piece_read(path, query, out, ret, err);
    if (rc == 0 && ret->to == ret->from && !log_reader_is_there(path))
        rc = err_set(err, ERR_NOT_FOUND,
                     "there is no log of attempt %" PRIu64 " of trial %s-%" PRIu64, key->attempt,
                     key->sweep, key->trial);
    arena_done(&a);
    return rc;
}

static void answer_fail(struct arena *a, struct message *answer, int rc, const struct err *err)
{
    answer->error = err_name(rc);
    answer->text = arena_strdup(a, err->text);
}

static void log_answer_bytes(struct arena *a, const char *dir, const struct agent_key *key,
                             struct message *answer)
{
    const struct attempt_log_query query = {answer->from, answer->lines, answer->max};
    struct attempt_log_piece piece = {answer->from, answer->from, false};
    struct err err = {0};
    struct buf bytes, text;
    buf_init(&bytes, LIMIT_LOG_PIECE_BYTES);
    buf_init(&text, SIZE_MAX);
    int rc = attempt_log_read(dir, key, &query, &bytes, &piece, &err);
    if (rc == 0)
        base64_print(&text, buf_peek(&bytes), bytes.len);
    else
        answer_fail(a, answer, rc, &err);
    if (rc == 0)
        rc = log_reader_end(attempt_log_path(a, dir, key), &answer->size, NULL);
    answer->from = piece.from;
    answer->to = piece.to;
    answer->end = piece.end;
    answer->bytes = arena_strndup(a, buf_str(&text), text.len);
    buf_done(&text);
    buf_done(&bytes);
}

/* Folds from *from to `stop`, as far as an answer goes; *ret_to is where the next one begins. */
static int log_fold_range(const char *path, struct log_fold *f, uint64_t *from, uint64_t stop,
                          uint64_t *ret_to, struct err *err)
{
    const uint64_t begin = *from;
    uint64_t at = begin, next = begin, dropped = 0;
    struct buf bytes;
    int rc = 0;
    buf_init(&bytes, LIMIT_LOG_PIECE_BYTES);
    while (at < stop && at - *from < LOG_FOLD_READ_BYTES) {
        size_t want =
            stop - at < LIMIT_LOG_PIECE_BYTES ? (size_t)(stop - at) : LIMIT_LOG_PIECE_BYTES;
        rc = log_reader_read(path, &next, want, &bytes, &dropped, err);
        if (rc != 0 || bytes.len == 0 || (dropped > 0 && at > begin))
            break; /* what follows a gap is the next answer's */
        if (dropped > 0) {
            *from = at = next - bytes.len;
            log_fold_begin(f, f->arena, at, f->find);
        }
        size_t used = log_fold_add(f, buf_peek(&bytes), bytes.len);
        at += used;
        bool full = used < bytes.len;
        buf_clear(&bytes);
        if (full)
            break;
    }
    buf_done(&bytes);
    *ret_to = f->line;
    bool long_line = f->line == *from && at - *from >= LOG_FOLD_READ_BYTES;
    if (at >= stop || (dropped > 0 && at > *from) || long_line)
        log_fold_end(f);
    if (long_line || (dropped > 0 && at > *from))
        *ret_to = at;
    return rc;
}

static void log_answer_rows(struct arena *a, const char *dir, const struct agent_key *key,
                            struct message *answer)
{
    struct log_fold f;
    struct err err = {0};
    const char *path = attempt_log_path(a, dir, key);
    uint64_t size = 0, from = answer->from, stop = answer->to ? answer->to : UINT64_MAX;
    unsigned lines = answer->lines < LOG_FOLD_ROWS ? (unsigned)answer->lines : LOG_FOLD_ROWS;
    int rc = is_id(key->sweep)
                 ? log_reader_end(path, &size, &err)
                 : err_set(&err, ERR_USAGE, "'%.16s' is not the id of a sweep", key->sweep);
    if (rc == 0 && answer->find && strlen(answer->find) > LIMIT_LOG_FIND_BYTES)
        rc = err_set(&err, ERR_USAGE, "a text to find has at most %d bytes", LIMIT_LOG_FIND_BYTES);
    if (rc != 0)
        answer->find = "";
    stop = stop < size ? stop : size;
    if (rc == 0 && lines > 0)
        rc = log_reader_tail(path, stop, lines, LOG_FOLD_READ_BYTES, &from, &err);
    log_fold_begin(&f, a, from, answer->find);
    uint64_t asked = answer->to;
    answer->to = from;
    if (rc == 0)
        rc = log_fold_range(path, &f, &from, stop, &answer->to, &err);
    if (rc == 0 && size == 0 && !log_reader_is_there(path))
        rc = err_set(&err, ERR_NOT_FOUND, "it has printed nothing yet, or its log is gone");
    if (rc == 0 && asked && asked < size && f.at >= stop)
        answer->to = stop;
    answer->from = from;
    answer->end = f.at >= size;
    answer->size = size;
    answer->rows = f.rows;
    if (rc != 0)
        answer_fail(a, answer, rc, &err);
}

void attempt_log_answer(struct arena *a, const char *dir, const struct agent_key *key,
                        struct message *answer)
{
    answer->error = answer->text = "";
    if (answer->fold)
        log_answer_rows(a, dir, key, answer);
    else
        log_answer_bytes(a, dir, key, answer);
}

const char *attempt_log_cause(struct arena *a, const char *dir, const struct agent_key *key,
                              const struct message *end)
{
    struct attempt_log_query query = {.max = LOG_CAUSE_BYTES};
    struct attempt_log_piece piece;
    struct buf log;
    bool failed = strcmp(end->cause, "none") == 0 && (end->code != 0 || end->signal != 0);
    const char *path = attempt_log_path(a, dir, key), *line = "";
    if (!failed || end->oom || log_reader_end(path, &query.from, NULL) != 0)
        return line;
    query.from -= query.from < LOG_CAUSE_BYTES ? query.from : LOG_CAUSE_BYTES;
    buf_init(&log, LOG_CAUSE_BYTES);
    /* If a signal ended the program, its last line is the cause only if it names an error. */
    if (attempt_log_read(dir, key, &query, &log, &piece, NULL) == 0)
        line = log_cause_find(a, buf_peek(&log), log.len, end->signal == 0);
    buf_done(&log);
    return line;
}

bool attempt_log_end(struct arena *a, const char *dir, const struct agent_key *key,
                     const struct message *end, struct message *ret)
{
    bool well = strcmp(end->cause, "none") == 0 && end->code == 0 && end->signal == 0;
    *ret = (struct message){.type = MESSAGE_LOG,
                            .store = end->store,
                            .epoch = end->epoch,
                            .sweep = end->sweep,
                            .trial = end->trial,
                            .attempt = end->attempt,
                            .max = LIMIT_LOG_KEPT_BYTES};
    if (well || log_reader_end(attempt_log_path(a, dir, key), &ret->from, NULL) != 0)
        return false;
    ret->from -= ret->from < LIMIT_LOG_KEPT_BYTES ? ret->from : LIMIT_LOG_KEPT_BYTES;
    attempt_log_answer(a, dir, key, ret);
    return !ret->error[0] && ret->to > ret->from;
}
