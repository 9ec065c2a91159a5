/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/watch/watch_panes.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/diag/display.h"
#include "base/number/cell.h"
#include "cli/print/elapsed.h"
#include "cli/screen/segments.h"
#include "cli/watch/watch_rows.h"

enum { AGENT_NAME = 16, AGENT_SHORT = 46, AGENTS_MORE = 20, SLOTS_MAX = 16, GPUS_MAX = 64 };

static const struct value *list_of(const struct value *v)
{
    return v && v->kind == VALUE_LIST ? v : NULL;
}

static void pane_say(struct watch_canvas *c, const struct watch_box *b, const char *text)
{
    if (b->rows > 0 && b->to > b->from + 2)
        frame_put(c->f, b->row, b->from + 2, b->to - b->from - 2, FRAME_DIM, text);
}

/* "▮▮▮▯ 3/4" */
static const char *slots_text(struct watch_canvas *c, const struct value *agent, bool counted)
{
    const struct value *slots = list_of(value_get(agent, "slots"));
    size_t n = slots ? slots->list.n : 0, busy = 0;
    struct buf text;
    buf_init(&text, SIZE_MAX);
    for (size_t i = 0; i < n; i++)
        busy += value_get_str(slots->list.items[i], "trial", NULL) != NULL;
    for (size_t i = 0; n <= SLOTS_MAX && i < n; i++)
        buf_adds(&text, i < busy ? "▮" : "▯");
    if (counted || n > SLOTS_MAX)
        buf_addf(&text, "%s%zu/%zu", text.len > 0 ? " " : "", busy, n);
    const char *copy = arena_strndup(c->a, buf_str(&text), text.len);
    buf_done(&text);
    return copy;
}

/* What the trials on an agent use of its GPUs. */
struct load {
    double util, memory, total, heat;
    size_t n;
    const struct value *line;
};

static double sample_number(const struct value *sample, size_t gpu, const char *name)
{
    char key[48];
    snprintf(key, sizeof key, "gpu.%zu.%s", gpu, name);
    return value_get_float(sample, key, NAN);
}

static struct load load_of(const struct watch_data *d, const char *agent)
{
    const struct value *list = list_of(value_get(d->fleet, "load"));
    struct load load = {.heat = NAN};
    for (size_t i = 0; list && i < list->list.n; i++) {
        const struct value *one = list->list.items[i], *sample = value_get(one, "sample");
        if (strcmp(value_get_str(one, "agent", ""), agent) != 0)
            continue;
        load.line = load.line ? load.line : value_get(one, "line");
        for (size_t gpu = 0; gpu < GPUS_MAX; gpu++) {
            double util = sample_number(sample, gpu, "utilization");
            double heat = sample_number(sample, gpu, "temperature");
            if (isnan(util))
                continue;
            load.n++;
            load.util += util;
            load.memory += fmax(0, sample_number(sample, gpu, "memory.used"));
            load.total += fmax(0, sample_number(sample, gpu, "memory.total"));
            load.heat = fmax(isnan(load.heat) ? heat : load.heat, heat);
        }
    }
    return load;
}

static const char *why_text(const struct value *agent)
{
    const char *why = value_get_str(agent, "text", NULL);
    const struct value *slots = list_of(value_get(agent, "slots"));
    for (size_t i = 0; !why && slots && i < slots->list.n; i++) {
        why = value_get_str(slots->list.items[i], "idle", NULL);
        why = why ? why : value_get_str(slots->list.items[i], "why_idle", NULL);
    }
    return why;
}

/* "gpu-02 ▮▮▮▯ ▁▆█▆ 91 % 61/79 G 71°", "gpu-07 ▲ quarantined: Xid 79"; whole: with what its slots wait for, and its
 * name in a column of its own. */
struct agent_line {
    struct segment parts[8];
    size_t n;
};

static void part_add(struct agent_line *l, const char *text, const char *gap, enum frame_tone tone,
                     uint8_t rank, uint8_t shrinks)
{
    l->parts[l->n++] = (struct segment){text, gap, tone, rank, shrinks};
}

static const char *state_text(struct watch_canvas *c, const struct value *agent, bool whole,
                              enum frame_tone *ret_tone)
{
    const char *state = value_get_str(agent, "state", "");
    const char *glyph = watch_canvas_glyph(state, ret_tone);
    double before = value_get_float(agent, "seen_before", NAN);
    double seen = value_get_float(agent, "seen", before);
    char ago[ELAPSED_BYTES] = "";
    if (whole || strcmp(state, "up") != 0) {
        if (strcmp(state, "away") == 0 && isfinite(seen))
            elapsed_format(ago, fmax(0, c->d->now - seen));
        return arena_printf(c->a, "%s %s%s%s", glyph, state,
                            !*ago              ? ""
                            : isfinite(before) ? " >"
                                               : " ",
                            ago);
    }
    bool well = !value_get_str(agent, "text", NULL);
    *ret_tone = well ? *ret_tone : FRAME_BAD;
    return well ? NULL : "▲";
}

