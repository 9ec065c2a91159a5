/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom plot: a sweep as one SVG file, or in the terminal. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/diag/display.h"
#include "cli/cmd.h"
#include "cli/invocation.h"
#include "cli/look/looking.h"
#include "cli/picture/picture.h"
#include "cli/picture/picture_file.h"
#include "cli/picture/picture_term.h"
#include "cli/print/terminal.h"

enum {
    WIDTH = 1000,
    MARGIN = 24,
    GAP = 26,
    HEAD = 62,
    TALL = 290,
    HISTORY_PART = 62,
    TERM_COLUMNS = 80
};

enum panel { PANEL_HISTORY, PANEL_IMPORTANCE, PANEL_PARALLEL, PANEL_SLICES, PANEL_CURVES, PANELS };
static const char *const panel_names[PANELS] = {"history", "importance", "parallel", "slices",
                                                "curves"};

/* Colours that people with any kind of colour vision can tell apart (Okabe and Ito; cividis), on
 * light and on dark pages. d*: dots, l*: lines, i*: bars, c*: from the best to the worst. */
static const char style_sheet[] =
    "<style>\n"
    "text{font:11px system-ui,-apple-system,'Segoe UI','Helvetica Neue',Arial,sans-serif}\n"
    ".b{font-weight:600}.s{font-size:10.5px}.big{font-size:17px;font-weight:600}\n"
    ".bg{fill:#fff}.t{fill:#1a1f26}.m{fill:#5b6472}.n{fill:#b04a00}\n"
    ".h{paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}\n"
    "path,line{fill:none;stroke-linecap:round;stroke-linejoin:round}\n"
    ".a{stroke:#8b929c}.g{stroke:#e8ebee}.z{stroke:#8b929c;stroke-dasharray:3 3}.e{fill:#f3f5f7}\n"
    ".d1{stroke:#56789a;stroke-width:4.6;stroke-opacity:.75}\n"
    ".d2{stroke:none;fill:#ba8a00}.d3{stroke:#003f7f;stroke-width:1.6}\n"
    ".d4{stroke:#0072b2;stroke-width:4;stroke-opacity:.4}.d5{stroke:none;fill:#ba8a00;"
    "fill-opacity:.6}\n"
    ".o1{fill:#56789a}.x1{stroke:#7f0019;stroke-width:1.5}.w1{stroke:#1a1f26}\n"
    ".l1{stroke:#0072b2;stroke-width:2.2}.l2{stroke:#1a1f26;stroke-width:1.6}.l3{stroke:#d55e00;"
    "stroke-width:2.2}\n"
    ".r1{stroke:#d55e00;stroke-width:1.8}.i1{fill:#0072b2}.i2{fill:#c3cad2}\n"
    ".p{stroke-width:1;stroke-opacity:.55}.y{stroke-width:9;stroke-linecap:butt}\n"
    ".k{stroke-width:1.1;stroke-opacity:.75}.q{stroke-width:.8;stroke-opacity:.35}.u{stroke:#"
    "8b929c}\n"
    ".c0{stroke:#002051}.c1{stroke:#11366c}.c2{stroke:#3c4d6e}.c3{stroke:#62646f}"
    ".c4{stroke:#7f7c75}.c5{stroke:#9a9478}.c6{stroke:#bbaf71}\n"
    "@media (prefers-color-scheme:dark){\n"
    ".bg{fill:#12161c}.t{fill:#e6e9ee}.m{fill:#9aa4b2}.n{fill:#e69f00}.h{stroke:#12161c}\n"
    ".a{stroke:#5d6672}.g{stroke:#232a33}.z{stroke:#5d6672}.e{fill:#1a2028}\n"
    ".d1{stroke:#8fb3d4}.d2,.d5{fill:#f0e442}.d3{stroke:#3b8eea}.d4{stroke:#56b4e9;"
    "stroke-opacity:.6}\n"
    ".o1{fill:#8fb3d4}.x1{stroke:#d55e00}.w1{stroke:#e6e9ee}.l1{stroke:#56b4e9}.l2{stroke:#e6e9ee}."
    "l3{stroke:#e69f00}"
    "\n"
    ".r1{stroke:#e69f00}.i1{fill:#56b4e9}.i2{fill:#3a434f}.u{stroke:#5d6672}\n"
    ".c0{stroke:#fdea45}.c1{stroke:#e2cb5c}.c2{stroke:#bbaf71}.c3{stroke:#9a9478}"
    ".c4{stroke:#7f7c75}.c5{stroke:#62646f}.c6{stroke:#3c4d6e}}\n"
    "@media print{.bg{fill:none}}\n"
    "</style>\n";

