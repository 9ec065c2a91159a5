/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom import: earlier results, from a file of this or another tool, become a finished sweep. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/path_text.h"
#include "cli/cmd.h"
#include "cli/complain.h"
#include "cli/earlier/import_spec.h"
#include "cli/invocation.h"
#include "cli/print/terminal.h"
#include "cli/spec_file.h"
#include "cli/store_path.h"
#include "orchestrator/store/store.h"
#include "orchestrator/store/store_optuna.h"
#include "strategies/strategy.h"
#include "sweep/completion.h"
#include "sweep/given.h"

#define SQLITE_MAGIC "SQLite format 3"

struct import {
    const struct invocation *inv;
    const char *file;
    struct arena arena;
    struct earlier earlier;
    struct spec *spec;
    const char *metric;
    bool maximize;
};

static int file_read(const char *path, struct buf *text, struct err *err)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return err_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", path,
                       strerror(errno));
    int rc = fstat(fd, &st) == 0 && S_ISREG(st.st_mode)
                 ? 0
                 : err_set(err, ERR_USAGE, "%s: not a regular file", path);
    if (rc == 0 && st.st_size > LIMIT_IMPORT_BYTES)
        rc = err_set(err, ERR_LIMIT, "%s: larger than %d MiB", path, LIMIT_IMPORT_BYTES >> 20);
    while (rc == 0) {
        char *room = buf_reserve(text, 1 << 16);
        ssize_t n = room ? read(fd, room, 1 << 16) : -1;
        if (n < 0)
            rc = err_set(err, ERR_IO, "%s: cannot be read", path);
        if (n <= 0)
            break;
        buf_commit(text, (size_t)n);
    }
    close(fd);
    return rc;
}

static bool name_ends(const char *name, const char *end)
{
    size_t n = strlen(name), e = strlen(end);
    return n >= e && strcmp(name + n - e, end) == 0;
}

/* By its first bytes and, where these are not enough, by its name. */
static int rows_read(struct import *im, const struct buf *text, struct err *err)
{
    const char *study = invocation_option(im->inv, "study"), *p = buf_peek(text);
    size_t len = text->len, at = 0;
    if (len > sizeof SQLITE_MAGIC && memcmp(p, SQLITE_MAGIC, sizeof SQLITE_MAGIC) == 0)
        return store_optuna_read(&im->earlier, im->file, study, err);
    while (at < len && strchr(" \t\r\n", p[at]))
        at++;
    const char *newline = memchr(p, '\n', len);
    size_t first = newline ? (size_t)(newline - p) : len;
    if (at < len && p[at] == '{' && memmem(p, first, "\"op_code\"", strlen("\"op_code\"")))
        return earlier_optuna_read(&im->earlier, p, len, study, err);
    if (study)
        return err_set(err, ERR_USAGE, "--study is for files of Optuna");
    if (at < len && (p[at] == '{' || p[at] == '[') && !name_ends(im->file, ".csv"))
        return earlier_json_read(&im->earlier, p, len, err);
    return earlier_csv_read(&im->earlier, p, len, err);
}

static const char *names_text(struct import *im)
{
    struct buf text;
    const struct earlier_row *row = &im->earlier.rows[0];
    const struct value *of = im->earlier.mixed ? row->params : row->metrics;
    buf_init(&text, 400);
    for (size_t i = 0; i < of->dict.n; i++)
        buf_addf(&text, "%s%s", text.len ? ", " : "", of->dict.entries[i].key);
    const char *copy = arena_strndup(&im->arena, buf_peek(&text), text.len);
    buf_done(&text);
    return copy;
}

