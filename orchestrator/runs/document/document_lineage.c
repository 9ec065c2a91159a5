/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/runs/document/document_lineage.h"

#include <inttypes.h>
#include <string.h>

#include "orchestrator/runs/runs_run.h"

struct node {
    bool is_run;
    int64_t n;
    int depth;
};

struct lineage {
    struct runs *runs;
    struct arena *arena;
    struct node nodes[DOCUMENT_LINEAGE_NODES];
    size_t n;
    bool more;
    struct value *nodes_value, *edges;
    struct err *err;
};

static const char *id_text(struct arena *a, bool is_run, int64_t n)
{
    return arena_printf(a, "%c%" PRId64, is_run ? 'r' : 'a', n);
}

/* A run or version that is not there yet is added, and followed later. */
static bool node_add(struct lineage *l, bool is_run, int64_t n, int depth)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->nodes[i].is_run == is_run && l->nodes[i].n == n)
            return true;
    if (l->n == DOCUMENT_LINEAGE_NODES) {
        l->more = true;
        return false;
    }
    l->nodes[l->n++] = (struct node){is_run, n, depth};
    return true;
}

static void edge_add(struct lineage *l, bool from_run, int64_t from, int64_t to)
{
    struct value *edge = value_list(l->arena);
    value_push(l->arena, edge, value_str(l->arena, id_text(l->arena, from_run, from)));
    value_push(l->arena, edge, value_str(l->arena, id_text(l->arena, !from_run, to)));
    value_push(l->arena, l->edges, edge);
}

struct found {
    int64_t items[DOCUMENT_LINEAGE_NODES];
    size_t n;
};

static void found_add(struct found *f, int64_t n)
{
    if (f->n < DOCUMENT_LINEAGE_NODES)
        f->items[f->n++] = n;
}

static bool version_take(void *arg, const struct runs_artifact *v)
{
    struct found *f = arg;
    if (strcmp(v->collection.type, "run_table") != 0)
        found_add(f, v->n);
    return f->n < DOCUMENT_LINEAGE_NODES;
}

static void user_take(void *arg, int64_t run)
{
    found_add(arg, run);
}

/* What is beyond a node, further in its direction. Edges lead from what was first. */
static int node_follow(struct lineage *l, const struct node *node, bool up)
{
    struct found f = {.n = 0};
    struct runs_artifact v = {.n = 0};
    int rc;
    if (node->is_run) {
        rc =
            runs_artifact_list(l->runs, l->arena, up ? RUNS_ARTIFACT_INPUTS : RUNS_ARTIFACT_OUTPUTS,
                               node->n, 0, version_take, &f, l->err);
    } else if (up) {
        rc = runs_artifact_get(l->runs, l->arena, node->n, &v, l->err);
        if (rc == 0 && v.run)
            found_add(&f, v.run);
    } else {
        rc = runs_artifact_users(l->runs, node->n, user_take, &f, l->err);
    }
    for (size_t i = 0; rc >= 0 && i < f.n; i++)
        if (node_add(l, !node->is_run, f.items[i], node->depth + (up ? -1 : 1)))
            edge_add(l, up ? !node->is_run : node->is_run, up ? f.items[i] : node->n,
                     up ? node->n : f.items[i]);
    return rc < 0 ? rc : 0;
}

static void text_put(struct arena *a, struct value *v, const char *key, const char *text)
{
    value_put(a, v, key, value_str(a, text ? text : ""));
}

static int node_value(struct lineage *l, const struct node *node)
{
    struct arena *a = l->arena;
    struct value *v = value_dict(a);
    struct runs_artifact version;
    struct runs_run run;
    int rc = node->is_run ? runs_run_get(l->runs, a, node->n, &run, l->err)
                          : runs_artifact_get(l->runs, a, node->n, &version, l->err);
    if (rc == ERR_NOT_FOUND)
        return 0;
    if (rc != 0)
        return rc;
    text_put(a, v, "id", id_text(a, node->is_run, node->n));
    text_put(a, v, "kind", node->is_run ? "run" : "artifact");
    value_put(a, v, "depth", value_int(a, node->depth));
    text_put(a, v, "entity", node->is_run ? run.entity : version.collection.entity);
    text_put(a, v, "project", node->is_run ? run.project : version.collection.project);
    text_put(a, v, "name", node->is_run ? run.name : version.collection.name);
    if (node->is_run) {
        text_put(a, v, "display", run.display);
        text_put(a, v, "state", runs_run_state_name(run.state));
        text_put(a, v, "job_type", run.job_type);
    } else {
        text_put(a, v, "type", version.collection.type);
        value_put(a, v, "version", value_int(a, version.version));
    }
    value_push(a, l->nodes_value, v);
    return 0;
}

int document_lineage_make(struct runs *r, struct arena *a, const struct runs_artifact *version,
                          struct value **ret, struct err *err)
{
    struct lineage l = {
        .runs = r, .arena = a, .nodes_value = value_list(a), .edges = value_list(a), .err = err};
    int rc = 0;
    node_add(&l, false, version->n, 0);
    for (size_t i = 0; rc == 0 && i < l.n; i++) {
        const struct node node = l.nodes[i];
        if (node.depth <= 0)
            rc = node_follow(&l, &node, true);
        if (rc == 0 && node.depth >= 0)
            rc = node_follow(&l, &node, false);
    }
    for (size_t i = 0; rc == 0 && i < l.n; i++)
        rc = node_value(&l, &l.nodes[i]);
    *ret = value_dict(a);
    value_put(a, *ret, "nodes", l.nodes_value);
    value_put(a, *ret, "edges", l.edges);
    value_put(a, *ret, "more", value_bool(a, l.more));
    return rc;
}
