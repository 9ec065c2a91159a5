/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/watch/watch_rows.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/number/cell.h"
#include "cli/print/elapsed.h"

enum {
    TRACE = 8,
    NUMBER = 5,
    STATE = 9,
    STATE_CAUSE =
        20, /* after the first parameters have their room; after all of them, up to STATE_MAX */
    PARAMS_FIRST = 1,
    STATE_MAX = 40,
    CAUSE_MIN = 14,
    VALUE = 9,
    PLACE = 5,
    TIME = 6,
    WHERE_MAX = 14,
    PARAM_MAX = 10,
    PARAMS_MAX = 24,
    MARK = 2 /* "> " */
};

/* Which columns there is room for. */
struct shape {
    size_t params_n;
    const char *params[PARAMS_MAX];
    size_t widths[PARAMS_MAX];
    size_t state, where; /* 0: left out */
    bool trace, place, time, metric;
};

static const struct value *rows_of(const struct watch_canvas *c)
{
    return c->d->trials && c->d->trials->kind == VALUE_LIST ? c->d->trials : NULL;
}

const struct value *watch_rows_curve(const struct watch_data *d, const struct value *trial)
{
    char number[24];
    snprintf(number, sizeof number, "%" PRId64, value_get_int(trial, "number", 0));
    return value_get(d->curves, number);
}

static const char *param_text(struct watch_canvas *c, const struct value *trial, const char *name)
{
    const struct value *flat = value_flatten(c->a, value_get(trial, "params"));
    const struct value *v = value_get(flat, name);
    return v ? cell_rounded(c->a, v, CELL_DIGITS_NARROW) : "–";
}

static const char *where_text(struct watch_canvas *c, const struct value *trial)
{
    const char *agent = value_get_str(trial, "agent", "");
    int64_t slot = value_get_int(trial, "slot", -1);
    if (!*agent || strcmp(agent, "local") == 0)
        return slot >= 0 ? arena_printf(c->a, "slot %" PRId64, slot) : "";
    return slot >= 0 ? arena_printf(c->a, "%s/%" PRId64, agent, slot) : agent;
}

static size_t param_width(struct watch_canvas *c, const char *name)
{
    const struct value *rows = rows_of(c);
    size_t width = frame_width(name);
    for (size_t i = 0; rows && i < rows->list.n; i++) {
        size_t cell = frame_width(param_text(c, rows->list.items[i], name));
        width = cell > width ? cell : width;
    }
    return width < PARAM_MAX ? width : PARAM_MAX;
}

/* Why it ended so, in a word: "oom" says more than "failed". */
static const char *word_text(const struct value *trial)
{
    const char *state = value_get_str(trial, "state", ""),
               *reason = value_get_str(trial, "reason", "");
    bool says = strcmp(state, "failed") == 0 && *reason && strcmp(reason, "exit") != 0;
    return says ? reason : state;
}

/* With the cause of a failure or the rung of a stop, if there is room for more than a word. */
static const char *state_text(const struct watch_canvas *c, const struct value *trial, size_t room)
{
    int64_t rung = value_get_int(trial, "rung", 0);
    if (rung > 0)
        return arena_printf(c->a, "%srung %" PRId64, room >= CAUSE_MIN ? "stopped, " : "", rung);
    const char *cause = value_get_str(trial, "cause", NULL),
               *state = value_get_str(trial, "state", "");
    bool ended = strcmp(state, "failed") == 0 || strcmp(state, "lost") == 0;
    return cause && ended && (room >= CAUSE_MIN || frame_width(cause) <= room) ? cause
                                                                               : word_text(trial);
}

static size_t state_width(const struct watch_canvas *c, const struct value *rows)
{
    size_t width = STATE;
    for (size_t i = 0; rows && i < rows->list.n; i++) {
        size_t cell = frame_width(state_text(c, rows->list.items[i], STATE_MAX));
        width = cell > width ? cell : width;
    }
    return width < STATE_MAX ? width : STATE_MAX;
}

