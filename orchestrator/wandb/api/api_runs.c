/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/api/api_runs.h"

#include <inttypes.h>
#include <string.h>

#include "orchestrator/runs/runs_query.h"
#include "orchestrator/wandb/api/api_best.h"
#include "orchestrator/wandb/api/api_node.h"
#include "orchestrator/wandb/api/api_pages.h"
#include "protocol/wandb/wandb_id.h"

/* A run that does not exist is null, which the client reports. */
int api_runs_one(struct desk_call *c, struct value **ret, struct err *err)
{
    struct runs_run run = {0};
    struct err none = {0};
    struct value *node = value_null(c->arena);
    int rc = api_node_find(c, &run, &none);
    if (rc != 0 && rc != ERR_NOT_FOUND)
        return err_set(err, rc, "%s", none.text);
    rc = rc == 0 ? api_node_run(c, &run, &node, err) : 0;
    *ret = api_node_in_project(c->arena, run.project_n, "run", node);
    return rc;
}

struct listing {
    struct runs_query query;
    struct wandb_filter *filter;
    struct wandb_order order;
    int64_t *numbers;
    size_t n;
};

static int listing_parse(struct desk_call *c, struct listing *l, struct err *err)
{
    const char *filters = desk_call_text(c, "filters"), *order = desk_call_text(c, "order");
    filters = filters ? filters : "";
    l->query = (struct runs_query){api_node_entity(c), api_node_project(c), NULL, &l->order};
    int rc = wandb_order_parse(c->arena, order ? order : "+created_at", &l->order, err);
    if (rc != 0)
        return err_wrap(err, "order");
    rc = wandb_filter_parse(filters, strlen(filters), &l->filter, err);
    l->query.filter = l->filter;
    return rc;
}

static int listing_search(struct desk_call *c, struct listing *l, struct err *err)
{
    int rc = listing_parse(c, l, err);
    if (rc != 0)
        return rc;
    rc = runs_query_find(c->runs, c->arena, &l->query, &l->numbers, &l->n, err);
    const char *sweep = wandb_filter_sweep(l->filter);
    if (rc == 0 && sweep && l->n > 1 && value_get_int(c->variables, "perPage", 0) == 1)
        rc = api_best_first(c, sweep, &l->order, l->numbers, l->n, err);
    if (rc == 0 && c->pages)
        api_pages_keep(c->pages, api_pages_key(c), l->numbers, l->n, c->now_ms);
    return rc;
}

/* A further page comes of the list of the first one, while that is known. */
static bool listing_recall(struct desk_call *c, struct listing *l)
{
    const struct api_pages_list *known = c->pages && desk_call_text(c, "cursor")
                                             ? api_pages_find(c->pages, api_pages_key(c), c->now_ms)
                                             : NULL;
    if (!known)
        return false;
    l->numbers = known->numbers;
    l->n = known->n;
    return true;
}

static int project_number(struct desk_call *c, int64_t *ret, struct err *err)
{
    struct value *projects;
    int rc = runs_query_projects(c->runs, c->arena, api_node_entity(c), &projects, err);
    *ret = 0;
    for (size_t i = 0; rc == 0 && i < projects->list.n; i++)
        if (strcmp(value_get_str(projects->list.items[i], "project", ""), api_node_project(c)) == 0)
            *ret = value_get_int(projects->list.items[i], "number", 0);
    return rc;
}

static int page_read(struct desk_call *c, const struct listing *l, struct value **ret,
                     struct err *err)
{
    struct value **nodes;
    struct api_page page = api_node_page(c, l->numbers, l->n);
    int rc = api_node_runs(c, &page, l->numbers, &nodes, err);
    if (rc == 0)
        *ret = api_node_edges(c->arena, &page, l->numbers, nodes);
    return rc;
}

/* A run of a list that was recalled may have been removed. A project without runs is one that nobody has used yet: an empty
 * list. */
int api_runs_list(struct desk_call *c, struct value **ret, struct err *err)
{
    struct arena *a = c->arena;
    struct listing l = {.filter = NULL};
    struct value *edges;
    int64_t project = 0;
    bool recalled = listing_recall(c, &l) && page_read(c, &l, &edges, NULL) == 0;
    int rc = recalled ? 0 : listing_search(c, &l, err);
    if (rc == 0 && !recalled)
        rc = page_read(c, &l, &edges, err);
    if (rc == 0)
        rc = project_number(c, &project, err);
    wandb_filter_free(l.filter);
    if (rc != 0)
        return rc;
    *ret = api_node_in_project(a, project, "runs", edges);
    struct value *in = (struct value *)(uintptr_t)value_get(value_get(*ret, "data"), "project");
    value_put(a, in, "runCount", value_int(a, (int64_t)l.n));
    return 0;
}

static struct value *project_node(struct arena *a, const struct value *project)
{
    struct value *v = value_dict(a);
    int64_t number = value_get_int(project, "number", 0);
    value_put(a, v, "__typename", value_str(a, "Project"));
    value_put(a, v, "id", value_str(a, wandb_id_print(a, "Project", number)));
    value_put(a, v, "internalId", value_str(a, arena_printf(a, "%" PRId64, number)));
    value_put(a, v, "name", value_str(a, value_get_str(project, "project", "")));
    value_put(a, v, "entityName", value_str(a, value_get_str(project, "entity", "")));
    value_put(
        a, v, "createdAt",
        value_str(a, api_node_time(a, (int64_t)(value_get_float(project, "created", 0) * 1000))));
    value_put(a, v, "isBenchmark", value_bool(a, false));
    value_put(a, v, "readOnly", value_bool(a, false));
    value_put(a, v, "runCount", value_int(a, value_get_int(project, "runs", 0)));
    value_put(a, v, "user", api_node_user(a, NULL));
    return v;
}

int api_runs_projects(struct desk_call *c, struct value **ret, struct err *err)
{
    struct arena *a = c->arena;
    struct value *projects;
    int rc = runs_query_projects(c->runs, a, api_node_entity(c), &projects, err);
    if (rc != 0)
        return rc;
    size_t n = projects->list.n;
    int64_t *numbers = arena_alloc(a, n * sizeof *numbers + 1);
    struct value **nodes = arena_alloc(a, n * sizeof *nodes + 1);
    for (size_t i = 0; i < n; i++)
        numbers[i] = value_get_int(projects->list.items[i], "number", 0);
    const struct api_page page = api_node_page(c, numbers, n);
    for (size_t i = 0; i < page.n; i++)
        nodes[i] = project_node(a, projects->list.items[page.from + i]);
    *ret = api_node_wrap(a, "data",
                         api_node_wrap(a, "models", api_node_edges(a, &page, numbers, nodes)));
    return 0;
}

/* Its name is in `name`. */
int api_runs_project(struct desk_call *c, struct value **ret, struct err *err)
{
    struct arena *a = c->arena;
    struct value *projects, *node = value_null(a);
    const char *name = desk_call_text(c, "name");
    name = name ? name : api_node_project(c);
    int rc = runs_query_projects(c->runs, a, api_node_entity(c), &projects, err);
    for (size_t i = 0; rc == 0 && i < projects->list.n; i++)
        if (strcmp(value_get_str(projects->list.items[i], "project", ""), name) == 0)
            node = project_node(a, projects->list.items[i]);
    if (rc == 0)
        *ret = api_node_wrap(a, "data", api_node_wrap(a, "project", node));
    return rc;
}
