/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *    IDLE --wanted--> FETCHING --all is here--> UNPACKING --> IDLE
 *                      ^    |                     |
 *                      |    | no answer           | no space, or other bytes
 *                      |    v                     v
 *                      +-- RESTING <--------------+      too often, or for too long: FAILED
 */
#include "agent/code/code_fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "agent/code/code_copies.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/http/http_client.h"
#include "net/log.h"
#include "net/stream.h"
#include "net/worker.h"
#include "sweep/code/code_pack.h"

enum {
    PIECE_BYTES_MIN = 16 << 10,
    PIECE_BYTES_FIRST = 256 << 10,
    ANSWER_MS = 30000,
    QUICK_MS = 500,        /* a piece that took no longer is followed by a larger one */
    STUCK_MS = 10 * 60000, /* without progress */
    UNWANTED_MS = 30000,
    FAILED_MS = 1500, /* for so long, all who ask are told of the failure */
    REST_MS = 1000,
    REST_MS_MAX = 8000,
    WRONG_MAX = 3,
};

#define NO_SPACE "no space is left on the disk of its agent"

enum phase { PHASE_IDLE, PHASE_FETCHING, PHASE_RESTING, PHASE_UNPACKING, PHASE_FAILED };

struct code_fetch {
    struct code_fetch_config config;
    struct worker *worker;
    uv_timer_t rest;
    struct http_client *client; /* NULL: none */
    struct buf headers;
    enum phase phase;
    bool closing;
    char hash[CODE_PACK_HASH_CHARS + 1];
    int fd;              /* of what has arrived; -1: closed */
    uint64_t have, size; /* size 0: not known yet */
    size_t piece;
    uint32_t tries, wrong;
    uint64_t asked_ms, moved_ms, wanted_ms, failed_ms;
    struct err why; /* code 0: no trouble */
    /* Of the thread, while it unpacks. */
    int unpacked;
    struct err unpack_err;
};

static void fetch_next(struct code_fetch *f);

static uint64_t fetch_now(const struct code_fetch *f)
{
    return uv_now(f->config.loop);
}

static void path_of(const struct code_fetch *f, const char *hash, const char *end,
                    char out[PATH_MAX])
{
    if (snprintf(out, PATH_MAX, "%s/code/%s%s", f->config.dir, hash, end) >= PATH_MAX)
        out[0] = '\0'; /* opening it fails, and says so */
}

static void fetch_stop(struct code_fetch *f, enum phase phase)
{
    f->phase = phase;
    uv_timer_stop(&f->rest);
    http_client_close(f->client);
    f->client = NULL;
    if (f->fd >= 0)
        close(f->fd);
    f->fd = -1;
}

/* Leaves nothing of it behind. */
static void fetch_give_up(struct code_fetch *f, enum phase phase)
{
    char path[PATH_MAX];
    fetch_stop(f, phase);
    path_of(f, f->hash, ".fetch", path);
    unlink(path);
    path_of(f, f->hash, ".pack", path);
    unlink(path);
}

static void fetch_fail(struct code_fetch *f)
{
    LOG(LOG_WARN, "code.failed", log_text("snapshot", f->hash), log_text("error", f->why.text));
    fetch_give_up(f, PHASE_FAILED);
    f->failed_ms = fetch_now(f);
}

static void fetch_on_rest(uv_timer_t *timer)
{
    struct code_fetch *f = timer->data;
    f->phase = PHASE_FETCHING;
    fetch_next(f);
}

/* Tries again after a while: the reason is in f->why. */
static void fetch_rest(struct code_fetch *f)
{
    uint64_t ms = REST_MS, now = fetch_now(f);
    for (uint32_t i = 0; i < f->tries && ms < REST_MS_MAX; i++)
        ms *= 2;
    f->tries++;
    if (now - f->moved_ms > STUCK_MS || f->wrong >= WRONG_MAX) {
        fetch_fail(f);
    } else if (now - f->wanted_ms > UNWANTED_MS) {
        fetch_give_up(f, PHASE_IDLE);
    } else {
        f->phase = PHASE_RESTING;
        uv_timer_start(&f->rest, fetch_on_rest, ms, 0);
    }
}

/* What arrived is not what was asked for: begins again. */
static void fetch_wrong(struct code_fetch *f)
{
    f->wrong++;
    f->size = 0;
    if (f->fd >= 0)
        close(f->fd);
    f->fd = -1;
    fetch_rest(f);
}

static void fetch_trouble(struct code_fetch *f, int code)
{
    if (code == ENOSPC || code == EDQUOT)
        err_set(&f->why, ERR_FULL, NO_SPACE);
    else
        err_set(&f->why, ERR_IO, "its agent cannot keep it: %s", strerror(code));
    fetch_rest(f);
}

