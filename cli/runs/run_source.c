/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/runs/run_source.h"

#include <inttypes.h>
#include <string.h>

#include "cli/remote/remote.h"
#include "orchestrator/runs/runs_answer.h"

static void url_escape(struct buf *out, const char *text)
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

static int remote_document(struct looking *l, const char *name, const struct value *query,
                           struct value **ret, struct err *err)
{
    struct buf path;
    buf_init(&path, SIZE_MAX);
    buf_adds(&path, "runs");
    if (name) {
        buf_addc(&path, '/');
        url_escape(&path, name);
    }
    buf_adds(&path, "?nan=bare");
    for (size_t i = 0; i < query->dict.n; i++) {
        buf_addf(&path, "&%s=", query->dict.entries[i].key);
        url_escape(&path, query->dict.entries[i].value->s.ptr);
    }
    int rc = remote_get(l->remote, buf_str(&path), &l->arena, ret, err);
    buf_done(&path);
    return rc;
}

static int document_get(struct looking *l, const char *name, const struct value *query,
                        struct value **ret, struct err *err)
{
    struct runs *runs = NULL;
    if (l->remote)
        return remote_document(l, name, query, ret, err);
    const char *path = name ? arena_printf(&l->arena, "runs/%s", name) : "runs";
    int rc = runs_is_there(l->dir) ? runs_open_to_read(l->dir, &runs, err) : 0;
    if (rc == 0)
        rc = runs_answer(runs, &l->arena, path, query, ret, err);
    runs_close(runs, false);
    return rc;
}

static void put_text(struct arena *a, struct value *v, const char *key, const char *text)
{
    if (text)
        value_put(a, v, key, value_str(a, text));
}

int run_source_projects(struct looking *l, const struct value **ret, struct err *err)
{
    struct value *v;
    int rc = document_get(l, NULL, value_dict(&l->arena), &v, err);
    if (rc == 0 && v->kind != VALUE_LIST)
        rc = err_set(err, ERR_PROTOCOL, "the controller's answer is malformed");
    *ret = v;
    return rc;
}

int run_source_runs(struct looking *l, const struct run_source_query *q, const struct value **ret,
                    struct err *err)
{
    struct arena *a = &l->arena;
    struct value *list = value_list(a), *query = value_dict(a), *page;
    uint64_t total = 1;
    put_text(a, query, "entity", q->entity);
    put_text(a, query, "project", q->project);
    put_text(a, query, "filters", q->filters);
    put_text(a, query, "order", q->order);
    while (list->list.n < total && (q->limit == 0 || list->list.n < q->limit)) {
        uint64_t more = q->limit ? q->limit - list->list.n : RUNS_ANSWER_RUNS;
        more = more < RUNS_ANSWER_RUNS ? more : RUNS_ANSWER_RUNS;
        put_text(a, query, "skip", arena_printf(a, "%zu", list->list.n));
        put_text(a, query, "limit", arena_printf(a, "%" PRIu64, more));
        int rc = document_get(l, NULL, query, &page, err);
        if (rc != 0)
            return rc;
        const struct value *runs = value_get(page, "runs");
        if (!runs || runs->kind != VALUE_LIST || runs->list.n == 0)
            break;
        for (size_t i = 0; i < runs->list.n; i++)
            value_push(a, list, runs->list.items[i]);
        total = (uint64_t)value_get_int(page, "total", 0);
    }
    *ret = list;
    return 0;
}

int run_source_run(struct looking *l, const char *entity, const char *project, const char *name,
                   const struct value **ret, struct err *err)
{
    struct value *query = value_dict(&l->arena), *v;
    put_text(&l->arena, query, "entity", entity);
    put_text(&l->arena, query, "project", project);
    int rc = document_get(l, name, query, &v, err);
    *ret = v;
    return rc;
}