/* Widens the column of states up to `most`; returns what it takes of `left`. */
static size_t state_widen(struct shape *s, size_t most, size_t left)
{
    size_t more = s->state && most > s->state ? most - s->state : 0;
    more = more < left ? more : left;
    s->state += more;
    return more;
}

/* Adds columns of parameters from the one at *at on, while there are fewer than `most` and there is room; returns
 * what they take. */
static size_t params_add(struct watch_canvas *c, struct shape *s, size_t *at, size_t most,
                         size_t left)
{
    const struct value *varying = value_get(c->d->names, "varying");
    size_t n = varying && varying->kind == VALUE_LIST ? varying->list.n : 0, used = 0;
    for (; *at < n && s->params_n < most; ++*at) {
        const struct value *name = varying->list.items[*at];
        size_t width = name->kind == VALUE_STR ? param_width(c, name->s.ptr) : 0;
        if (width == 0 || used + width + 2 > left)
            continue;
        s->params[s->params_n] = name->s.ptr;
        s->widths[s->params_n++] = width;
        used += width + 2;
    }
    return used;
}

/* The parameters get the room that the other columns leave. */
static struct shape shape_of(struct watch_canvas *c, const struct watch_box *b)
{
    const struct value *rows = rows_of(c);
    size_t columns = b->to - b->from, state = columns >= 72 ? state_width(c, rows) : STATE;
    struct shape s = {.metric = value_get_str(value_get(c->d->sweep, "metric"), "name", NULL),
                      .state = columns < 50 ? 0 : STATE,
                      .trace = columns >= 60,
                      .place = columns >= 70,
                      .time = columns >= 40};
    for (size_t i = 0; columns >= 72 && rows && i < rows->list.n; i++) {
        size_t width = frame_width(where_text(c, rows->list.items[i]));
        s.where = width > s.where ? width : s.where;
    }
    s.where = s.where < WHERE_MAX ? s.where : WHERE_MAX;
    size_t used = MARK + NUMBER + 3 + (s.state ? s.state + 1 : 0) + (s.metric ? VALUE + 1 : 0) +
                  (s.metric && s.trace ? TRACE + 2 : 0) + (s.place ? PLACE + 1 : 0) +
                  (s.time ? TIME + 1 : 0) + (s.where ? s.where + 2 : 0);
    size_t left = columns > used ? columns - used : 0, at = 0;
    left -= params_add(c, &s, &at, PARAMS_FIRST, left);
    left -= state_widen(&s, state < STATE_CAUSE ? state : STATE_CAUSE, left);
    left -= params_add(c, &s, &at, PARAMS_MAX, left);
    state_widen(&s, state, left);
    return s;
}

static bool epochs_are_told(const struct watch_canvas *c)
{
    const struct value *rows = rows_of(c);
    for (size_t i = 0; rows && i < rows->list.n; i++)
        if (value_get(value_get(rows->list.items[i], "metrics"), "epoch"))
            return true;
    return false;
}

static void head_row(struct watch_canvas *c, const struct watch_box *b, const struct shape *s)
{
    struct frame *f = c->f;
    const char *metric = value_get_str(value_get(c->d->sweep, "metric"), "name", "");
    size_t at = b->from + MARK + NUMBER;
    frame_put_right(f, b->row, at, NUMBER, FRAME_DIM, "#");
    at += 3;
    if (s->state)
        frame_put(f, b->row, at - 2, s->state + 2, FRAME_DIM, "state");
    at += s->state ? s->state + 1 : 0;
    if (s->metric) {
        frame_put_right(f, b->row, at + VALUE, VALUE, FRAME_DIM, metric);
        at += VALUE + 1;
    }
    if (s->metric && s->trace) {
        frame_put(f, b->row, at + 1, TRACE, FRAME_DIM, "curve");
        at += TRACE + 2;
    }
    for (size_t i = 0; i < s->params_n; i++) {
        frame_put_right(f, b->row, at + 1 + s->widths[i], s->widths[i], FRAME_DIM, s->params[i]);
        at += s->widths[i] + 2;
    }
    if (s->place) {
        frame_put_right(f, b->row, at + PLACE, PLACE, FRAME_DIM,
                        epochs_are_told(c) ? "ep" : "step");
        at += PLACE + 1;
    }
    if (s->time) {
        frame_put_right(f, b->row, at + TIME, TIME, FRAME_DIM, "time");
        at += TIME + 1;
    }
    if (s->where)
        frame_put(f, b->row, at + 1, s->where, FRAME_DIM, "where");
}

