/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom runs: what scripts that use wandb have recorded: projects, their runs, one run. */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "cli/cmd.h"
#include "cli/invocation.h"
#include "cli/print/elapsed.h"
#include "cli/print/table.h"
#include "cli/runs/run_columns.h"
#include "cli/runs/run_show.h"
#include "cli/runs/run_source.h"
#include "cli/runs/run_table.h"
#include "cli/runs/run_where.h"

static const char *age_text(struct arena *a, const struct value *project)
{
    char age[ELAPSED_BYTES];
    double last = value_get_float(project, "last", 0), now = (double)time(NULL);
    elapsed_format(age, now > last ? now - last : 0);
    return arena_strdup(a, age);
}

static void print_projects(struct looking *l, const struct value *projects)
{
    static const char *const counts[] = {"runs", "running"};
    struct table t;
    table_init(&t, &l->arena);
    table_column(&t, "project", 0);
    table_column(&t, "runs", TABLE_RIGHT);
    table_column(&t, "running", TABLE_RIGHT);
    table_column(&t, "newest", TABLE_RIGHT);
    for (size_t i = 0; i < projects->list.n; i++) {
        const struct value *p = projects->list.items[i];
        table_cell(&t,
                   arena_printf(&l->arena, "%s/%s", value_get_str(p, "entity", ""),
                                value_get_str(p, "project", "")),
                   TABLE_PLAIN);
        for (size_t k = 0; k < sizeof counts / sizeof *counts; k++)
            table_cell(&t, arena_printf(&l->arena, "%" PRId64, value_get_int(p, counts[k], 0)),
                       TABLE_PLAIN);
        table_cell(&t, age_text(&l->arena, p), TABLE_PLAIN);
    }
    table_print(&l->out, &t, l->table_columns, l->colour);
    table_done(&t);
}

static int show_projects(struct looking *l, const struct value *projects)
{
    if (!looking_list(
            l, projects,
            "no script that uses wandb has recorded a run here yet: see docs/guide/wandb.md\n"))
        print_projects(l, projects);
    return 0;
}

/* What a user names: a project, alone or after its entity. */
struct named {
    const char *entity, *project;
    size_t n; /* projects of that name */
};

static struct named project_find(struct arena *a, const struct value *projects, const char *what)
{
    struct named ret = {0};
    for (size_t i = 0; i < projects->list.n; i++) {
        const char *entity = value_get_str(projects->list.items[i], "entity", "");
        const char *project = value_get_str(projects->list.items[i], "project", "");
        bool whole = strcmp(what, arena_printf(a, "%s/%s", entity, project)) == 0;
        if (!whole && strcmp(what, project) != 0)
            continue;
        ret = (struct named){entity, project, whole ? 1 : ret.n + 1};
        if (whole)
            break;
    }
    return ret;
}

static int filters_read(struct looking *l, const struct invocation *inv, const char **ret,
                        struct err *err)
{
    const char *where = invocation_option(inv, "where"), *state = invocation_option(inv, "state");
    struct value *all = value_list(&l->arena), *filter = value_dict(&l->arena), *test;
    if (state) {
        test = value_dict(&l->arena);
        value_put(&l->arena, test, "state", value_str(&l->arena, state));
        value_push(&l->arena, all, test);
    }
    int rc = where ? run_where_parse(&l->arena, where, &test, err) : 0;
    if (rc == 0 && where)
        value_push(&l->arena, all, test);
    value_put(&l->arena, filter, "$and", all);
    *ret = json_text(&l->arena, filter, JSON_COMPACT);
    return rc;
}

static int query_read(struct looking *l, const struct invocation *inv, const struct named *named,
                      struct run_source_query *ret, struct err *err)
{
    const char *sort = invocation_option(inv, "sort");
    bool descending = invocation_flag(inv, "desc");
    *ret = (struct run_source_query){
        .entity = named->entity,
        .project = named->project,
        .order = run_where_order(&l->arena, sort ? sort : "created", descending)};
    int rc = filters_read(l, inv, &ret->filters, err);
    return rc ? rc : invocation_number(inv, "limit", 1, UINT64_MAX, &ret->limit, err);
}

static int show_runs(struct looking *l, const struct invocation *inv, const struct named *named,
                     struct err *err)
{
    struct run_source_query q;
    const struct value *runs;
    struct run_columns c;
    const char *columns = invocation_option(inv, "columns");
    bool csv = invocation_flag(inv, "csv");
    int rc = query_read(l, inv, named, &q, err);
    if (rc == 0)
        rc = run_source_runs(l, &q, &runs, err);
    if (rc != 0)
        return rc;
    if (!csv && looking_list(l, runs, "no run matches\n"))
        return 0;
    run_columns_init(&c, &l->arena, runs);
    if (columns)
        rc = run_columns_named(&c, columns, err);
    else if (csv)
        run_columns_choose_all(&c);
    else
        run_columns_choose(&c);
    if (rc == 0 && csv)
        run_table_csv(&l->out, &c);
    else if (rc == 0)
        run_table_print(&l->out, &c, (double)time(NULL), l->table_columns, l->colour);
    run_columns_done(&c);
    return rc;
}

/* ENTITY/PROJECT/RUN, or the name of a run alone. */
static int show_run(struct looking *l, const struct value *projects, const char *what,
                    struct err *err)
{
    const char *slash = strrchr(what, '/');
    const char *of = slash ? arena_strndup(&l->arena, what, (size_t)(slash - what)) : "";
    struct named named = project_find(&l->arena, projects, of);
    const struct value *run;
    int rc = slash && named.n != 1 ? err_set(err, ERR_NOT_FOUND, "there is no project %.100s", of)
                                   : run_source_run(l, named.entity, named.project,
                                                    slash ? slash + 1 : what, &run, err);
    if (rc == ERR_NOT_FOUND)
        return err_set(err, rc,
                       "there is no project and no run '%.100s': `besom runs` lists the projects",
                       what);
    if (rc != 0)
        return rc;
    if (l->json)
        looking_json(l, run);
    else
        run_show_print(l, run);
    return 0;
}

static int runs_show(struct looking *l, const struct invocation *inv, struct err *err)
{
    const char *what = invocation_arg(inv, 0);
    const struct value *projects;
    if (l->json && invocation_flag(inv, "csv"))
        return err_set(err, ERR_USAGE, "print either --json or --csv");
    int rc = run_source_projects(l, &projects, err);
    if (rc != 0)
        return rc;
    if (!what)
        return show_projects(l, projects);
    const struct named named = project_find(&l->arena, projects, what);
    if (named.n > 1)
        return err_set(err, ERR_USAGE,
                       "several entities have a project '%.100s': write ENTITY/PROJECT, as `besom "
                       "runs` lists them",
                       what);
    return named.n == 1 ? show_runs(l, inv, &named, err) : show_run(l, projects, what, err);
}

int cmd_runs(struct invocation *inv)
{
    return looking_run(inv, runs_show);
}
