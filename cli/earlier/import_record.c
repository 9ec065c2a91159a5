/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/earlier/import_record.h"

#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/check.h"
#include "base/json.h"
#include "base/limits.h"
#include "strategies/strategy.h"

/* After either, a piece is written. */
enum { PIECE_TRIALS = 200, PIECE_BYTES = 1 << 20 };

static int fact_record(struct import_record *r, struct fact f, struct err *err)
{
    f.seq = r->books.seq + 1;
    f.time_ms = r->now_ms;
    f.sweep = r->sweep;
    int rc = books_apply(&r->books, &f, err);
    return rc == 0 ? store_append(r->store, &f, err) : rc;
}

static void id_make(char id[16])
{
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
    unsigned char bytes[8];
    check(getrandom(bytes, sizeof bytes, 0) == sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        id[i] = letters[bytes[i] % 32];
    id[sizeof bytes] = '\0';
}

int import_record_begin(struct import_record *r, const char *dir, struct fact created,
                        struct err *err)
{
    *r = (struct import_record){.now_ms = (int64_t)time(NULL) * 1000};
    id_make(r->sweep);
    books_init(&r->books);
    int rc = store_open(dir, true, &r->store, err);
    if (rc == 0)
        rc = store_load(r->store, NULL, &r->books, err);
    created.kind = FACT_SWEEP_CREATED;
    return rc == 0 ? fact_record(r, created, err) : rc;
}

static int metrics_record(struct import_record *r, struct arena *a, const struct earlier_row *row,
                          struct err *err)
{
    const char *text = arena_printf(a, "%s\n", json_text(a, row->metrics, JSON_COMPACT));
    struct fact f = {.kind = FACT_METRICS, .trial = r->trials, .attempt = 1};
    if (row->metrics->dict.n == 0)
        return 0;
    f.to = strlen(text);
    points_parse(a, text, strlen(text), r->now_ms, NULL, &f.next_step, &f.points);
    return fact_record(r, f, err);
}

/* Dotted names become groups. */
static struct value *params_nest(struct arena *a, const struct value *flat)
{
    struct value *params = value_dict(a);
    for (size_t i = 0; i < flat->dict.n; i++) {
        const char *path[LIMIT_JSON_DEPTH];
        size_t depth = 0;
        char *rest = arena_strdup(a, flat->dict.entries[i].key);
        while (rest && depth < LIMIT_JSON_DEPTH) {
            char *dot = strchr(rest, '.');
            path[depth++] = rest;
            if (dot)
                *dot++ = '\0';
            rest = dot;
        }
        value_put_path(a, params, path, depth, flat->dict.entries[i].value);
    }
    return params;
}

static int end_record(struct import_record *r, int state, struct err *err)
{
    return fact_record(r,
                       (struct fact){.kind = FACT_ENDED,
                                     .trial = r->trials,
                                     .attempt = 1,
                                     .state = state,
                                     .reason = state == TRIAL_FINISHED  ? REASON_OK
                                               : state == TRIAL_STOPPED ? REASON_STOPPER
                                                                        : REASON_EXIT,
                                     .ended_ms = r->now_ms,
                                     .code = state == TRIAL_FAILED,
                                     .log_dropped = 0},
                       err);
}

/* Writes a piece, if there is enough for one. */
static int piece_write(struct import_record *r, struct err *err)
{
    if (++r->trials % PIECE_TRIALS != 0 && r->bytes < PIECE_BYTES)
        return 0;
    int rc = store_spill(r->store, &r->books, err);
    books_sweep_out(&r->books);
    r->bytes = 0;
    return rc;
}

int import_record_trial(struct import_record *r, struct arena *scratch,
                        const struct earlier_row *row, bool nested, struct err *err)
{
    struct arena *a = scratch;
    struct value *why = value_dict(a);
    value_put(a, why, "strategy", value_str(a, "import"));
    value_put(a, why, "line", value_int(a, (int64_t)row->line));
    struct value *params = nested ? row->params : params_nest(a, row->params);
    r->bytes += a->bytes;
    int rc = fact_record(r,
                         (struct fact){.kind = FACT_PROPOSED,
                                       .trial = r->trials,
                                       .cursor = STRATEGY_ENQUEUED,
                                       .params = value_whole_as_int(a, params),
                                       .why = why},
                         err);
    if (rc == 0)
        rc = fact_record(
            r,
            (struct fact){
                .kind = FACT_LAUNCHED, .trial = r->trials, .attempt = 1, .agent = "import"},
            err);
    if (rc == 0)
        rc = metrics_record(r, a, row, err);
    if (rc == 0)
        rc = end_record(r, row->state, err);
    return rc == 0 ? piece_write(r, err) : rc;
}

int import_record_commit(struct import_record *r, struct err *err)
{
    int rc = fact_record(
        r, (struct fact){.kind = FACT_SWEEP_STATE, .state = SWEEP_FINISHED, .reason = REASON_OK},
        err);
    return rc == 0 ? store_commit(r->store, &r->books, err) : rc;
}

void import_record_close(struct import_record *r)
{
    if (r->store)
        store_close(r->store);
    books_done(&r->books);
}
