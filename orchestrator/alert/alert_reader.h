/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Reads in the store, on a thread of its own, what alerts need of it: a long list must not delay the loop.
 * One question after the other. */
#include "base/err.h"
#include "base/value.h"

struct alert_reader;
struct uv_loop_s;

enum alert_question {
    ALERT_ASK_TOLD,   /* {"told","missed"}: view_told.h; missed since time_ms */
    ALERT_ASK_PACES,  /* of each of these sweeps its alerts: {id: [alert, …]} */
    ALERT_ASK_SWEEPS, /* these sweeps, as view_sweep() has them: [sweep, …] */
};

/* On the loop. v: until it returns; NULL: it could not be read. spent_ms: how long that took. */
typedef void (*alert_reader_fn)(void *arg, enum alert_question q, const struct value *v,
                                int64_t spent_ms);

/* dir must outlive it. */
NODISCARD int alert_reader_start(struct uv_loop_s *loop, const char *dir, alert_reader_fn fn,
                                 void *arg, struct alert_reader **ret, struct err *err);
/* sweeps: a list of ids, which is copied; NULL: none. */
void alert_reader_ask(struct alert_reader *r, enum alert_question q, const struct value *sweeps,
                      int64_t time_ms);
/* The loop must run on: what was asked is still answered. Then free it. */
void alert_reader_close(struct alert_reader *r);
void alert_reader_free(struct alert_reader *r);
