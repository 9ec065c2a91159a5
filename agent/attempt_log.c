/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/attempt_log.h"

#include <inttypes.h>
#include <string.h>

#include "agent/log_reader.h"
#include "base/bytes/base64.h"
#include "base/limits.h"

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
        rc = log_reader_tail(path, lines, LIMIT_LOG_TAIL_BYTES, &at, err);
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

void attempt_log_answer(struct arena *a, const char *dir, const struct agent_key *key,
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
    answer->from = piece.from;
    answer->to = piece.to;
    answer->end = piece.end;
    answer->bytes = arena_strndup(a, buf_str(&text), text.len);
    answer->error = rc == 0 ? "" : err_name(rc);
    answer->text = arena_strdup(a, err.text);
    buf_done(&text);
    buf_done(&bytes);
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