static struct agent_line agent_line_of(struct watch_canvas *c, const struct value *agent,
                                       bool whole)
{
    const char *name = value_get_str(agent, "name", ""), *text = value_get_str(agent, "text", NULL);
    struct load load = load_of(c->d, name);
    bool up = strcmp(value_get_str(agent, "state", ""), "up") == 0;
    double giga = 1024.0 * 1024 * 1024;
    enum frame_tone tone;
    const char *state = state_text(c, agent, whole, &tone);
    struct agent_line l = {.n = 0};
    if (!whole)
        part_add(&l, name, "", FRAME_PLAIN, 0, 10);
    part_add(&l, state, " ", tone, 0, 0);
    part_add(&l, up ? slots_text(c, agent, whole) : NULL, whole ? "  " : " ", FRAME_PLAIN, 1, 0);
    part_add(&l, watch_canvas_trace(c, load.line, 8), whole ? "  " : " ", FRAME_PLAIN, 4, 0);
    if (load.n > 0)
        part_add(&l, arena_printf(c->a, "%.0f %%", load.util / (double)load.n), " ", FRAME_PLAIN, 2,
                 0);
    if (load.total > 0)
        part_add(&l, arena_printf(c->a, "%.0f/%.0f G", load.memory / giga, load.total / giga), " ",
                 FRAME_PLAIN, 3, 0);
    if (isfinite(load.heat))
        part_add(&l, arena_printf(c->a, "%.0f°", load.heat), " ", FRAME_PLAIN, 4, 0);
    part_add(&l, whole ? why_text(agent) : text,
             !up     ? ": "
             : whole ? "  "
                     : " ",
             FRAME_PLAIN, 2, 12);
    return l;
}

static void agent_put(struct watch_canvas *c, const struct value *agent, size_t row, size_t from,
                      size_t to)
{
    struct agent_line l = agent_line_of(c, agent, true);
    frame_put(c->f, row, from, AGENT_NAME, FRAME_PLAIN, value_get_str(agent, "name", ""));
    segments_put(c->f, row, from + AGENT_NAME + 1, to, l.parts, l.n);
}

void watch_panes_agents(struct watch_canvas *c, const struct watch_box *b)
{
    const struct value *list = list_of(c->d->agents);
    if (!list || list->list.n == 0)
        pane_say(c, b,
                 list ? "no agent is connected: besom token create --scope join prints what to "
                        "give to besom agent"
                      : "no process runs the sweeps of this store");
    size_t skip = list && c->w->scroll < list->list.n ? c->w->scroll : 0;
    for (size_t i = 0; list && i < b->rows && skip + i < list->list.n; i++)
        agent_put(c, list->list.items[skip + i], b->row + i, b->from + 2, b->to);
}

static size_t agent_width(const struct agent_line *l)
{
    size_t width = 0;
    for (size_t i = 0; i < l->n; i++)
        if (l->parts[i].text && *l->parts[i].text)
            width += frame_width(l->parts[i].text) + (width ? frame_width(l->parts[i].gap) : 0);
    return width < AGENT_SHORT ? width : AGENT_SHORT;
}

/* One after the other, in as many lines as there are. */
void watch_panes_agents_short(struct watch_canvas *c, const struct watch_box *b)
{
    const struct value *list = list_of(c->d->agents);
    size_t n = list ? list->list.n : 0, row = 0, at = b->from;
    if (n <= b->rows || b->to - b->from < 2 * AGENT_SHORT) {
        watch_panes_agents(c, b);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        struct agent_line l = agent_line_of(c, list->list.items[i], false);
        size_t width = agent_width(&l), gap = at > b->from ? 3 : 0;
        size_t more = row + 1 == b->rows && i + 1 < n ? AGENTS_MORE : 0;
        if (at + gap + width + more > b->to && row + 1 < b->rows) {
            row++;
            at = b->from;
            gap = 0;
        }
        if (gap)
            at = frame_add(c->f, b->row + row, at, FRAME_DIM, " · ");
        if (at + width + (i + 1 < n ? more : 0) > b->to) {
            frame_add(c->f, b->row + row, at, FRAME_DIM,
                      arena_printf(c->a, "… %zu more agents", n - i));
            return;
        }
        at = segments_put(c->f, b->row + row, at, at + width, l.parts, l.n);
    }
}

