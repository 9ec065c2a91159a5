/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom logs: what a trial printed, while it runs or afterwards. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "agent/attempt_log.h"
#include "agent/log_reader.h"
#include "cli/cmd.h"
#include "cli/invocation.h"
#include "cli/look/log_lines.h"
#include "cli/look/looking.h"
#include "cli/print/terminal.h"

enum { CHUNK = 64 << 10, LOOK_AGAIN_MS = 200, TAIL_BYTES = 16 << 20 };

struct reading {
    struct looking *l;
    char sweep[16];
    uint64_t number;
    uint32_t attempt; /* the one that is shown */
    uint64_t offset;
    uint64_t tail; /* lines to begin with; 0: all */
    struct log_lines lines;
};

static bool is_over(const char *state)
{
    return strcmp(state, "pending") != 0 && strcmp(state, "running") != 0;
}

static void log_begin(struct reading *r, uint32_t attempt)
{
    enum log_lines_form form = r->l->json            ? LOG_LINES_JSON
                               : terminal_is(stdout) ? LOG_LINES_CLEAN
                                                     : LOG_LINES_RAW;
    r->attempt = attempt;
    r->offset = 0;
    log_lines_init(&r->lines, form, attempt);
}

static char *path_of(const struct reading *r)
{
    struct agent_key key = {.trial = r->number, .attempt = r->attempt};
    snprintf(key.sweep, sizeof key.sweep, "%s", r->sweep);
    return attempt_log_path(&r->l->arena, r->l->dir, &key);
}

/* Prints all that is there behind the offset. */
static int log_drain(struct reading *r, struct err *err)
{
    struct buf chunk;
    uint64_t before, dropped = 0;
    const char *path = path_of(r);
    int rc = 0;
    buf_init(&chunk, CHUNK);
    if (!rc && r->tail > 0) {
        unsigned tail = r->tail < UINT32_MAX ? (unsigned)r->tail : UINT32_MAX;
        rc = log_reader_tail(path, tail, TAIL_BYTES, &r->offset, err);
        r->tail = 0;
    }
    do {
        before = r->offset;
        buf_clear(&chunk);
        if (!rc)
            rc = log_reader_read(path, &r->offset, CHUNK, &chunk, &dropped, err);
        if (!rc && dropped > 0)
            fprintf(stderr, "besom: %" PRIu64 " bytes of the log were not kept\n", dropped);
        log_lines_add(&r->lines, &r->l->out, buf_peek(&chunk), chunk.len);
        looking_flush(r->l);
    } while (!rc && r->offset > before);
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

static int find_attempts(struct reading *r, uint32_t *ret_attempts, bool *ret_over, struct err *err)
{
    struct value *trial;
    arena_clear(&r->l->arena);
    int rc = view_trial(r->l->view, &r->l->arena, r->sweep, r->number, &trial, err);
    if (rc)
        return rc;
    *ret_attempts = (uint32_t)value_get_int(trial, "attempts", 0);
    *ret_over = is_over(value_get_str(trial, "state", ""));
    return 0;
}

/* The store is asked first and the log read after: what was written before the end is not missed.
 */
static int follow_log(struct reading *r, struct err *err)
{
    const struct timespec pause = {.tv_nsec = LOOK_AGAIN_MS * 1000000L};
    for (;;) {
        uint32_t attempts;
        bool over;
        int rc = find_attempts(r, &attempts, &over, err);
        if (!rc && r->attempt > 0)
            rc = log_drain(r, err);
        if (rc)
            return rc;
        if (attempts > r->attempt) {
            if (r->attempt > 0) {
                log_end(r);
                fprintf(stderr, "besom: attempt %" PRIu32 " of trial %s-%" PRIu64 "\n",
                        r->attempt + 1, r->sweep, r->number);
            }
            log_begin(r, r->attempt > 0 ? r->attempt + 1 : attempts);
            continue;
        }
        if (over)
            return 0;
        nanosleep(&pause, NULL);
    }
}

static int show_logs(struct looking *l, const struct invocation *inv, struct err *err)
{
    struct reading r = {.l = l};
    uint64_t attempt = 0;
    uint32_t attempts;
    bool over;
    int rc = invocation_number(inv, "attempt", 1, UINT32_MAX, &attempt, err);
    if (!rc)
        rc = invocation_number(inv, "tail", 1, UINT64_MAX, &r.tail, err);
    if (!rc)
        rc = view_find_trial(l->view, invocation_arg(inv, 0), r.sweep, &r.number, err);
    if (!rc)
        rc = find_attempts(&r, &attempts, &over, err);
    if (rc)
        return rc;
    if (attempt > attempts)
        return err_set(err, ERR_NOT_FOUND, "trial %s-%" PRIu64 " has had %" PRIu32 " attempt%s",
                       r.sweep, r.number, attempts, attempts == 1 ? "" : "s");
    if (attempts == 0 && (over || !invocation_flag(inv, "follow"))) {
        fprintf(stderr, "besom: trial %s-%" PRIu64 " has not started\n", r.sweep, r.number);
        return 0;
    }
    if (attempts > 0)
        log_begin(&r, attempt ? (uint32_t)attempt : attempts);
    rc = invocation_flag(inv, "follow") ? follow_log(&r, err) : log_drain(&r, err);
    if (r.attempt > 0)
        log_end(&r);
    return rc;
}

int cmd_logs(struct invocation *inv)
{
    return looking_run(inv, show_logs);
}