static void unpack_run(void *arg)
{
    struct code_fetch *f = arg;
    char part[PATH_MAX], pack[PATH_MAX], copy[PATH_MAX];
    path_of(f, f->hash, ".fetch", part);
    path_of(f, f->hash, ".pack", pack);
    f->unpack_err = (struct err){0};
    if (access(part, F_OK) == 0 && rename(part, pack) != 0)
        f->unpacked = err_set(&f->unpack_err, ERR_IO, "%s: %s", pack, strerror(errno));
    else
        f->unpacked = code_copies_use(f->config.dir, f->hash, copy, &f->unpack_err);
    if (f->unpacked != ERR_FULL && f->unpacked != ERR_IO)
        unlink(pack); /* the copy is there, or the pack is of no use */
}

static void unpack_done(void *arg)
{
    struct code_fetch *f = arg;
    f->phase = PHASE_IDLE;
    if (f->closing)
        return;
    LOG(LOG_INFO, "code.unpacked", log_text("snapshot", f->hash), log_int("code", f->unpacked));
    if (f->unpacked == 0)
        return;
    f->why = f->unpack_err;
    if (f->unpacked == ERR_FULL)
        err_set(&f->why, ERR_FULL, NO_SPACE);
    if (f->unpacked == ERR_DAMAGED || f->unpacked == ERR_LIMIT)
        fetch_wrong(f);
    else
        fetch_rest(f);
}

static void fetch_unpack(struct code_fetch *f)
{
    fetch_stop(f, PHASE_UNPACKING);
    worker_push(f->worker, unpack_run, unpack_done, f);
}

/* The size of the whole pack, as the controller says; 0: it says none that can be. */
static uint64_t size_read(const struct http_response *r)
{
    const char *text = http_head_find(r->head, "besom-size");
    char *end;
    if (!text || *text < '0' || *text > '9' || strlen(text) > 18)
        return 0;
    uint64_t size = strtoull(text, &end, 10);
    return *end == '\0' && size <= LIMIT_CODE_BYTES ? size : 0;
}

static bool bytes_write(int fd, const char *bytes, size_t len, uint64_t at)
{
    for (size_t done = 0; done < len;) {
        ssize_t n = pwrite(fd, bytes + done, len - done, (off_t)(at + done));
        if (n < 0 && errno != EINTR)
            return false;
        done += n > 0 ? (size_t)n : 0;
    }
    return true;
}

static void fetch_take(struct code_fetch *f, const struct http_response *r)
{
    uint64_t size = size_read(r), now = fetch_now(f);
    if (size == 0 || (f->size && size != f->size) || f->have > size ||
        r->body_len > size - f->have || r->body_len > f->piece ||
        (!r->body_len && f->have < size)) {
        err_set(&f->why, ERR_PROTOCOL, "the controller's answer is not a piece of the snapshot");
        fetch_wrong(f);
        return;
    }
    if (!bytes_write(f->fd, r->body, r->body_len, f->have)) {
        fetch_trouble(f, errno);
        return;
    }
    f->have += r->body_len;
    f->size = size;
    f->moved_ms = now;
    f->tries = 0;
    f->why = (struct err){0};
    if (now - f->asked_ms < QUICK_MS && f->piece < LIMIT_CODE_PIECE_BYTES)
        f->piece *= 2;
    if (now - f->wanted_ms > UNWANTED_MS)
        fetch_give_up(f, PHASE_IDLE);
    else
        fetch_next(f);
}

static void fetch_answered(void *arg, const struct http_response *r, const struct err *why)
{
    struct code_fetch *f = arg;
    int status = r ? r->head->status : 0;
    if (status == 200) {
        fetch_take(f, r);
        return;
    }
    if (!r) {
        err_set(&f->why, why->code, "the controller does not answer: %.120s", why->text);
        f->piece = f->piece / 2 > PIECE_BYTES_MIN ? f->piece / 2 : PIECE_BYTES_MIN;
    } else if (status == 404) {
        err_set(&f->why, ERR_NOT_FOUND, "the controller does not have the sweep's snapshot");
    } else {
        err_set(&f->why, ERR_PROTOCOL, "the controller answered with HTTP status %d", status);
    }
    bool passes = !r ? why->code == ERR_UNREACHABLE : status == 429 || status >= 500;
    f->wrong += !passes;
    fetch_rest(f);
}

static bool fetch_connect(struct code_fetch *f)
{
    struct stream *stream;
    const char *host, *token = NULL;
    if (f->client && http_client_is_open(f->client))
        return true;
    http_client_close(f->client);
    f->client = NULL;
    if (f->config.connect(f->config.arg, &stream, &host, &token, &f->why) != 0)
        return false;
    f->client = http_client_new(f->config.loop, stream, host);
    buf_clear(&f->headers);
    if (token)
        buf_addf(&f->headers, "Authorization: Bearer %s\r\n", token);
    return true;
}

