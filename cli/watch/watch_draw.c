/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/watch/watch_draw.h"

#include <inttypes.h>
#include <string.h>

#include "cli/watch/watch_head.h"
#include "cli/watch/watch_panes.h"
#include "cli/watch/watch_rows.h"
#include "cli/watch/watch_sweeps.h"
#include "cli/watch/watch_trial.h"

enum { SIDE_MIN = 36, SIDE_MAX = 60, AGENT_LINES = 2, EXPLAINED = 10 };

static const char *const pane_names[WATCH_PANES] = {"trials", "curves", "agents", "failures",
                                                    "log"};

/* "by val_loss ↓" */
static const char *sorted_text(struct watch_canvas *c)
{
    struct watch_sorting s = watch_state_sorting(c->w, c->d);
    bool metric = s.key && strcmp(s.key, "objective") == 0;
    if (metric)
        return arena_printf(c->a, "by %s %s", s.title, s.descending ? "↑" : "↓");
    return arena_printf(c->a, s.descending ? "%s first" : "by %s", s.title);
}

/* "─[trials]─ curves ─ agents ─ failures ─ log ─────── by val_loss ↓ ──" */
static void tabs_line(struct watch_canvas *c, size_t row)
{
    size_t at = 1, to = c->w->columns;
    watch_canvas_rule(c, row, 0, to, "");
    for (int i = 0; i < WATCH_PANES; i++) {
        bool here = (int)c->w->pane == i && c->w->page == WATCH_SWEEP;
        const char *text = arena_printf(c->a, here ? "[%s]" : " %s ", pane_names[i]);
        if (at + strlen(text) + 1 < to)
            at = frame_put(c->f, row, at, to - at, here ? FRAME_BOLD : FRAME_PLAIN, text) + 1;
    }
    if (c->w->pane != WATCH_TRIALS && c->w->pane != WATCH_CURVES)
        return;
    const char *right = arena_printf(c->a, " %s ", sorted_text(c));
    if (at + frame_width(right) + 4 < to)
        frame_put_right(c->f, row, to - 3, to, FRAME_PLAIN, right);
}

static const char *keys_text(const struct watch *w)
{
    if (w->page == WATCH_SWEEPS)
        return "Enter sweep   ? keys   q quit";
    if (w->page != WATCH_SWEEP)
        return "Esc back   q quit";
    return "/ filter   Enter trial   q quit";
}

/* How many trials are below those that are shown. */
static const char *more_text(struct watch_canvas *c, size_t shown)
{
    const struct watch_data *d = c->d;
    uint64_t all = (uint64_t)value_get_int(d->sweep, "proposed", 0);
    uint64_t below = c->w->top + shown;
    bool rows = c->w->pane == WATCH_TRIALS || c->w->pane == WATCH_CURVES;
    if (c->w->page != WATCH_SWEEP || !d->trials || !rows)
        return "";
    if (c->w->filter[0])
        return arena_printf(c->a, "filter: %s%s", c->w->filter, d->trials_more ? " …" : "");
    return all > below ? arena_printf(c->a, "… %s more", watch_canvas_count(c, all - below)) : "";
}

/* The last line: a question, what is typed, or the keys. */
static void foot_line(struct watch_canvas *c, size_t row, size_t shown)
{
    const struct watch *w = c->w;
    size_t to = w->columns;
    if (w->typing) {
        size_t at = frame_add(c->f, row, 1, FRAME_BOLD, "/");
        at = frame_put(c->f, row, at, to > at + 1 ? to - at - 1 : 0, FRAME_PLAIN, w->typed);
        frame_put(c->f, row, at, 1, FRAME_CHOSEN, " ");
        return;
    }
    if (w->said[0]) {
        frame_add(c->f, row, 1, w->op ? FRAME_STOPPED : FRAME_BOLD, w->said);
        return;
    }
    const char *keys = keys_text(w);
    size_t at = frame_put(c->f, row, 2, to > 2 ? to - 2 : 0, FRAME_DIM, more_text(c, shown));
    if (at + frame_width(keys) + 2 < to)
        frame_put_right(c->f, row, to, to, FRAME_DIM, keys);
}

static void pane_draw(struct watch_canvas *c, const struct watch_box *b)
{
    static void (*const panes[WATCH_PANES])(struct watch_canvas *, const struct watch_box *) = {
        watch_rows_draw, watch_rows_curves, watch_panes_agents, watch_panes_failures,
        watch_panes_log};
    panes[c->w->pane](c, b);
}

static void page_text(struct watch_canvas *c, const struct watch_box *b)
{
    if (c->w->page == WATCH_TRIAL)
        watch_trial_draw(c, b);
    else if (c->w->page == WATCH_EXPLAIN)
        watch_canvas_paragraphs(c, b, c->d->explained ? c->d->explained : "reading …", EXPLAINED,
                                c->w->scroll);
    else
        watch_panes_keys(c, b);
}

static void narrow_draw(struct watch_canvas *c)
{
    size_t lines = c->w->lines, to = c->w->columns, top = WATCH_HEAD_LINES;
    watch_head_draw(c);
    if (lines < top + 3)
        return;
    struct watch_box b = {top + 1, lines - top - 2, 0, to};
    if (c->w->page == WATCH_SWEEP) {
        tabs_line(c, top);
        pane_draw(c, &b);
    } else {
        const char *title = c->w->page == WATCH_KEYS      ? "keys"
                            : c->w->page == WATCH_EXPLAIN ? "explain"
                                                          : watch_trial_title(c);
        watch_canvas_rule(c, top, 0, to, title);
        b.from = 2;
        page_text(c, &b);
    }
    foot_line(c, lines - 1, b.rows - 1);
}

