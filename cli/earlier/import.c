/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom import: earlier results, from a file of this or another tool, become a finished sweep. The
 * file is read twice: first for its space and the trials that cannot be used, then to write them.
 * So no trial stays in memory. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/complain.h"
#include "cli/earlier/import_record.h"
#include "cli/earlier/import_rows.h"
#include "cli/earlier/import_spec.h"
#include "cli/earlier/import_wandb.h"
#include "cli/earlier/results_file.h"
#include "cli/invocation.h"
#include "cli/print/terminal.h"
#include "cli/remote/remote.h"
#include "cli/spec_file.h"
#include "cli/store_path.h"

struct import {
    const struct invocation *inv;
    struct arena arena;
    struct results_file file;
    struct spec *given, *made; /* by --spec; or of the trials */
    struct import_spec space;
    struct import_rows rows;
    struct import_record record;
    size_t usable, left_out;
};

static int on_first(void *arg, struct earlier_row *row, struct err *err)
{
    struct import *im = arg;
    int rc = import_rows_settle(&im->rows, row, err);
    if (rc <= 0)
        return rc;
    im->usable++;
    if (!im->given)
        import_spec_add(&im->space, &im->rows.e->ranges, &im->rows.e->scratch, row->params);
    return 0;
}

static int on_second(void *arg, struct earlier_row *row, struct err *err)
{
    struct import *im = arg;
    struct arena *scratch = &im->rows.e->scratch;
    int rc = import_rows_settle(&im->rows, row, err);
    if (rc <= 0)
        return rc;
    if (!im->given)
        row->params = import_spec_params(&im->space, scratch, row->params);
    return import_record_trial(&im->record, scratch, row, im->given != NULL, err);
}

static void import_say(struct import *im, const struct earlier *e)
{
    struct arena *a = &im->arena;
    const char *file = im->file.path;
    size_t shown = e->faults_n < EARLIER_SHOWN ? e->faults_n : EARLIER_SHOWN;
    if (im->rows.goal_unknown)
        terminal_say("besom: the goal is taken to be minimize; --goal maximize changes that");
    for (size_t i = 0; i < e->notes_n; i++)
        terminal_say(arena_printf(a, "besom: %s: %s", file, e->notes[i]));
    if (im->rows.not_finite_n)
        terminal_say(arena_printf(a, "besom: %s: %zu %s not finite %s left out", file,
                                  im->rows.not_finite_n,
                                  im->rows.not_finite_n == 1 ? "value that is" : "values that are",
                                  im->rows.not_finite_n == 1 ? "is" : "are"));
    for (size_t i = 0; i < shown; i++)
        terminal_say(arena_printf(a, "besom: %s: trial or line %zu is left out: %s", file,
                                  e->faults[i].line, e->faults[i].text));
    if (shown < e->faults_n)
        terminal_say(
            arena_printf(a, "besom: %s: %zu more are left out", file, e->faults_n - shown));
}

/* Reads the file, chooses the metric, and makes the spec if there is none. */
static int import_look(struct import *im, const char **ret_name, struct err *err)
{
    struct earlier e;
    const char *file = im->file.path;
    earlier_init(&e, &im->arena, on_first, im);
    im->rows.e = &e;
    int rc = results_file_read(&im->file, &e, err);
    if (rc == 0 && im->usable > 0 && !im->given) {
        rc = import_spec_make(&im->space, &e, im->rows.metric, im->rows.maximize, &im->made, err);
        if (rc != 0)
            rc = err_wrap(err, "%s", file);
    }
    if (rc == 0) {
        import_say(im, &e);
        im->left_out = e.faults_n;
        *ret_name = e.name ? e.name : im->given ? im->given->name : NULL;
    }
    if (rc == 0 && im->usable == 0)
        rc = err_set(err, ERR_SPEC, "%s: it has no trial that can be used; nothing was imported",
                     file);
    earlier_done(&e);
    return rc;
}

static int import_trials(struct import *im, struct err *err)
{
    struct earlier e;
    earlier_init(&e, &im->arena, on_second, im);
    im->rows.e = &e;
    int rc = results_file_read(&im->file, &e, err);
    earlier_done(&e);
    if (rc == 0 && im->record.trials != im->usable)
        return err_set(err, ERR_STATE,
                       "%s: another program changed it; nothing was imported, try again",
                       im->file.path);
    return rc == 0 ? import_record_commit(&im->record, err) : rc;
}

