/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/run/choice/spec_change.h"

#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/mem.h"
#include "cli/print/terminal.h"
#include "cli/run/choice/difference.h"
#include "cli/run/until.h"
#include "strategies/strategy.h"

enum { LINES_BYTES_MAX = 16 << 10 };

int spec_change_total(const struct spec *spec, uint64_t seed, uint64_t *ret, struct err *err)
{
    struct strategy *strategy = NULL;
    int rc = strategy_new(spec, seed, &strategy, err);
    if (rc != 0)
        return rc;
    uint64_t total = strategy_total(strategy), cap = (uint64_t)spec->run_cap;
    *ret = total == 0 || (cap > 0 && cap < total) ? cap : total;
    strategy_free(strategy);
    return 0;
}

/* A project that was moved or is mounted elsewhere takes its sweep along: the old path without the
 * spec's place in the project is the project's old folder. */
static void workdir_follow(const struct spec_change_from *from, const struct spec_place *at,
                           char out[PATH_TEXT_BYTES])
{
    size_t old = strlen(from->path), place = strlen(at->place), here = strlen(at->path);
    snprintf(out, PATH_TEXT_BYTES, "%s", from->workdir);
    if (place == 0 || old <= place || strcmp(from->path + old - place, at->place) != 0)
        return;
    size_t root = old - place - 1; /* without the last slash */
    if (strncmp(from->workdir, from->path, root) == 0 &&
        (from->workdir[root] == '/' || from->workdir[root] == '\0'))
        snprintf(out, PATH_TEXT_BYTES, "%.*s%s", (int)(here - place - 1), at->path,
                 from->workdir + root);
}

/* A name set by `besom rename` stays until the file's name changes. */
static const char *name_after(const struct spec_change_from *from, const struct spec *spec)
{
    struct arena a;
    arena_init(&a);
    const struct value *old = value_get(from->content, "name");
    const struct value *new = value_get(spec->content, "name");
    bool same =
        old && new ? strcmp(json_text(&a, old, JSON_COMPACT), json_text(&a, new, JSON_COMPACT)) == 0
                   : old == new;
    arena_done(&a);
    return same ? from->name : spec->name;
}

int spec_change_find(const struct spec_change_from *from, const struct spec *spec,
                     const struct spec_place *at, const char *named, const char *again,
                     struct spec_change *ret, struct err *err)
{
    size_t refused = 0;
    *ret = (struct spec_change){.from = mem_strdup(from->path),
                                .moved = strcmp(from->path, at->path) != 0};
    buf_init(&ret->lines, LINES_BYTES_MAX);
    ret->changes = difference_print(&ret->lines, from->content, spec->content, &refused);
    workdir_follow(from, at, ret->workdir);
    if (ret->changes == 0 && !ret->moved)
        return 0;
    if (refused > 0)
        return err_set(
            err, ERR_SPEC,
            "%s has changed since sweep %s began:\n%slater trials could not be compared with "
            "earlier ones; undo this edit to continue, or start another sweep: %s",
            named, from->id, buf_peek(&ret->lines), again);
    const char *name = name_after(from, spec);
    ret->name = name ? mem_strdup(name) : NULL;
    ret->edit = (struct fact){.kind = FACT_SWEEP_EDITED,
                              .sweep = from->id,
                              .name = ret->name,
                              .path = at->path,
                              .place = at->place[0] ? at->place : NULL,
                              .workdir = ret->workdir,
                              .content = spec->content,
                              .until_ms = until_ms(spec, (int64_t)time(NULL) * 1000)};
    return spec_change_total(spec, from->seed, &ret->edit.total, err);
}

void spec_change_print(FILE *out, const struct spec_change *c, const char *named)
{
    if (c->edit.sweep && c->moved)
        terminal_print(out, "Sweep %s has moved here from %s.\n", c->edit.sweep, c->from);
    if (c->edit.sweep && c->changes > 0)
        terminal_print(out, "Sweep %s continues with the changes in %s:\n%s", c->edit.sweep, named,
                       buf_peek(&c->lines));
}

void spec_change_done(struct spec_change *c)
{
    if (!c->from)
        return;
    buf_done(&c->lines);
    mem_free(c->from);
    mem_free(c->name);
}