static const char *time_text(struct watch_canvas *c, const struct value *trial)
{
    char span[ELAPSED_BYTES];
    double ran = value_get_float(trial, "duration", -1);
    double started = value_get_float(trial, "started", -1);
    if (started >= 0 && strcmp(value_get_str(trial, "state", ""), "running") == 0)
        ran = fmax(0, c->d->now - started);
    if (ran < 0)
        return "";
    elapsed_format(span, ran);
    return arena_strdup(c->a, span);
}

/* "14": the epoch, if it is reported, else the step. */
static const char *place_text(struct watch_canvas *c, const struct value *trial)
{
    const struct value *epoch = value_get(value_get(trial, "metrics"), "epoch");
    const struct value *step = epoch ? epoch : value_get(trial, "step");
    return step && step->kind != VALUE_NULL ? cell_rounded(c->a, step, 5) : "";
}

static bool is_best(const struct watch_canvas *c, const struct value *trial)
{
    const struct value *best = value_get(c->d->sweep, "best");
    return best && best->kind == VALUE_DICT &&
           value_get_int(best, "number", -1) == value_get_int(trial, "number", -2);
}

static void trial_row(struct watch_canvas *c, const struct watch_box *b, const struct shape *s,
                      size_t row, const struct value *trial, bool chosen)
{
    struct frame *f = c->f;
    const char *metric = value_get_str(value_get(c->d->sweep, "metric"), "name", "");
    const char *state = value_get_str(trial, "state", "");
    const struct value *objective = value_get(trial, "objective");
    enum frame_tone tone;
    const char *glyph = watch_canvas_glyph(state, &tone);
    size_t at = b->from + MARK + NUMBER;
    frame_put(f, row, b->from, 1, FRAME_PLAIN, chosen ? ">" : " ");
    frame_put_right(f, row, at, NUMBER, FRAME_PLAIN,
                    arena_printf(c->a, "%" PRId64, value_get_int(trial, "number", 0)));
    frame_put(f, row, at + 1, 1, tone, glyph);
    at += 3;
    if (s->state)
        frame_put(f, row, at, s->state, FRAME_PLAIN, state_text(c, trial, s->state));
    at += s->state ? s->state + 1 : 0;
    if (s->metric) {
        bool none = !objective || objective->kind == VALUE_NULL;
        const struct value *shown =
            none ? value_get(value_get(trial, "metrics"), metric) : objective;
        frame_put_right(f, row, at + VALUE, VALUE, is_best(c, trial) ? FRAME_GOOD : FRAME_PLAIN,
                        watch_canvas_number(c, shown));
        at += VALUE + 1;
    }
    if (s->metric && s->trace) {
        frame_put(f, row, at + 1, TRACE, FRAME_PLAIN,
                  watch_canvas_trace(c, watch_rows_curve(c->d, trial), TRACE));
        at += TRACE + 2;
    }
    for (size_t i = 0; i < s->params_n; i++) {
        frame_put_right(f, row, at + 1 + s->widths[i], s->widths[i], FRAME_PLAIN,
                        param_text(c, trial, s->params[i]));
        at += s->widths[i] + 2;
    }
    if (s->place) {
        frame_put_right(f, row, at + PLACE, PLACE, FRAME_PLAIN, place_text(c, trial));
        at += PLACE + 1;
    }
    if (s->time) {
        frame_put_right(f, row, at + TIME, TIME, FRAME_PLAIN, time_text(c, trial));
        at += TIME + 1;
    }
    if (s->where)
        frame_put(f, row, at + 1, s->where, FRAME_PLAIN, where_text(c, trial));
    if (chosen)
        frame_tone_row(f, row, b->from, b->to, FRAME_CHOSEN);
}

