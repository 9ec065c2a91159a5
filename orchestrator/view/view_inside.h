/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the files of the view share. */
#include "base/arena.h"
#include "orchestrator/store/store_sql.h"
#include "orchestrator/view/view.h"

struct chunk_codec;

struct view {
    sqlite3 *db;
    char *dir;
    struct chunk_codec *codec;
    sqlite3_stmt *metrics; /* the last values of a trial */
};

/* The columns that view_trial_value() reads, from trial t and sweep s. */
#define VIEW_TRIAL_COLUMNS                                                                    \
    "t.id & ((1 << 40) - 1), s.id, t.state, t.reason, t.params, t.attempts, t.agent, t.slot," \
    " t.created, t.started, t.ended, t.objective, t.id, t.step, t.why, t.ran"
#define VIEW_TRIALS_OF_SWEEP \
    " FROM sweep s JOIN trial t ON t.id BETWEEN s.n << 40 AND ((s.n + 1) << 40) - 1"

NODISCARD int view_trial_value(struct view *v, struct arena *a, sqlite3_stmt *st,
                               struct value **ret, struct err *err);
/* The one trial; ERR_NOT_FOUND where there is none. */
NODISCARD int view_trial_read(struct view *v, struct arena *a, const char *sweep, uint64_t number,
                              struct value **ret, struct err *err);

/* A column as a value: null where it is NULL. */
struct value *view_text(struct arena *a, sqlite3_stmt *st, int at);
struct value *view_int(struct arena *a, sqlite3_stmt *st, int at);
struct value *view_time(struct arena *a, sqlite3_stmt *st, int at); /* ms as seconds */
struct value *view_json(struct arena *a, sqlite3_stmt *st, int at); /* JSON text */
/* One moment of the store for what needs several statements. */
NODISCARD int view_begin(struct view *v, struct err *err);
void view_end(struct view *v);
