/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/sweeps/desk_sweep.h"

#include <string.h>
#include <time.h>

#include "orchestrator/runs/runs_sweep.h"
#include "orchestrator/view/view.h"
#include "protocol/wandb/wandb_yaml.h"

/* wandb's word for a state of besom's: a sweep that lets its last trials finish has finished there. */
static const char *state_word(const char *state, bool begun)
{
    static const struct {
        const char *ours, *theirs;
    } words[] = {{"paused", "PAUSED"},
                 {"stopping", "FINISHED"},
                 {"finished", "FINISHED"},
                 {"cancelled", "CANCELED"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].ours, state) == 0)
            return words[i].theirs;
    return begun ? "RUNNING" : "PENDING";
}

static const char *moment_text(struct arena *a, int64_t ms)
{
    char text[32];
    struct tm at;
    time_t s = (time_t)(ms / 1000);
    if (!gmtime_r(&s, &at) || strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &at) == 0)
        return NULL;
    return arena_strdup(a, text);
}

static int64_t sweep_begun(const struct value *view)
{
    const struct value *counts = value_get(view, "counts");
    int64_t n = 0;
    for (size_t i = 0; counts && counts->kind == VALUE_DICT && i < counts->dict.n; i++)
        if (strcmp(counts->dict.entries[i].key, "pending") != 0 &&
            counts->dict.entries[i].value->kind == VALUE_INT)
            n += counts->dict.entries[i].value->i;
    return n;
}

static int sweep_view(struct desk_call *c, const char *id, const struct value **ret,
                      struct err *err)
{
    struct view *view = NULL;
    struct value *v = NULL;
    int rc = view_open(c->dir, &view, err);
    if (rc != 0)
        return rc;
    rc = view_sweep(view, c->arena, id, &v, err);
    view_close(view);
    *ret = v;
    return rc;
}

int desk_sweep_find(struct desk_call *c, const char *id, struct desk_sweep *ret, struct err *err)
{
    struct runs_sweep row;
    struct err none = {0};
    struct arena *a = c->arena;
    *ret = (struct desk_sweep){0};
    int rc = sweep_view(c, id, &ret->view, err);
    if (rc != 0)
        return rc;
    rc = runs_sweep_find(c->runs, a, id, &row, &none);
    if (rc != 0 && rc != ERR_NOT_FOUND)
        return err_set(err, rc, "%s", none.text);
    ret->ours = rc == 0;
    const struct value *v = ret->view, *spec = value_get(v, "spec");
    struct wandb_answer_sweep *s = &ret->answer;
    *s = (struct wandb_answer_sweep){
        .id = arena_strdup(a, id),
        .entity = ret->ours ? row.entity : value_get_str(spec, "entity", DESK_ENTITY),
        .project = ret->ours ? row.project : value_get_str(spec, "project", DESK_PROJECT),
        .method = value_get_str(v, "method", NULL),
        .display = ret->ours ? row.name : value_get_str(v, "name", NULL),
        .description = ret->ours ? row.description : value_get_str(spec, "description", NULL),
        .runs = sweep_begun(v),
        .expected = value_get_int(v, "total", 0)};
    s->config = ret->ours ? row.config : spec ? wandb_yaml_text(a, spec) : "";
    s->state = state_word(value_get_str(v, "state", ""), s->runs > 0);
    s->created = moment_text(a, ret->ours ? row.created
                                          : (int64_t)(1000 * value_get_float(v, "created", 0)));
    return 0;
}

int desk_sweep_get(struct desk_call *c, struct value **ret, struct err *err)
{
    struct desk_sweep s;
    const char *id = desk_call_text(c, "sweep");
    id = id ? id : desk_call_text(c, "sweepName");
    int rc = desk_sweep_find(c, id ? id : "", &s, err);
    if (rc == 0)
        *ret = wandb_answer_sweep_get(c->arena, &s.answer, value_list(c->arena));
    return rc;
}