/* Which metric, and what is better. */
static int metric_choose(struct import *im, struct err *err)
{
    const char *named = invocation_option(im->inv, "metric"),
               *goal = invocation_option(im->inv, "goal");
    const struct earlier *e = &im->earlier;
    if (goal && strcmp(goal, "minimize") != 0 && strcmp(goal, "maximize") != 0)
        return err_set(err, ERR_USAGE, "--goal must be minimize or maximize, not %s", goal);
    if (e->n == 0)
        return err_set(err, ERR_SPEC, "%s: it has no trial that can be used", im->file);
    bool has_objective = value_get(e->rows[0].metrics, "objective") != NULL;
    im->metric = named                               ? named
                 : im->spec && im->spec->metric.name ? im->spec->metric.name
                 : has_objective                     ? "objective"
                                                     : NULL;
    if (!im->metric)
        return err_set(err, ERR_USAGE, "%s: name the metric with --metric NAME; it has %s",
                       im->file, names_text(im));
    im->maximize = goal               ? strcmp(goal, "maximize") == 0
                   : im->spec         ? im->spec->metric.maximize
                   : e->maximize >= 0 ? e->maximize == 1
                                      : false;
    if (!goal && !im->spec && e->maximize < 0)
        terminal_say("besom: the goal is taken to be minimize; --goal maximize changes that");
    return 0;
}

/* Moves the metric, and with a spec all numbers that are not parameters, out of the parameters. */
static void row_split(struct import *im, struct earlier_row *row, const struct given *given)
{
    struct arena *a = &im->arena;
    struct value *params = value_dict(a);
    for (size_t i = 0; i < row->params->dict.n; i++) {
        const struct value_entry *entry = &row->params->dict.entries[i];
        bool number = value_is_number(entry->value);
        bool known = given && map_find(&given->names, entry->key, strlen(entry->key));
        bool metric = strcmp(entry->key, im->metric) == 0;
        if ((metric || (given && !known)) && number && !known)
            value_put(a, row->metrics, entry->key, entry->value);
        else if (!metric && (!given || known))
            value_put(a, params, entry->key, entry->value);
    }
    row->params = params;
}

static void row_name_objective(struct import *im, struct earlier_row *row)
{
    struct arena *a = &im->arena;
    const struct value *objective = value_get(row->metrics, "objective");
    struct value *metrics = value_dict(a);
    if (!objective || strcmp(im->metric, "objective") == 0)
        return;
    for (size_t i = 0; i < row->metrics->dict.n; i++)
        if (strcmp(row->metrics->dict.entries[i].key, "objective") != 0)
            value_put(a, metrics, row->metrics->dict.entries[i].key,
                      row->metrics->dict.entries[i].value);
    if (!value_get(metrics, im->metric))
        value_put(a, metrics, im->metric, value_copy(a, objective));
    row->metrics = metrics;
}

/* Makes the row's params those of the spec; false, and noted, where they do not fit. */
static bool row_fit(struct import *im, struct earlier_row *row, const struct given *given)
{
    struct arena *a = &im->arena;
    const struct space *space = &im->spec->space;
    struct value **values = arena_alloc(a, (space->n + 1) * sizeof *values);
    struct err why = {0};
    struct rng rng;
    rng_init(&rng, 0, 0, RNG_FILL);
    int rc = given_read_or_fail(given, a, row->params, values, &why);
    if (rc == 0 && !completion_is_whole(space, values))
        rc = err_set(&why, ERR_SPEC, "a parameter is missing");
    if (rc == 0)
        rc = completion_draw(a, space, false, values, &rng, &row->params, &why);
    if (rc != 0)
        earlier_fault(&im->earlier, row->line, "%.250s", why.text);
    return rc == 0;
}

/* Prepares all rows; those that cannot be used are dropped. */
static void rows_settle(struct import *im)
{
    struct earlier *e = &im->earlier;
    struct given given;
    size_t n = 0;
    if (im->spec)
        given_init(&given, &im->spec->space, false);
    for (size_t i = 0; i < e->n; i++) {
        struct earlier_row row = e->rows[i];
        if (e->mixed)
            row_split(im, &row, im->spec ? &given : NULL);
        row_name_objective(im, &row);
        bool measured = value_get(row.metrics, im->metric) != NULL;
        if (!measured && row.state != TRIAL_FAILED)
            earlier_fault(e, row.line, "it has no value of %.100s", im->metric);
        else if (!im->spec || row_fit(im, &row, &given))
            e->rows[n++] = row;
    }
    e->n = n;
    if (im->spec)
        given_done(&given);
}

