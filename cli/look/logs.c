/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom logs: what a trial printed, while it runs or afterwards. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/limits.h"
#include "cli/cmd.h"
#include "cli/invocation.h"
#include "cli/look/log_lines.h"
#include "cli/look/log_source.h"
#include "cli/look/looking.h"
#include "cli/print/terminal.h"

enum { LOOK_AGAIN_MS = 200 };

struct reading {
    struct looking *l;
    char sweep[16];
    uint64_t number;
    struct value *trial;
    uint32_t attempt; /* the attempt that is shown */
    struct log_source source;
    uint64_t offset;
    uint64_t tail; /* lines to begin with; 0: all */
    struct log_lines lines;
    bool failed; /* the last look */
};

static bool is_over(const char *state)
{
    return strcmp(state, "pending") != 0 && strcmp(state, "running") != 0;
}

/* The agent that has the log of this attempt. */
static const char *attempt_agent(const struct reading *r)
{
    const struct value *list = value_get(r->trial, "attempts_list");
    for (size_t i = 0; i < list->list.n; i++)
        if (value_get_int(list->list.items[i], "attempt", 0) == r->attempt)
            return value_get_str(list->list.items[i], "agent", "");
    return "";
}

static void log_begin(struct reading *r, uint32_t attempt)
{
    enum log_lines_form form = r->l->json            ? LOG_LINES_JSON
                               : terminal_is(stdout) ? LOG_LINES_CLEAN
                                                     : LOG_LINES_RAW;
    struct agent_key key = {.trial = r->number, .attempt = attempt};
    snprintf(key.sweep, sizeof key.sweep, "%s", r->sweep);
    r->attempt = attempt;
    r->offset = 0;
    log_source_init(&r->source, r->l->remote, r->l->dir, &key, attempt_agent(r));
    log_lines_init(&r->lines, form, attempt);
}

/* Reads the next piece of the log; an empty last piece if the attempt has not written yet. */
static int log_next(struct reading *r, struct buf *chunk, struct attempt_log_piece *ret,
                    struct err *err)
{
    const struct attempt_log_query query = {r->offset, r->tail, LIMIT_LOG_PIECE_BYTES};
    struct err none = {0};
    int rc = log_source_read(&r->source, &query, chunk, ret, &none);
    if (rc == ERR_NOT_FOUND) {
        *ret = (struct attempt_log_piece){r->offset, r->offset, true};
        return 0;
    }
    if (rc != 0) {
        *err = none;
        return rc;
    }
    if (r->tail == 0 && ret->from > r->offset)
        fprintf(stderr, "besom: %" PRIu64 " bytes of the log were not kept\n",
                ret->from - r->offset);
    r->tail = 0;
    return 0;
}

/* Prints the log from the offset to its end. */
static int log_drain(struct reading *r, struct err *err)
{
    struct attempt_log_piece piece = {0};
    struct buf chunk;
    uint64_t before;
    int rc;
    buf_init(&chunk, LIMIT_LOG_PIECE_BYTES);
    do {
        before = r->offset;
        buf_clear(&chunk);
        rc = log_next(r, &chunk, &piece, err);
        if (rc)
            break;
        r->offset = piece.to;
        log_lines_add(&r->lines, &r->l->out, buf_peek(&chunk), chunk.len);
        looking_flush(r->l);
    } while (!piece.end && r->offset > before);
    fflush(stdout);
    buf_done(&chunk);
    return rc;
}

static void log_end(struct reading *r)
{
    log_lines_end(&r->lines, &r->l->out);
    log_lines_done(&r->lines);
    looking_flush(r->l);
    fflush(stdout);
}

/* *ret_counts: the attempt that counts; 0: none yet. */
static int find_attempts(struct reading *r, uint32_t *ret_counts, bool *ret_over, struct err *err)
{
    arena_clear(&r->l->arena);
    int rc = view_trial(r->l->view, &r->l->arena, r->sweep, r->number, &r->trial, err);
    if (rc)
        return rc;
    *ret_counts = (uint32_t)value_get_int(r->trial, "attempt", 0);
    *ret_over = is_over(value_get_str(r->trial, "state", ""));
    return 0;
}

/* Of a trial that is over, the log is asked for twice: the controller may have ended in between. */
static bool follow_waits(struct reading *r, bool over, const struct err *why)
{
    bool again = !over || !r->failed;
    r->failed = true;
    return again && looking_wait(r->l, why);
}

/* Begins with the next attempt, up to the one that counts; false if there is none. */
static bool follow_next(struct reading *r, uint32_t counts)
{
    if (counts <= r->attempt)
        return false;
    if (r->attempt > 0) {
        log_end(r);
        fprintf(stderr, "besom: attempt %" PRIu32 " of trial %s-%" PRIu64 "\n", r->attempt + 1,
                r->sweep, r->number);
    }
    log_begin(r, r->attempt > 0 ? r->attempt + 1 : counts);
    return true;
}

/* Asks the store before it reads the log, so that the last lines of an attempt are not missed. A
 * controller or an agent that is away is waited for, as long as the trial can continue. */
static int follow_log(struct reading *r, struct err *err)
{
    const struct timespec pause = {.tv_nsec = LOOK_AGAIN_MS * 1000000L};
    for (;;) {
        struct err why = {0};
        uint32_t counts = 0;
        bool over = false;
        int rc = find_attempts(r, &counts, &over, &why);
        if (!rc && r->attempt > 0)
            rc = log_drain(r, &why);
        if (rc == ERR_UNREACHABLE &&
            counts > r->attempt) { /* the rest is on an agent that is away */
            terminal_say(arena_printf(&r->l->arena, "besom: %s", why.text));
            rc = 0;
        }
        if (rc && follow_waits(r, over, &why))
            continue;
        if (rc) {
            *err = why;
            return rc;
        }
        r->failed = false;
        looking_resume(r->l);
        if (follow_next(r, counts))
            continue;
        if (over)
            return 0;
        nanosleep(&pause, NULL);
    }
}

static int show_logs(struct looking *l, const struct invocation *inv, struct err *err)
{
    struct reading r = {.l = l};
    uint64_t attempt = 0;
    uint32_t counts = 0, attempts;
    bool over;
    int rc = invocation_number(inv, "attempt", 1, UINT32_MAX, &attempt, err);
    if (!rc)
        rc = invocation_number(inv, "tail", 1, UINT64_MAX, &r.tail, err);
    if (!rc)
        rc = view_find_trial(l->view, invocation_arg(inv, 0), r.sweep, &r.number, err);
    if (!rc)
        rc = find_attempts(&r, &counts, &over, err);
    if (rc)
        return rc;
    attempts = (uint32_t)value_get_int(r.trial, "attempts", 0);
    if (attempt > attempts)
        return err_set(err, ERR_NOT_FOUND, "trial %s-%" PRIu64 " has had %" PRIu32 " attempt%s",
                       r.sweep, r.number, attempts, attempts == 1 ? "" : "s");
    if (attempts == 0 && (over || !invocation_flag(inv, "follow"))) {
        fprintf(stderr, "besom: trial %s-%" PRIu64 " has not started\n", r.sweep, r.number);
        return 0;
    }
    if (attempts > 0)
        log_begin(&r, attempt ? (uint32_t)attempt : counts);
    rc = invocation_flag(inv, "follow") ? follow_log(&r, err) : log_drain(&r, err);
    if (r.attempt > 0)
        log_end(&r);
    return rc;
}

int cmd_logs(struct invocation *inv)
{
    return looking_run(inv, show_logs);
}