static bool fetch_open(struct code_fetch *f)
{
    char path[PATH_MAX];
    if (f->fd >= 0)
        return true;
    snprintf(path, sizeof path, "%.*s/code", PATH_MAX - 8, f->config.dir);
    int rc = mkdir(path, 0777);
    path_of(f, f->hash, ".fetch", path);
    if (rc == 0 || errno == EEXIST)
        f->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (f->fd < 0) {
        fetch_trouble(f, errno);
        return false;
    }
    f->have = 0;
    return true;
}

/* The next piece; or the next step, if there is none. */
static void fetch_next(struct code_fetch *f)
{
    char pack[PATH_MAX], target[256];
    path_of(f, f->hash, ".pack", pack);
    if (access(pack, F_OK) == 0 || (f->size > 0 && f->have == f->size)) {
        fetch_unpack(f);
        return;
    }
    if (!fetch_open(f))
        return;
    if (!fetch_connect(f)) {
        fetch_rest(f);
        return;
    }
    snprintf(target, sizeof target, "/agent/v1/code/%s?from=%" PRIu64 "&max=%zu", f->hash, f->have,
             f->piece);
    const struct http_call call = {.method = "GET",
                                   .target = target,
                                   .headers = buf_str(&f->headers),
                                   .response_limit = LIMIT_CODE_PIECE_BYTES,
                                   .limit_ms = ANSWER_MS,
                                   .done = fetch_answered,
                                   .arg = f};
    f->asked_ms = fetch_now(f);
    http_client_send(f->client, &call);
}

static void fetch_begin(struct code_fetch *f, const char *hash)
{
    snprintf(f->hash, sizeof f->hash, "%s", hash);
    f->have = f->size = 0;
    f->tries = f->wrong = 0;
    f->piece = PIECE_BYTES_FIRST;
    f->why = (struct err){0};
    f->moved_ms = f->wanted_ms = fetch_now(f);
    f->phase = PHASE_FETCHING;
    fetch_next(f);
}

static void fetch_say(const struct code_fetch *f, char why[CODE_FETCH_WHY_BYTES])
{
    char much[64] = "";
    if (f->size > 0 && f->have < f->size)
        snprintf(much, sizeof much, ": %.1f of %.1f MiB", (double)f->have / (1 << 20),
                 (double)f->size / (1 << 20));
    if (f->phase == PHASE_UNPACKING)
        snprintf(why, CODE_FETCH_WHY_BYTES, "its code is being unpacked");
    else if (f->why.code)
        snprintf(why, CODE_FETCH_WHY_BYTES, "its code%s: %.*s", much, 120, f->why.text);
    else
        snprintf(why, CODE_FETCH_WHY_BYTES, "its code is being fetched%s", much);
}

enum code_fetch_state code_fetch_want(struct code_fetch *f, const char *hash,
                                      char why[CODE_FETCH_WHY_BYTES])
{
    uint64_t now = fetch_now(f);
    bool same = strcmp(hash, f->hash) == 0;
    /* While the thread unpacks, it may remove copies: none is given out then. */
    if (f->phase != PHASE_UNPACKING && code_copies_has(f->config.dir, hash))
        return CODE_FETCH_READY;
    if (!code_pack_is_hash(hash)) {
        snprintf(why, CODE_FETCH_WHY_BYTES, "the name of the sweep's snapshot is malformed");
        return CODE_FETCH_FAILED;
    }
    if (f->phase == PHASE_FAILED && same && now - f->failed_ms < FAILED_MS) {
        snprintf(why, CODE_FETCH_WHY_BYTES, "the sweep's code cannot be had: %.*s", 150,
                 f->why.text);
        return CODE_FETCH_FAILED;
    }
    if (!same && f->phase != PHASE_IDLE && f->phase != PHASE_FAILED) {
        snprintf(why, CODE_FETCH_WHY_BYTES, "the code of another sweep is being fetched first");
        return CODE_FETCH_WAITS;
    }
    f->wanted_ms = now;
    if (f->phase == PHASE_IDLE || f->phase == PHASE_FAILED)
        fetch_begin(f, hash);
    fetch_say(f, why);
    return CODE_FETCH_WAITS;
}

int code_fetch_new(const struct code_fetch_config *config, struct code_fetch **ret, struct err *err)
{
    struct code_fetch *f = mem_alloc(sizeof *f);
    f->config = *config;
    f->fd = -1;
    int rc = worker_start(config->loop, &f->worker, err);
    if (rc != 0) {
        mem_free(f);
        return rc;
    }
    buf_init(&f->headers, SIZE_MAX);
    uv_timer_init(config->loop, &f->rest);
    f->rest.data = f;
    *ret = f;
    return 0;
}

void code_fetch_close(struct code_fetch *f)
{
    f->closing = true;
    fetch_stop(f, f->phase);
    uv_close((uv_handle_t *)&f->rest, NULL);
    worker_close(f->worker);
}

void code_fetch_free(struct code_fetch *f)
{
    if (!f)
        return;
    buf_done(&f->headers);
    mem_free(f);
}
