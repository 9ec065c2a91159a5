/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/lint_file.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fix.h"
#include "base/limits.h"
#include "base/yaml_tree.h"
#include "cli/lint_args.h"
#include "cli/lint_program.h"
#include "cli/place.h"
#include "cli/plan_cost.h"
#include "cli/spec_text.h"
#include "cli/store_path.h"
#include "spec/spec_fix.h"
#include "strategies/strategy.h"

static int read_stdin(struct buf *text, struct err *err)
{
    enum { ROOM_BYTES = 64 << 10 };
    buf_init(text, LIMIT_SPEC_BYTES + 2 * ROOM_BYTES);
    for (;;) {
        char *room = buf_reserve(text, ROOM_BYTES);
        ssize_t n = room ? read(STDIN_FILENO, room, ROOM_BYTES) : 0;
        if (n < 0)
            return err_set(err, ERR_IO, "stdin cannot be read: %s", strerror(errno));
        if (text->len + (size_t)n > LIMIT_SPEC_BYTES)
            return err_set(err, ERR_SPEC, "stdin is larger than a spec may be (%d bytes)",
                           LIMIT_SPEC_BYTES);
        if (n == 0)
            return 0;
        buf_commit(text, (size_t)n);
    }
}

void lint_file_open(struct lint_file *f, const char *named)
{
    bool is_stdin = strcmp(named, "-") == 0;
    struct err err = {0};
    *f = (struct lint_file){.named = named, .shown = is_stdin ? "<stdin>" : named};
    arena_init(&f->arena);
    diags_init(&f->diags, &f->arena, f->shown);
    int rc = is_stdin ? read_stdin(&f->text, &err) : spec_text_read(named, &f->text, &err);
    if (rc == 0) {
        spec_text_to_utf8(&f->text);
        return;
    }
    buf_clear(&f->text);
    /* The text begins with the file's name, which stands before it anyway. */
    size_t len = strlen(named);
    bool twice = strncmp(err.text, named, len) == 0 && err.text[len] == ' ';
    const char *fix = strstr(err.text, "is a folder")
                          ? arena_printf(&f->arena, "besom lint %s%s*.yaml", named,
                                         len && named[len - 1] == '/' ? "" : "/")
                          : NULL;
    diags_add(&f->diags, DIAG_ERROR, 0, 0, "", fix, "it %s" + (twice ? 0 : 3),
              err.text + (twice ? len + 1 : 0));
}

/* Whether a sweep of it could propose anything at all. */
static int try_to_propose(struct lint_file *f, struct err *err)
{
    struct strategy *strategy;
    struct proposal p;
    int rc = strategy_new(f->spec, f->spec->seed, &strategy, err);
    if (rc != 0)
        return rc;
    rc = strategy_propose(strategy, &f->arena, &p, err);
    strategy_free(strategy);
    return rc;
}

/* What is wrong with the space as a whole: at what makes it so. */
static void say_of_space(struct lint_file *f, const struct err *err)
{
    const char *key = f->spec->space.forbid_n ? "forbid" : "parameters";
    const struct yaml_entry *e = yaml_tree_find(f->spec->tree, key);
    struct diag *said = diags_add(&f->diags, DIAG_ERROR, e ? e->line : 0, e ? e->column : 0, key,
                                  NULL, "%s", err->text);
    if (e && e->end_column)
        diags_end_at(said, e->line, e->end_column);
    diags_sort(&f->diags, 0);
}

static void say_endless_grid(struct lint_file *f)
{
    const struct yaml_entry *e = yaml_tree_find(f->spec->tree, "method");
    struct diag *said =
        diags_add(&f->diags, DIAG_WARNING, e ? e->node->line : 0, e ? e->node->column : 0, "method",
                  "run_cap: 50", "this grid never ends: it has more than 2^63 points");
    if (e)
        diags_end_at(said, e->node->end_line, e->node->end_column);
    diags_sort(&f->diags, 0);
}

