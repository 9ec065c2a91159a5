/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/view_remote.h"

#include <math.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/machine.h"
#include "base/mem.h"
#include "base/path_text.h"
#include "orchestrator/view/view_inside.h"
#include "orchestrator/view/view_proposals.h"

struct remote {
    struct view_remote queries; /* first: the functions get it as their own */
    struct view_transport transport;
    char *shown;
};

enum { ROWS = 500, PROPOSALS = 10000 }; /* of one question */

/* Escapes all but plain characters: names of metrics and sweeps may have any character. */
void view_remote_escape(struct buf *out, const char *text)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    for (; *text; text++) {
        if (strchr(plain, *text))
            buf_addc(out, *text);
        else
            buf_addf(out, "%%%02X", (unsigned char)*text);
    }
}

static int remote_ask(const struct view_remote *r, const struct buf *path, struct arena *a,
                      struct value **ret, struct err *err)
{
    const struct view_transport *t = &((const struct remote *)r)->transport;
    int rc = t->get(t->arg, buf_str(path), a, ret, err);
    if (rc == 0 && (*ret)->kind == VALUE_NULL)
        *ret = NULL;
    return rc;
}

static int remote_malformed(const struct view_remote *r, struct err *err)
{
    return err_set(err, ERR_PROTOCOL, "%s sent an answer that this version does not understand",
                   ((const struct remote *)r)->shown);
}

static int remote_get(const struct view_remote *r, struct arena *a, const char *path,
                      struct value **ret, struct err *err)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    buf_addf(&text, "%s%snan=bare", path, strchr(path, '?') ? "&" : "?");
    int rc = remote_ask(r, &text, a, ret, err);
    buf_done(&text);
    return rc;
}

/* Asks for a sweep or a trial, and parses the answer. */
static int found_read(const struct view_remote *r, const struct buf *path, char id[16],
                      int64_t *ret_trial, struct err *err)
{
    struct value *found = NULL;
    struct arena a;
    arena_init(&a);
    int rc = remote_ask(r, path, &a, &found, err);
    const char *sweep = value_get_str(found, "sweep", "");
    if (rc == 0 && (!*sweep || strlen(sweep) >= 16))
        rc = remote_malformed(r, err);
    if (rc == 0) {
        snprintf(id, 16, "%s", sweep);
        *ret_trial = value_get_int(found, "trial", -1);
    }
    arena_done(&a);
    return rc;
}

static int remote_find_as(const struct view_remote *r, const char *what, const char *as,
                          char id[16], int64_t *ret_trial, struct err *err)
{
    struct buf path;
    buf_init(&path, SIZE_MAX);
    buf_addf(&path, "find?as=%s", as);
    if (what) {
        buf_adds(&path, "&what=");
        view_remote_escape(&path, what);
    }
    int rc = found_read(r, &path, id, ret_trial, err);
    buf_done(&path);
    return rc;
}

static int remote_find_path(const struct view_remote *r, const char *path, const char *place,
                            char id[16], struct err *err)
{
    struct buf text;
    int64_t trial;
    buf_init(&text, SIZE_MAX);
    buf_adds(&text, "find?path=");
    view_remote_escape(&text, path);
    if (place) {
        buf_adds(&text, "&place=");
        view_remote_escape(&text, place);
    }
    int rc = found_read(r, &text, id, &trial, err);
    buf_done(&text);
    return rc;
}

/* As a name, else as the path of a file of this machine. */
static int remote_find(const struct view_remote *r, const char *what, const char *as, char id[16],
                       bool *ret_trial, uint64_t *number, struct err *err)
{
    char path[PATH_MAX], text[PATH_TEXT_BYTES];
    int64_t trial = -1;
    struct err none = {0};
    int rc = remote_find_as(r, what, as, id, &trial, &none);
    if (rc == ERR_NOT_FOUND && strpbrk(what ? what : "", "./") && realpath(what, path)) {
        path_text_print(text, path);
        rc = remote_find_path(r, text, NULL, id, err);
    } else if (rc != 0) {
        *err = none;
    }
    if (rc == 0 && trial < 0 && strcmp(as, "trial") == 0)
        return remote_malformed(r, err);
    if (rc == 0)
        *ret_trial = trial >= 0;
    if (rc == 0 && trial >= 0)
        *number = (uint64_t)trial;
    return rc;
}

/* Asks for a list page by page, and calls fn for each row; `path` has its query already. */
static int remote_rows(const struct view_remote *r, const struct buf *path, uint64_t skip,
                       uint64_t most, uint64_t page, int (*fn)(void *arg, const struct value *row),
                       void *arg, struct err *err)
{
    struct buf text;
    struct arena a;
    bool ended = most == 0;
    int rc = 0;
    buf_init(&text, SIZE_MAX);
    arena_init(&a);
    while (rc == 0 && !ended) {
        struct value *list = NULL;
        uint64_t wanted = most < page ? most : page;
        buf_clear(&text);
        buf_adds(&text, buf_str(path));
        buf_addf(&text, "nan=bare&skip=%llu&limit=%llu", (unsigned long long)skip,
                 (unsigned long long)wanted);
        rc = remote_ask(r, &text, &a, &list, err);
        if (rc == 0 && (!list || list->kind != VALUE_LIST))
            rc = remote_malformed(r, err);
        for (size_t i = 0; rc == 0 && i < list->list.n && !ended; i++)
            ended = fn(arg, list->list.items[i]) != 0;
        if (rc == 0) {
            skip += list->list.n;
            most -= list->list.n < most ? list->list.n : most;
            ended |= most == 0 || list->list.n < wanted;
        }
        arena_clear(&a);
    }
    arena_done(&a);
    buf_done(&text);
    return rc;
}