struct plot {
    struct looking *l;
    const struct evidence *e;
    struct matters m;
    bool wanted[PANELS];
    bool terminal;
    const char *file; /* "-": stdout */
    char default_file[32];
};

static int panels_read(struct plot *pl, const char *only, struct err *err)
{
    for (int i = 0; i < PANELS; i++)
        pl->wanted[i] = !only;
    for (const char *at = only; at && *at; at += *at == ',') {
        size_t len = strcspn(at, ",");
        int found = -1;
        for (int i = 0; i < PANELS; i++)
            if (strlen(panel_names[i]) == len && memcmp(panel_names[i], at, len) == 0)
                found = i;
        if (found < 0)
            return err_set(
                err, ERR_USAGE,
                "--only: '%.*s' is unknown: write some of history, importance, parallel, "
                "slices, curves, with commas between them",
                (int)(len < 60 ? len : 60), at);
        pl->wanted[found] = true;
        at += len;
    }
    return only && !*only ? err_set(err, ERR_USAGE, "--only: name at least one panel") : 0;
}

static void title_draw(const struct plot *pl, const struct picture *p)
{
    const struct evidence *e = pl->e;
    struct buf *out = p->out, counts;
    const char *method = value_get_str(e->sweep, "method", "");
    svg_text(out, MARGIN, 34, SVG_START, "t big", 60, evidence_name(e));
    svg_text(out, MARGIN, 52, SVG_START, "m s", 150,
             arena_printf(p->arena, "%s %s · method %s · sweep %s", e->metric,
                          evidence_goal(e, true), method, e->id));
    buf_init(&counts, SIZE_MAX);
    buf_addf(&counts, "%zu trial%s", e->n, e->n == 1 ? "" : "s");
    svg_text(out, WIDTH - MARGIN, 34, SVG_END, "m s", 60, buf_str(&counts));
    buf_done(&counts);
}

/* Two panels beside each other, or one alone over the whole width. */
static double row_of_two(const struct plot *pl, const struct picture *p, double y)
{
    double width = WIDTH - 2 * MARGIN, first = width * HISTORY_PART / 100;
    bool both = pl->wanted[PANEL_HISTORY] && pl->wanted[PANEL_IMPORTANCE];
    struct frame left = {MARGIN, y, both ? first - GAP / 2.0 : width, TALL};
    struct frame right = {both ? MARGIN + first + GAP / 2.0 : MARGIN, y,
                          both ? width - first - GAP / 2.0 : width, TALL};
    if (pl->wanted[PANEL_HISTORY])
        picture_history(p, &left);
    if (pl->wanted[PANEL_IMPORTANCE])
        picture_importance(p, &right);
    return pl->wanted[PANEL_HISTORY] || pl->wanted[PANEL_IMPORTANCE] ? y + TALL + GAP : y;
}

static int panels_draw(const struct plot *pl, const struct picture *p, double *ret_height,
                       struct err *err)
{
    double width = WIDTH - 2 * MARGIN, y = row_of_two(pl, p, HEAD);
    struct frame f = {MARGIN, y, width, TALL};
    int rc = 0;
    if (pl->wanted[PANEL_PARALLEL]) {
        picture_parallel(p, &f);
        f.y += f.h + GAP;
    }
    if (pl->wanted[PANEL_SLICES]) {
        f.h = picture_slices_height(p, width);
        picture_slices(p, &f);
        f.y += f.h + GAP - 10;
    }
    f.h = TALL;
    if (pl->wanted[PANEL_CURVES]) {
        rc = picture_curves(p, &f, pl->l, err);
        f.y += f.h + GAP;
    }
    *ret_height = f.y;
    return rc;
}