static int import_write(struct import *im, const char *name, struct err *err)
{
    char dir[PATH_MAX], path[PATH_MAX], cwd[PATH_MAX];
    bool fresh = false;
    const char *named = invocation_option(im->inv, "name");
    struct fact created = {.name = named ? named : name,
                           .path = path,
                           .workdir = cwd,
                           .content = im->given ? im->given->content : im->made->content,
                           .total = im->usable};
    int rc = store_path_choose(invocation_option(im->inv, "store"), dir, &fresh, err);
    if (rc == 0 && (!realpath(im->file.path, path) || !getcwd(cwd, sizeof cwd)))
        rc = err_set(err, ERR_IO, "%s: %s", im->file.path, strerror(errno));
    if (rc != 0)
        return rc;
    rc = import_record_begin(&im->record, dir, created, err);
    if (rc == 0)
        rc = import_trials(im, err);
    import_record_close(&im->record);
    return rc;
}

static bool inv_is_for_wandb(const struct invocation *inv)
{
    bool is = inv->n_args > 1;
    for (size_t i = 0; i < inv->n_options; i++) {
        const char *name = inv->options[i].option->name;
        is |= strcmp(name, "server") == 0 || strcmp(name, "entity") == 0 ||
              strcmp(name, "project") == 0;
    }
    return is;
}

static int import_file(struct import *im, struct err *err)
{
    const char *spec = invocation_option(im->inv, "spec"), *name = NULL,
               *goal = invocation_option(im->inv, "goal");
    int rc = 0;
    if (inv_is_for_wandb(im->inv))
        rc = err_set(err, ERR_USAGE,
                     "--server, --entity and --project, and several folders, are for besom import "
                     "wandb DIR...");
    if (rc == 0 && remote_address(im->inv))
        rc = err_set(err, ERR_USAGE,
                     "$BESOM_SERVER is set, but besom import FILE writes only a store on this "
                     "machine: name it by --store DIR");
    if (rc == 0 && goal && strcmp(goal, "minimize") != 0 && strcmp(goal, "maximize") != 0)
        rc = err_set(err, ERR_USAGE, "--goal must be minimize or maximize, not %s", goal);
    if (rc == 0 && spec)
        rc = spec_file_read(spec, NULL, &im->given, err);
    if (rc == 0)
        rc = results_file_open(&im->file, invocation_arg(im->inv, 0),
                               invocation_option(im->inv, "study"), err);
    if (rc != 0)
        return rc;
    import_rows_init(&im->rows, im->given);
    im->rows.metric_wanted = invocation_option(im->inv, "metric");
    im->rows.goal_wanted = goal;
    rc = import_look(im, &name, err);
    if (rc == 0)
        rc = import_write(im, name, err);
    import_rows_done(&im->rows);
    return rc;
}

static void import_print(const struct import *im)
{
    if (invocation_flag(im->inv, "json")) {
        printf("{\"ok\":true,\"sweep\":\"%s\",\"trials\":%zu,\"left_out\":%zu}\n", im->record.sweep,
               im->usable, im->left_out);
        return;
    }
    terminal_print(stdout, "sweep %s has %zu trial%s of %s", im->record.sweep, im->usable,
                   im->usable == 1 ? "" : "s", im->file.path);
    if (im->left_out)
        printf("; %zu left out", im->left_out);
    printf("\n");
}

int cmd_import(struct invocation *inv)
{
    struct import im = {.inv = inv};
    struct err err = {0};
    if (strcmp(invocation_arg(inv, 0), "wandb") == 0)
        return import_wandb(inv);
    arena_init(&im.arena);
    import_spec_init(&im.space, &im.arena);
    int rc = import_file(&im, &err);
    if (rc == 0)
        import_print(&im);
    import_spec_done(&im.space);
    results_file_close(&im.file);
    spec_free(im.given);
    spec_free(im.made);
    arena_done(&im.arena);
    return rc ? complain(&err) : COMPLAIN_DONE;
}