/* The trial in this line of the box; NULL: none was read. */
static const struct value *row_at(const struct watch_canvas *c, size_t line)
{
    const struct value *rows = rows_of(c);
    uint64_t place = c->w->top + line;
    if (!rows || place < c->d->trials_from || place - c->d->trials_from >= rows->list.n)
        return NULL;
    return rows->list.items[place - c->d->trials_from];
}

static bool is_chosen(const struct watch_canvas *c, const struct value *trial)
{
    return c->w->has_chosen && (uint64_t)value_get_int(trial, "number", -1) == c->w->chosen;
}

static void nothing_put(struct watch_canvas *c, const struct watch_box *b)
{
    const char *text = !c->d->trials     ? "reading …"
                       : c->w->filter[0] ? "no trial passes the filter: / changes it, Esc drops it"
                       : c->d->waits ? arena_printf(c->a, "no trial yet; waits: %s", c->d->waits)
                                     : "no trial yet";
    if (b->rows > 1)
        frame_put(c->f, b->row + 1, b->from + MARK, b->to - b->from - MARK, FRAME_DIM, text);
}

void watch_rows_draw(struct watch_canvas *c, const struct watch_box *b)
{
    struct shape s = shape_of(c, b);
    head_row(c, b, &s);
    if (!row_at(c, 0))
        nothing_put(c, b);
    for (size_t i = 0; i + 1 < b->rows; i++) {
        const struct value *trial = row_at(c, i);
        if (trial)
            trial_row(c, b, &s, b->row + 1 + i, trial, is_chosen(c, trial));
    }
}

void watch_rows_curves(struct watch_canvas *c, const struct watch_box *b)
{
    const char *metric = value_get_str(value_get(c->d->sweep, "metric"), "name", "no metric");
    frame_put_right(c->f, b->row, b->from + MARK + NUMBER, NUMBER, FRAME_DIM, "#");
    frame_put(c->f, b->row, b->from + MARK + NUMBER + 3, 30, FRAME_DIM,
              arena_printf(c->a, "%s over steps", metric));
    if (!row_at(c, 0))
        nothing_put(c, b);
    for (size_t i = 0; i + 1 < b->rows; i++) {
        const struct value *trial = row_at(c, i), *curve;
        enum frame_tone tone;
        if (!trial)
            continue;
        size_t row = b->row + 1 + i, at = b->from + MARK + NUMBER;
        const char *glyph = watch_canvas_glyph(value_get_str(trial, "state", ""), &tone);
        bool chosen = is_chosen(c, trial);
        frame_put(c->f, row, b->from, 1, FRAME_PLAIN, chosen ? ">" : " ");
        frame_put_right(c->f, row, at, NUMBER, FRAME_PLAIN,
                        arena_printf(c->a, "%" PRId64, value_get_int(trial, "number", 0)));
        frame_put(c->f, row, at + 1, 1, tone, glyph);
        curve = watch_rows_curve(c->d, trial);
        size_t room = b->to > at + 26 ? b->to - at - 26 : 0, n = curve ? curve->list.n : 0;
        frame_put(c->f, row, at + 3, room, FRAME_PLAIN, watch_canvas_trace(c, curve, room));
        if (n > 0)
            frame_put_right(c->f, row, b->to, 22, is_best(c, trial) ? FRAME_GOOD : FRAME_PLAIN,
                            arena_printf(c->a, "%s %s %s",
                                         watch_canvas_number(c, curve->list.items[0]),
                                         c->f->ascii ? "->" : "→",
                                         watch_canvas_number(c, curve->list.items[n - 1])));
    }
}