static int picture_make(const struct plot *pl, struct buf *out, struct err *err)
{
    struct buf body;
    struct picture p;
    double height;
    buf_init(&body, SIZE_MAX);
    picture_init(&p, &body, &pl->l->arena, pl->e, &pl->m, false);
    title_draw(pl, &p);
    int rc = panels_draw(pl, &p, &height, err);
    buf_adds(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" PICTURE_FILE_MARK "\n");
    buf_addf(out,
             "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%.0f\" "
             "viewBox=\"0 0 %d %.0f\" role=\"img\">\n<title>",
             WIDTH, height, WIDTH, height);
    svg_escape(out, evidence_name(pl->e));
    buf_adds(out, "</title>\n");
    buf_adds(out, style_sheet);
    svg_rect(out, 0, 0, WIDTH, height, "bg");
    buf_add(out, buf_str(&body), body.len);
    buf_adds(out, "</svg>\n");
    buf_done(&body);
    return rc;
}

static void result_print(struct plot *pl)
{
    struct looking *l = pl->l;
    if (!l->json) {
        display_clean(&l->out, pl->file, strlen(pl->file));
        buf_addf(&l->out, ": %zu trial%s\n", pl->e->n, pl->e->n == 1 ? "" : "s");
        return;
    }
    struct value *v = value_dict(&l->arena), *panels = value_list(&l->arena);
    for (int i = 0; i < PANELS; i++)
        if (pl->wanted[i])
            value_push(&l->arena, panels, value_str(&l->arena, panel_names[i]));
    value_put(&l->arena, v, "file", value_str(&l->arena, pl->file));
    value_put(&l->arena, v, "trials", value_int(&l->arena, (int64_t)pl->e->n));
    value_put(&l->arena, v, "panels", panels);
    looking_json(l, v);
}

static int plot_draw(struct plot *pl, struct err *err)
{
    struct looking *l = pl->l;
    struct buf out;
    matters_find(&pl->m, pl->e, &l->arena);
    if (pl->terminal) {
        bool has_width = terminal_is(stdout) || getenv("COLUMNS");
        picture_term(&l->out, &l->arena, pl->e, &pl->m, has_width ? l->columns : TERM_COLUMNS,
                     terminal_utf8(), l->colour);
        return 0;
    }
    bool to_stdout = strcmp(pl->file, "-") == 0;
    buf_init(&out, SIZE_MAX);
    int rc = picture_make(pl, to_stdout ? &l->out : &out, err);
    if (!rc && !to_stdout)
        rc = picture_file_write(pl->file, &out, pl->file == pl->default_file, err);
    if (!rc && !to_stdout)
        result_print(pl);
    buf_done(&out);
    return rc;
}

static int show_plot(struct looking *l, const struct invocation *inv, struct err *err)
{
    struct evidence e;
    struct plot pl = {.l = l,
                      .e = &e,
                      .terminal = invocation_flag(inv, "term"),
                      .file = invocation_option(inv, "output")};
    int rc = panels_read(&pl, invocation_option(inv, "only"), err);
    if (!rc && pl.terminal && (pl.file || l->json))
        rc = err_set(err, ERR_USAGE, "--term prints the plot here: leave out %s",
                     pl.file ? "--output" : "--json");
    if (rc)
        return rc;
    const struct evidence_query q = {.metric = invocation_option(inv, "metric"),
                                     .goal = invocation_option(inv, "goal"),
                                     .needs_goal = true};
    const struct value *sweep;
    char id[16] = "";
    rc = looking_sweep(l, invocation_arg(inv, 0), id, &sweep, err);
    if (rc)
        return rc;
    rc = evidence_read(&e, l->view, &l->arena, id, &q, err);
    if (!pl.file) {
        snprintf(pl.default_file, sizeof pl.default_file, "%s.svg", id);
        pl.file = pl.default_file;
    }
    if (!rc) {
        pl.m.method = matters_usual(&e);
        rc = plot_draw(&pl, err);
    }
    evidence_done(&e);
    return rc;
}

int cmd_plot(struct invocation *inv)
{
    return looking_run(inv, show_plot);
}