static void faults_say(struct import *im)
{
    const struct earlier *e = &im->earlier;
    size_t shown = e->faults_n < EARLIER_FAULTS_SHOWN ? e->faults_n : EARLIER_FAULTS_SHOWN;
    for (size_t i = 0; i < shown; i++)
        terminal_say(arena_printf(&im->arena, "besom: %s: trial or line %zu is left out: %s",
                                  im->file, e->faults[i].line, e->faults[i].text));
    if (shown < e->faults_n)
        terminal_say(arena_printf(&im->arena, "besom: %s: %zu more are left out", im->file,
                                  e->faults_n - shown));
}

struct recording {
    struct store *store;
    struct books books;
    int64_t now_ms;
    const char *sweep;
};

static int fact_record(struct recording *r, struct fact f, struct err *err)
{
    f.seq = r->books.seq + 1;
    f.time_ms = r->now_ms;
    f.sweep = r->sweep;
    int rc = books_apply(&r->books, &f, err);
    return rc == 0 ? store_append(r->store, &f, err) : rc;
}

static int metrics_record(struct import *im, struct recording *r, uint64_t trial,
                          const struct earlier_row *row, struct err *err)
{
    const char *text =
        arena_printf(&im->arena, "%s\n", json_text(&im->arena, row->metrics, JSON_COMPACT));
    struct fact f = {.kind = FACT_METRICS, .trial = trial, .attempt = 1};
    if (row->metrics->dict.n == 0)
        return 0;
    f.to = strlen(text);
    points_parse(&im->arena, text, strlen(text), r->now_ms, NULL, &f.next_step, &f.points);
    return fact_record(r, f, err);
}

static int trial_record(struct import *im, struct recording *r, uint64_t trial,
                        const struct earlier_row *row, struct err *err)
{
    struct arena *a = &im->arena;
    struct value *why = value_dict(a);
    value_put(a, why, "strategy", value_str(a, "import"));
    value_put(a, why, "line", value_int(a, (int64_t)row->line));
    struct value *params = value_dict(a);
    for (size_t i = 0; i < row->params->dict.n; i++) { /* dotted names become groups */
        const char *path[LIMIT_JSON_DEPTH];
        size_t depth = 0;
        char *rest = arena_strdup(a, row->params->dict.entries[i].key);
        while (rest && depth < LIMIT_JSON_DEPTH) {
            char *dot = strchr(rest, '.');
            path[depth++] = rest;
            if (dot)
                *dot++ = '\0';
            rest = dot;
        }
        value_put_path(a, params, path, depth, row->params->dict.entries[i].value);
    }
    if (im->spec && invocation_option(im->inv, "spec"))
        params = row->params;
    int rc = fact_record(r,
                         (struct fact){.kind = FACT_PROPOSED,
                                       .trial = trial,
                                       .cursor = STRATEGY_ENQUEUED,
                                       .params = value_whole_as_int(a, params),
                                       .why = why},
                         err);
    if (rc == 0)
        rc = fact_record(
            r,
            (struct fact){.kind = FACT_LAUNCHED, .trial = trial, .attempt = 1, .agent = "import"},
            err);
    if (rc == 0)
        rc = metrics_record(im, r, trial, row, err);
    if (rc == 0)
        rc = fact_record(r,
                         (struct fact){.kind = FACT_ENDED,
                                       .trial = trial,
                                       .attempt = 1,
                                       .state = row->state,
                                       .reason = row->state == TRIAL_FINISHED  ? REASON_OK
                                                 : row->state == TRIAL_STOPPED ? REASON_STOPPER
                                                                               : REASON_EXIT,
                                       .ended_ms = r->now_ms,
                                       .code = row->state == TRIAL_FAILED,
                                       .log_dropped = 0},
                         err);
    return rc;
}

