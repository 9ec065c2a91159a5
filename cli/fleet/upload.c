/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/fleet/upload.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/limits.h"
#include "cli/print/terminal.h"
#include "cli/remote/remote.h"

enum {
    PIECE_BYTES_MIN = 64 << 10,
    QUICK_MS = 500, /* a piece that took no longer is followed by a larger one */
    STUCK_MS = 60000,
    WAIT_MS = 500,
    SAY_MS = 1000,       /* a terminal hears of it after this time */
    SAY_LINE_MS = 10000, /* others, and then again */
};

struct upload {
    struct remote *remote;
    const struct code_snapshot *snapshot;
    size_t have, piece;
    bool whole, says, said;
    int64_t begun_ms, moved_ms, said_ms;
};

static int64_t steady_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void upload_say(struct upload *u, int64_t now)
{
    bool terminal = terminal_is(stderr);
    int64_t since = u->said ? u->said_ms : u->begun_ms;
    if (!u->says || now - since < (u->said && terminal ? WAIT_MS : terminal ? SAY_MS : SAY_LINE_MS))
        return;
    fprintf(stderr, "%sSending the snapshot: %.1f of %.1f MiB%s", terminal ? "\r" : "",
            (double)u->have / (1 << 20), (double)u->snapshot->packed.len / (1 << 20),
            terminal ? "" : "\n");
    u->said = true;
    u->said_ms = now;
}

/* The line of a terminal is used again. */
static void upload_say_end(const struct upload *u)
{
    if (u->said && terminal_is(stderr))
        fprintf(stderr, "\r%60s\r", "");
}

/* Asks with a piece, or only what the controller has. */
static int upload_ask(struct upload *u, size_t len, struct err *err)
{
    struct arena a;
    struct value *answer = NULL;
    arena_init(&a);
    const char *path = len > 0 ? arena_printf(&a, "code/%s?from=%zu&size=%zu", u->snapshot->hash,
                                              u->have, u->snapshot->packed.len)
                               : arena_printf(&a, "code/%s", u->snapshot->hash);
    int rc = len > 0 ? remote_post_bytes(u->remote, path, buf_peek(&u->snapshot->packed) + u->have,
                                         len, &a, &answer, err)
                     : remote_get(u->remote, path, &a, &answer, err);
    if (rc == 0) {
        int64_t have = value_get_int(answer, "have", -1);
        const struct value *whole = value_get(answer, "whole");
        u->whole = whole && whole->kind == VALUE_BOOL && whole->b;
        if (!u->whole && (have < 0 || (uint64_t)have > u->snapshot->packed.len))
            rc = err_set(err, ERR_PROTOCOL, "the controller's answer cannot be read");
        else
            u->have = (size_t)have;
    }
    arena_done(&a);
    return rc;
}

/* One step; what may pass is tried again. */
static int upload_step(struct upload *u, bool ask, struct err *err)
{
    size_t left = u->snapshot->packed.len - u->have, had = u->have;
    size_t len = ask ? 0 : left < u->piece ? left : u->piece;
    int64_t before = steady_ms();
    int rc = upload_ask(u, len, err);
    int64_t now = steady_ms();
    if (rc == 0 && u->have > had)
        u->moved_ms = now;
    if (rc == 0 && now - before < QUICK_MS && u->piece < LIMIT_CODE_PIECE_BYTES)
        u->piece *= 2;
    bool passes = rc == ERR_UNREACHABLE || rc == ERR_BUSY || (rc == 0 && u->have <= had);
    if (!passes || u->whole)
        return rc;
    if (now - u->moved_ms > STUCK_MS)
        return rc ? rc : err_set(err, ERR_UNREACHABLE, "the controller takes no more of it");
    u->piece = PIECE_BYTES_MIN;
    nanosleep(&(struct timespec){.tv_nsec = WAIT_MS * 1000000L}, NULL);
    *err = (struct err){0};
    return 0;
}

int upload_snapshot(struct remote *r, const struct code_snapshot *s, bool says, struct err *err)
{
    struct upload u = {.remote = r, .snapshot = s, .piece = PIECE_BYTES_MIN, .says = says};
    struct err why = {0};
    u.begun_ms = u.moved_ms = steady_ms();
    int rc = upload_ask(&u, 0, &why);
    while (rc == 0 && !u.whole) {
        /* All is there, but not whole: somebody sends the same and has not ended. */
        rc = upload_step(&u, u.have == s->packed.len, &why);
        upload_say(&u, steady_ms());
    }
    upload_say_end(&u);
    if (rc == 0)
        return 0;
    *err = why;
    return err_wrap(err, "the snapshot was not sent");
}
