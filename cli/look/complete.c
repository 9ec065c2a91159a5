/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/look/complete.h"

#include <inttypes.h>
#include <string.h>

#include "base/diag/display.h"
#include "cli/invocation.h"
#include "orchestrator/view/table/columns.h"
#include "cli/look/looking.h"
#include "cli/runs/run_source.h"

enum { TRIALS_MAX = 1000 }; /* further trials are not listed */

/* Adds a line with one word. Shells split at spaces, so a name with spaces is left out. */
static void word_add(struct buf *out, const char *word)
{
    if (*word && !word[strcspn(word, " \t\n'\"\\$`")] && display_is_clean(word, strlen(word)))
        buf_addf(out, "%s\n", word);
}

static int list_sweeps(struct looking *l, struct err *err)
{
    struct value *sweeps;
    int rc = view_sweeps(l->view, &l->arena, &sweeps, err);
    word_add(&l->out, "last");
    for (size_t i = 0; rc == 0 && i < sweeps->list.n; i++) {
        word_add(&l->out, value_get_str(sweeps->list.items[i], "id", ""));
        word_add(&l->out, value_get_str(sweeps->list.items[i], "name", ""));
    }
    return rc;
}

/* "k3f9-" lists the trials of that sweep; without a dash, the numbers of the newest sweep's. */
static int list_trials(struct looking *l, const char *typed, struct err *err)
{
    const char *dash = typed ? strrchr(typed, '-') : NULL;
    const char *sweep = dash ? arena_strndup(&l->arena, typed, (size_t)(dash - typed)) : NULL;
    const struct value *found;
    char id[16];
    int rc = looking_sweep(l, sweep, id, &found, err);
    if (rc)
        return rc;
    int64_t n = value_get_int(found, "proposed", 0);
    for (int64_t i = 0; i < n && i < TRIALS_MAX; i++)
        word_add(&l->out, sweep ? arena_printf(&l->arena, "%s-%" PRId64, sweep, i)
                                : arena_printf(&l->arena, "%" PRId64, i));
    return 0;
}

static int list_projects(struct looking *l, struct err *err)
{
    const struct value *projects;
    int rc = run_source_projects(l, &projects, err);
    for (size_t i = 0; rc == 0 && i < projects->list.n; i++)
        word_add(&l->out, value_get_str(projects->list.items[i], "project", ""));
    return rc;
}

static int list_columns(struct looking *l, const char *kind, const char *sweep, struct err *err)
{
    struct columns c;
    struct value *known;
    char id[16];
    int rc = view_find_sweep(l->view, sweep, id, err);
    if (!rc)
        rc = view_columns(l->view, &l->arena, id, &known, err);
    if (rc)
        return rc;
    columns_init(&c, &l->arena, known, NULL);
    const struct value *names = strcmp(kind, "columns") == 0 ? columns_names(&c)
                                : strcmp(kind, "sort") == 0  ? columns_sort_keys(&c)
                                                             : value_get(known, "metrics");
    for (size_t i = 0; i < names->list.n; i++)
        word_add(&l->out, names->list.items[i]->s.ptr);
    columns_done(&c);
    return 0;
}

static int list_words(struct looking *l, const struct invocation *inv, struct err *err)
{
    const char *kind = invocation_option(inv, "list"), *typed = invocation_arg(inv, 0);
    if (typed && !*typed)
        typed = NULL;
    if (strcmp(kind, "sweeps") == 0)
        return list_sweeps(l, err);
    if (strcmp(kind, "trials") == 0)
        return list_trials(l, typed, err);
    if (strcmp(kind, "projects") == 0)
        return list_projects(l, err);
    return list_columns(l, kind, typed, err);
}

int complete_list(struct invocation *inv)
{
    return looking_run(inv, list_words);
}