static void count_points(struct lint_file *f)
{
    struct err err = {0};
    if (f->diags.errors > 0)
        return;
    int rc = strategy_points(f->spec, &f->points, &err);
    if (rc == 0 && f->points == 0 && f->spec->space.conditional)
        rc = try_to_propose(f, &err);
    if (rc == 0)
        f->counted = true;
    if (rc == 0 && f->spec->method == SPEC_GRID && f->points > INT64_MAX && !f->spec->run_cap)
        say_endless_grid(f);
    else if (rc != 0)
        say_of_space(f, &err);
}

/* As written: a value that is there twice counts twice. */
static uint64_t count_listed(const struct space *s)
{
    uint64_t listed = 1;
    for (size_t i = 0; i < s->n; i++) {
        const struct parameter *p = &s->parameters[i];
        uint64_t n = p->values ? p->values->list.n : space_grid_points(p);
        if (__builtin_mul_overflow(listed, n, &listed))
            return 0;
    }
    return listed;
}

static size_t count_mendable(const struct lint_file *f)
{
    struct buf mended;
    buf_init(&mended, SIZE_MAX);
    size_t n = fix_apply(&mended, f->text.data, f->text.len, f->diags.items, f->diags.n);
    buf_done(&mended);
    return n;
}

static void count(struct lint_file *f, bool strict)
{
    for (size_t i = 0; i < f->diags.n; i++) {
        struct diag *d = &f->diags.items[i];
        if (strict && d->severity == DIAG_WARNING) {
            d->severity = DIAG_ERROR;
            f->diags.errors++;
        }
        f->warnings += d->severity == DIAG_WARNING;
        f->notes += d->severity == DIAG_NOTE;
    }
    f->mendable = count_mendable(f);
    if (f->counted && f->spec->method == SPEC_GRID && !f->spec->space.conditional)
        f->listed = count_listed(&f->spec->space);
}

void lint_file_judge(struct lint_file *f, const struct lint_options *options)
{
    bool unreadable = f->diags.errors > 0;
    f->root = options->root;
    f->warnings = f->notes = f->mendable = 0;
    f->counted = false;
    spec_free(f->spec);
    if (unreadable) {
        struct diags none;
        diags_init(&none, &f->arena, NULL);
        f->spec = spec_look("", 0, NULL, &none);
        return;
    }
    f->spec = spec_look(f->text.data, f->text.len, options->root, &f->diags);
    spec_fix_keep(&f->diags, f->text.data, f->text.len, options->root);
    lint_program_check(&f->diags, f->named, f->spec);
    if (options->check_args)
        lint_args_check(&f->diags, f->named, f->spec);
    count_points(f);
    count(f, options->strict);
}

void lint_file_estimate(struct lint_file *f)
{
    char store[PATH_MAX], path[PATH_MAX];
    const char *env = getenv("BESOM_STORE");
    const struct spec *s = f->spec;
    struct plan_cost cost;
    uint64_t trials = f->points;
    if (s->run_cap > 0 && (trials == 0 || trials > (uint64_t)s->run_cap))
        trials = (uint64_t)s->run_cap;
    if (f->diags.errors > 0 || trials == 0 || trials == UINT64_MAX || !realpath(f->named, path) ||
        store_path_find(env && *env ? env : NULL, store, NULL) != 0 ||
        plan_cost_find(store, path, s->program, &cost, NULL) != 0 || cost.trials == 0)
        return;
    uint64_t at_once = place_at_once(s, place_slots(s));
    f->seconds = ceil((double)trials / (double)at_once) * cost.median_s;
    f->each_s = cost.median_s;
    snprintf(f->like, sizeof f->like, "%s", cost.sweep);
}

void lint_file_close(struct lint_file *f)
{
    spec_free(f->spec);
    arena_done(&f->arena);
    buf_done(&f->text);
}