/* "✗ 12  out of GPU memory: CUDA out of …   trials 853, 851 …  gpu-02 9" */
static void cause_line(struct watch_canvas *c, const struct value *cause, size_t row, size_t from,
                       size_t to)
{
    const struct value *trials = list_of(value_get(cause, "trials"));
    const struct value *hosts = value_get(cause, "hosts");
    const char *numbers = NULL, *where = NULL;
    for (size_t i = 0; trials && i < trials->list.n && i < 3; i++)
        numbers = arena_printf(c->a, "%s%s%" PRId64, numbers ? numbers : "", numbers ? ", " : "",
                               value_get_int(trials->list.items[i], "trial", 0));
    for (size_t i = 0; hosts && hosts->kind == VALUE_DICT && i < hosts->dict.n && i < 3; i++)
        where = arena_printf(c->a, "%s%s %s", where ? arena_printf(c->a, "%s, ", where) : "",
                             hosts->dict.entries[i].key,
                             watch_canvas_number(c, hosts->dict.entries[i].value));
    const struct segment parts[] = {
        {arena_printf(c->a, "✗ %" PRId64, value_get_int(cause, "n", 0)), "", FRAME_BAD, 0, 0},
        {value_get_str(cause, "cause", ""), "  ", FRAME_PLAIN, 1, 20},
        {value_get_str(cause, "says", ""), ": ", FRAME_PLAIN, 4, 20},
        {numbers ? arena_printf(c->a, "trial %s", numbers) : NULL, "   ", FRAME_PLAIN, 2, 0},
        {where ? arena_printf(c->a, "on %s", where) : NULL, "   ", FRAME_PLAIN, 3, 0},
    };
    segments_put(c->f, row, from, to, parts, sizeof parts / sizeof *parts);
}

void watch_panes_failures(struct watch_canvas *c, const struct watch_box *b)
{
    const struct value *causes = list_of(value_get(c->d->pace, "causes"));
    size_t n = causes ? causes->list.n : 0;
    if (n == 0)
        pane_say(c, b,
                 !c->d->pace                                       ? "reading …"
                 : watch_canvas_counted(c->d->sweep, "failed") > 0 ? "the causes are not known"
                                                                   : "no trial has failed");
    bool listed = c->w->pane == WATCH_FAILURES && c->w->page == WATCH_SWEEP;
    size_t chosen = c->w->cause < n ? c->w->cause : n - 1;
    size_t skip = listed && n > 0 && chosen >= b->rows ? chosen - b->rows + 1 : 0;
    for (size_t i = skip; i < n && i - skip < b->rows; i++) {
        size_t row = b->row + i - skip;
        cause_line(c, causes->list.items[i], row, b->from + 2, b->to);
        if (!listed || i != chosen)
            continue;
        frame_put(c->f, row, b->from, 1, FRAME_PLAIN, ">");
        frame_tone_row(c->f, row, b->from, b->to, FRAME_CHOSEN);
    }
}

static size_t lines_of(const char *text)
{
    size_t n = 0;
    for (; *text; text += strcspn(text, "\n"), text += *text != '\0')
        n++;
    return n;
}

/* Its end, unless the user has scrolled back. */
void watch_panes_log(struct watch_canvas *c, const struct watch_box *b)
{
    if (!c->w->has_chosen || !c->d->log) {
        pane_say(c, b, c->w->has_chosen ? "reading …" : "choose a trial");
        return;
    }
    size_t n = lines_of(c->d->log), above = n > b->rows ? n - b->rows : 0;
    size_t back = c->w->pane == WATCH_LOG ? c->w->scroll : 0;
    if (n == 0)
        pane_say(c, b, "it has printed nothing");
    watch_canvas_text(c, b, c->d->log, above > back ? above - back : 0);
}

void watch_panes_keys(struct watch_canvas *c, const struct watch_box *b)
{
    static const char text[] =
        "j k, arrows   the next or previous row; g G the first, the last\n"
        "Tab           the next pane: trials, curves, agents, failures, log\n"
        "Enter         a trial, or a sweep; Esc goes back, in the end to all sweeps\n"
        "s             sort by the metric, number, start, time, a parameter\n"
        "/             filter: state:failed lr<0.01; Esc drops it\n"
        "l a f e       its log; agents; failures; why it is as it is\n"
        "P R S C       pause, resume, stop, cancel the sweep: asks first\n"
        "r             run the trial again: asks first\n"
        "q             quit; the sweep continues\n"
        "\n"
        "✓ finished  ◆ stopped early  ✗ failed  ▶ running  · pending\n"
        "‖ paused  – cancelled  ↺ preempted  ? lost\n"
        "bars: done, running, to come; sparklines: lower is lower\n";
    watch_canvas_text(c, b, text, c->w->scroll);
}
