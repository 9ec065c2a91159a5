/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/run/choice/project.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "agent/code/code_record.h"
#include "base/diag/display.h"
#include "cli/place.h"
#include "cli/print/terminal.h"
#include "orchestrator/view/view_proposals.h"

enum { LEFT_OUT_SHOWN = 5 };

int project_begin(const struct project *p, struct arena *a, struct fact *create, struct err *err)
{
    char workdir[PATH_MAX];
    struct value *code = NULL;
    int rc = place_workdir(p->spec, p->named, p->path, workdir, err);
    if (rc != 0)
        return rc;
    const struct code_record_from from = {.workdir = workdir,
                                          .dir = p->dir,
                                          .spec = p->path,
                                          .snapshot = p->spec->code.snapshot,
                                          .files = p->spec->code.files,
                                          .limit = p->spec->code.limit,
                                          .pack = p->pack};
    rc = code_record(a, &from, &code, err);
    create->project = code;
    return rc == 0 ? 0 : err_wrap(err, "%s: code", p->named);
}

void project_say(FILE *out, const struct value *code)
{
    struct buf text;
    const struct value *left = value_get(code, "left_out");
    int64_t files = value_get_int(code, "snapshot_files", 0);
    if (!value_get_str(code, "snapshot", NULL))
        return;
    buf_init(&text, SIZE_MAX);
    buf_addf(&text, "Its trials run a snapshot of %" PRId64 " file%s (%.1f MiB)", files,
             files == 1 ? "" : "s", (double)value_get_int(code, "snapshot_bytes", 0) / (1 << 20));
    for (size_t i = 0; left && i < left->list.n && i < LEFT_OUT_SHOWN; i++) {
        const char *path = value_get_str(left->list.items[i], "path", "");
        buf_adds(&text, i == 0 ? "; left out: " : ", ");
        display_clean(&text, path, strlen(path));
        buf_addf(&text, " (%s)", value_get_str(left->list.items[i], "why", ""));
    }
    if (value_get_int(code, "left_out_n", 0) > LEFT_OUT_SHOWN)
        buf_addf(&text, " and %" PRId64 " more",
                 value_get_int(code, "left_out_n", 0) - LEFT_OUT_SHOWN);
    fprintf(out, "%s.\n", buf_str(&text));
    buf_done(&text);
}

void project_say_changes(FILE *out, const struct project *p, const char *sweep)
{
    char workdir[PATH_MAX];
    struct view *view = NULL;
    struct value *code = NULL;
    struct arena a;
    struct buf names;
    if (place_workdir(p->spec, p->named, p->path, workdir, NULL) != 0 ||
        view_open(p->dir, &view, NULL) != 0)
        return;
    arena_init(&a);
    buf_init(&names, SIZE_MAX);
    size_t n = view_code(view, &a, sweep, &code, NULL) == 0
                   ? code_record_changes(code, workdir, p->path, &names)
                   : 0;
    if (n > 0)
        terminal_print(
            out, "The files have changed since the sweep began: %zu file%s (%s%s). %s.\n", n,
            n == 1 ? "" : "s", buf_str(&names), n > CODE_RECORD_NAMES ? ", …" : "",
            value_get_str(code, "snapshot", NULL) ? "Its trials run the snapshot that it began with"
                                                  : "Trials that start now run the changed files");
    buf_done(&names);
    arena_done(&a);
    view_close(view);
}