/* Below the trials of a tall terminal: curves or failures, and the log of the chosen trial. */
static void lower_draw(struct watch_canvas *c, size_t row, size_t end)
{
    size_t to = c->w->columns, half = (end - row) / 2;
    watch_canvas_rule(c, row, 0, to, "failures");
    watch_panes_failures(c, &(struct watch_box){row + 1, half > 1 ? half - 1 : 0, 0, to});
    watch_canvas_rule(c, row + half, 0, to, arena_printf(c->a, "log of %s", watch_trial_title(c)));
    watch_panes_log(c, &(struct watch_box){row + half + 1, end - row - half - 1, 2, to});
}

static const char *rows_title(struct watch_canvas *c)
{
    int64_t all = value_get_int(c->d->sweep, "proposed", 0);
    const char *title =
        arena_printf(c->a, "%s of %s · %s", pane_names[c->w->pane], c->w->sweep, sorted_text(c));
    return c->w->filter[0] || all <= 0
               ? title
               : arena_printf(c->a, "%s · %s", title, watch_canvas_count(c, (uint64_t)all));
}

/* The trials, or their curves, and beside them the chosen one. */
static void middle_draw(struct watch_canvas *c, size_t row, size_t rows, size_t side)
{
    const struct watch *w = c->w;
    size_t to = w->columns;
    bool keys = w->page == WATCH_KEYS, explain = w->page == WATCH_EXPLAIN;
    struct watch_box trials = {row, rows, 0, keys ? to : side}, beside = {row, rows, side + 2, to};
    if (keys) {
        watch_panes_keys(c, &trials);
        return;
    }
    for (size_t i = 0; i < rows; i++)
        frame_put(c->f, row + i, side, 1, FRAME_DIM, "│");
    if (w->pane == WATCH_CURVES)
        watch_rows_curves(c, &trials);
    else
        watch_rows_draw(c, &trials);
    if (explain)
        watch_canvas_paragraphs(c, &beside, c->d->explained ? c->d->explained : "reading …", 2,
                                w->scroll);
    else
        watch_trial_draw(c, &beside);
}

static void wide_draw(struct watch_canvas *c)
{
    const struct watch *w = c->w;
    size_t to = w->columns, side = to * 3 / 10, row = watch_state_head(w), foot = w->lines - 1;
    side = to - (side < SIDE_MIN ? SIDE_MIN : side < SIDE_MAX ? side : SIDE_MAX);
    watch_head_fleet(c);
    watch_sweeps_head(c, 1);
    watch_canvas_rule(c, row, 0, to, rows_title(c));
    frame_put(c->f, row, side, 1, FRAME_DIM, "┬");
    frame_put(c->f, row, side + 2, to - side - 3, FRAME_BOLD,
              arena_printf(c->a, " %s%s ", w->page == WATCH_EXPLAIN ? "explain " : "",
                           watch_trial_title(c)));
    size_t rows = watch_state_room(w) + 1;
    middle_draw(c, row + 1, rows, side);
    row += 1 + rows;
    watch_canvas_rule(c, row, 0, to, "agents");
    frame_put(c->f, row, side, 1, FRAME_DIM, "┴");
    bool tall = w->lines >= WATCH_TALL;
    size_t agents = tall || foot < row + 1 ? AGENT_LINES : foot - row - 1;
    watch_panes_agents_short(c, &(struct watch_box){row + 1, agents, 0, to});
    if (tall && row + 1 + agents + 4 < foot)
        lower_draw(c, row + 1 + agents, foot);
    foot_line(c, foot, rows - 1);
}

static void sweeps_draw(struct watch_canvas *c)
{
    size_t lines = c->w->lines, to = c->w->columns;
    bool keys = c->w->page == WATCH_KEYS;
    watch_head_fleet(c);
    if (lines < 6)
        return;
    size_t n = c->d->agents && c->d->agents->kind == VALUE_LIST ? c->d->agents->list.n : 0;
    size_t agents = n < (lines - 4) / 2 ? n : (lines - 4) / 2;
    agents = agents > 0 ? agents : 1;
    size_t rows = lines - 4 - agents;
    watch_canvas_rule(c, 1, 0, to, keys ? "keys" : "sweeps");
    struct watch_box b = {2, rows, keys ? 2 : 0, to};
    if (keys)
        watch_panes_keys(c, &b);
    else
        watch_sweeps_all(c, &b);
    watch_canvas_rule(c, 2 + rows, 0, to, "agents");
    watch_panes_agents(c, &(struct watch_box){3 + rows, agents, 0, to});
    foot_line(c, lines - 1, 0);
}

void watch_draw(struct frame *f, const struct watch *w, const struct watch_data *d)
{
    struct arena a;
    arena_init(&a);
    struct watch_canvas c = {f, &a, w, d};
    frame_resize(f, w->lines, w->columns);
    if (w->page == WATCH_SWEEPS || (w->page == WATCH_KEYS && w->before == WATCH_SWEEPS))
        sweeps_draw(&c);
    else if (watch_state_is_wide(w) && w->page != WATCH_TRIAL &&
             (w->pane == WATCH_TRIALS || w->pane == WATCH_CURVES))
        wide_draw(&c);
    else
        narrow_draw(&c);
    arena_done(&a);
}