static int sweep_record(struct import *im, struct recording *r, const char *path, const char *cwd,
                        struct err *err)
{
    const char *named = invocation_option(im->inv, "name");
    const struct earlier *e = &im->earlier;
    int rc = fact_record(r,
                         (struct fact){.kind = FACT_SWEEP_CREATED,
                                       .name = named     ? named
                                               : e->name ? e->name
                                                         : im->spec->name,
                                       .path = path,
                                       .workdir = cwd,
                                       .content = im->spec->content,
                                       .total = e->n},
                         err);
    for (size_t i = 0; rc == 0 && i < e->n; i++)
        rc = trial_record(im, r, i, &e->rows[i], err);
    if (rc == 0)
        rc = fact_record(
            r,
            (struct fact){.kind = FACT_SWEEP_STATE, .state = SWEEP_FINISHED, .reason = REASON_OK},
            err);
    return rc;
}

static void new_id(char id[16])
{
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
    unsigned char bytes[8];
    check(getrandom(bytes, sizeof bytes, 0) == sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        id[i] = letters[bytes[i] % 32];
    id[sizeof bytes] = '\0';
}

/* All of it is one transaction. */
static int import_write(struct import *im, char id[16], struct err *err)
{
    char dir[PATH_MAX], path[PATH_MAX], cwd[PATH_MAX];
    bool fresh = false;
    struct recording r = {.now_ms = (int64_t)time(NULL) * 1000, .sweep = id};
    new_id(id);
    int rc = store_path_choose(invocation_option(im->inv, "store"), dir, &fresh, err);
    if (rc == 0 && (!realpath(im->file, path) || !getcwd(cwd, sizeof cwd)))
        rc = err_set(err, ERR_IO, "%s: %s", im->file, strerror(errno));
    if (rc == 0)
        rc = store_open(dir, true, &r.store, err);
    if (rc != 0)
        return rc;
    books_init(&r.books);
    rc = store_load(r.store, NULL, &r.books, err);
    if (rc == 0)
        rc = sweep_record(im, &r, path, cwd, err);
    if (rc == 0)
        rc = store_commit(r.store, &r.books, err);
    store_close(r.store);
    books_done(&r.books);
    return rc;
}

static int import_file(struct import *im, struct err *err)
{
    char id[16];
    struct buf text;
    const char *named = invocation_option(im->inv, "spec");
    int rc = named ? spec_file_read(named, NULL, &im->spec, err) : 0;
    if (rc != 0)
        return rc;
    buf_init(&text, LIMIT_IMPORT_BYTES + (1 << 16));
    rc = file_read(im->file, &text, err);
    if (rc == 0 && (rc = rows_read(im, &text, err)) != 0)
        rc = err_wrap(err, "%s", im->file);
    buf_done(&text);
    if (rc == 0)
        rc = metric_choose(im, err);
    if (rc != 0)
        return rc;
    rows_settle(im);
    faults_say(im);
    if (im->earlier.n == 0)
        return err_set(err, ERR_SPEC, "%s: no trial can be used; nothing was imported", im->file);
    if (!im->spec)
        rc = import_spec_make(&im->earlier, im->metric, im->maximize, &im->spec, err);
    if (rc == 0)
        rc = import_write(im, id, err);
    if (rc == 0 && invocation_flag(im->inv, "json"))
        printf("{\"ok\":true,\"sweep\":\"%s\",\"trials\":%zu,\"left_out\":%zu}\n", id,
               im->earlier.n, im->earlier.faults_n);
    else if (rc == 0)
        printf("sweep %s has %zu trial%s of %s%s\n", id, im->earlier.n,
               im->earlier.n == 1 ? "" : "s", im->file,
               im->earlier.faults_n
                   ? arena_printf(&im->arena, "; %zu left out", im->earlier.faults_n)
                   : "");
    return rc;
}

int cmd_import(struct invocation *inv)
{
    struct import im = {.inv = inv, .file = invocation_arg(inv, 0)};
    struct err err = {0};
    arena_init(&im.arena);
    earlier_init(&im.earlier, &im.arena);
    int rc = import_file(&im, &err);
    earlier_done(&im.earlier);
    spec_free(im.spec);
    arena_done(&im.arena);
    return rc ? complain(&err) : COMPLAIN_DONE;
}