static int remote_trials(const struct view_remote *r, const char *sweep, const struct view_query *q,
                         view_trial_fn fn, void *arg, struct err *err)
{
    struct buf path;
    buf_init(&path, SIZE_MAX);
    buf_addf(&path, "sweeps/%s/trials?", sweep);
    if (q->state) {
        buf_adds(&path, "state=");
        view_remote_escape(&path, q->state);
        buf_addc(&path, '&');
    }
    if (q->filter) {
        buf_adds(&path, "filter=");
        view_remote_escape(&path, q->filter);
        buf_addc(&path, '&');
    }
    if (q->sort) {
        buf_adds(&path, "sort=");
        view_remote_escape(&path, q->sort);
        buf_addc(&path, '&');
    }
    buf_adds(&path, q->descending ? "desc=1&" : "");
    int rc = remote_rows(r, &path, q->skip, q->limit ? q->limit : UINT64_MAX, ROWS, fn, arg, err);
    buf_done(&path);
    return rc;
}

static int remote_points(const struct view_remote *r, const char *part, const char *sweep,
                         uint64_t number, uint32_t attempt, view_point_fn fn, void *arg,
                         struct err *err)
{
    struct buf path;
    buf_init(&path, SIZE_MAX);
    buf_addf(&path, "trials/%s-%llu/%s?attempt=%u&", sweep, (unsigned long long)number, part,
             attempt);
    int rc = remote_rows(r, &path, 0, UINT64_MAX, PROPOSALS, fn, arg, err);
    buf_done(&path);
    return rc;
}

struct proposals {
    void (*fn)(void *arg, const struct view_proposal *p);
    void *arg;
    bool malformed;
};

enum { ROW_CURSOR = 1, ROW_PARAMS, ROW_STATE, ROW_ITERATIONS, ROW_COST, ROW_OBJECTIVE, ROW_OTHERS };

/* A row of the document: number, cursor, params, state, iterations, cost, the objectives. */
static int proposal_take(void *arg, const struct value *row)
{
    struct proposals *p = arg;
    const size_t n = ROW_OTHERS + PARETO_OBJECTIVES_MAX - 1;
    p->malformed = row->kind != VALUE_LIST || row->list.n != n;
    for (size_t i = 0; !p->malformed && i < n; i++)
        p->malformed = i == ROW_PARAMS  ? row->list.items[i]->kind != VALUE_DICT
                       : i == ROW_STATE ? row->list.items[i]->kind != VALUE_STR
                                        : !value_is_number(row->list.items[i]);
    if (p->malformed)
        return 1;
    struct value *const *at = row->list.items;
    int state = machine_find(trial_states, TRIAL_STATES, at[ROW_STATE]->s.ptr);
    if ((p->malformed = state < 0))
        return 1;
    struct view_proposal one = {.number = (uint64_t)value_number(at[0]),
                                .cursor = (uint64_t)value_number(at[ROW_CURSOR]),
                                .params = at[ROW_PARAMS],
                                .fate = {.state = (enum trial_state)state,
                                         .iterations = (uint64_t)value_number(at[ROW_ITERATIONS]),
                                         .cost_s = value_number(at[ROW_COST]),
                                         .objective = value_number(at[ROW_OBJECTIVE])}};
    for (size_t i = 0; i < PARETO_OBJECTIVES_MAX - 1; i++)
        one.fate.others[i] = value_number(at[ROW_OTHERS + i]);
    p->fn(p->arg, &one);
    return 0;
}

static int remote_proposals(const struct view_remote *r, const char *sweep,
                            void (*fn)(void *arg, const struct view_proposal *p), void *arg,
                            struct err *err)
{
    struct proposals p = {fn, arg, false};
    struct buf path;
    buf_init(&path, SIZE_MAX);
    buf_addf(&path, "sweeps/%s/proposals?", sweep);
    int rc = remote_rows(r, &path, 0, UINT64_MAX, PROPOSALS, proposal_take, &p, err);
    buf_done(&path);
    return rc == 0 && p.malformed ? remote_malformed(r, err) : rc;
}

static void remote_close(const struct view_remote *r)
{
    struct remote *all = (struct remote *)(uintptr_t)r;
    mem_free(all->shown);
    mem_free(all);
}

struct view *view_remote_open(const struct view_transport *transport, const char *shown)
{
    struct view *v = mem_alloc(sizeof *v);
    struct remote *r = mem_alloc(sizeof *r);
    *r = (struct remote){{remote_find, remote_find_path, remote_get, remote_trials, remote_points,
                          remote_proposals, remote_close},
                         *transport,
                         mem_strdup(shown)};
    v->remote = &r->queries;
    return v;
}

bool view_remote_is(const struct view *v)
{
    return v->remote != NULL;
}

int view_remote_get(struct view *v, struct arena *a, const char *path, struct value **ret,
                    struct err *err)
{
    return v->remote->get(v->remote, a, path, ret, err);
}
