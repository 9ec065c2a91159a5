/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/watch/watch_state.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/screen/keys.h"

enum {
    HEAD = 3,
    NARROW_AROUND = HEAD + 3,
    WIDE_HEAD = 3,   /* the fleet, the sweep, what is told of it */
    WIDE_AROUND = 6, /* two rules, the names of columns, two lines of agents, the keys */
    SORTS = 4
};

size_t watch_data_place(const struct watch_data *d, uint64_t number)
{
    size_t n = d->trials ? d->trials->list.n : 0;
    for (size_t i = 0; i < n; i++)
        if ((uint64_t)value_get_int(d->trials->list.items[i], "number", -1) == number)
            return i;
    return n;
}

bool watch_data_is_maximize(const struct watch_data *d)
{
    return strcmp(value_get_str(value_get(d->sweep, "metric"), "goal", ""), "maximize") == 0;
}

void watch_state_init(struct watch *w, const char *sweep)
{
    *w = (struct watch){.lines = 24, .columns = 80, .page = sweep ? WATCH_SWEEP : WATCH_SWEEPS};
    snprintf(w->sweep, sizeof w->sweep, "%s", sweep ? sweep : "");
}

bool watch_state_is_wide(const struct watch *w)
{
    return w->columns >= WATCH_WIDE && w->lines >= WATCH_WIDE_LINES;
}

size_t watch_state_others(const struct watch *w)
{
    size_t room = watch_state_is_wide(w) ? w->lines / 8 - 1 : 0;
    room = room < WATCH_OTHERS ? room : WATCH_OTHERS;
    return w->others < room ? w->others : room;
}

size_t watch_state_head(const struct watch *w)
{
    return WIDE_HEAD + watch_state_others(w);
}

size_t watch_state_room(const struct watch *w)
{
    size_t around = NARROW_AROUND;
    if (watch_state_is_wide(w))
        around = watch_state_head(w) + (w->lines >= WATCH_TALL ? w->lines / 2 - 3 : WIDE_AROUND);
    return w->lines > around + 1 ? w->lines - around : 1;
}

/* The parameters that differ between trials. */
static const struct value *varying_of(const struct watch_data *d)
{
    const struct value *list = value_get(d->names, "varying");
    return list && list->kind == VALUE_LIST ? list : NULL;
}

struct watch_sorting watch_state_sorting(const struct watch *w, const struct watch_data *d)
{
    const char *metric = value_get_str(value_get(d->sweep, "metric"), "name", NULL);
    const struct value *varying = varying_of(d);
    size_t n = varying ? varying->list.n : 0, at = w->sort % (SORTS + n);
    if (at == 0 && metric)
        return (struct watch_sorting){"objective", metric, watch_data_is_maximize(d)};
    if (at <= 1)
        return (struct watch_sorting){NULL, "newest", true};
    if (at == 2)
        return (struct watch_sorting){"started", "latest start", true};
    if (at == 3)
        return (struct watch_sorting){"duration", "longest", true};
    const struct value *name = varying->list.items[at - SORTS];
    const char *key = name->kind == VALUE_STR ? name->s.ptr : "";
    return (struct watch_sorting){key, key, false};
}

static uint64_t rows_known(const struct watch_data *d)
{
    return d->trials ? d->trials_from + d->trials->list.n : 0;
}

/* How many rows there are, as far as that is known. */
static uint64_t rows_all(const struct watch *w, const struct watch_data *d)
{
    int64_t proposed = w->filter[0] ? 0 : value_get_int(d->sweep, "proposed", 0);
    uint64_t known = rows_known(d) + d->trials_more;
    return proposed > 0 && (uint64_t)proposed > known ? (uint64_t)proposed : known;
}

/* Moves the chosen row, and what is shown with it. */
static void row_move(struct watch *w, const struct watch_data *d, int64_t by)
{
    uint64_t known = rows_known(d), all = rows_all(w, d), last = all > 0 ? all - 1 : 0;
    size_t room = watch_state_room(w);
    if (by < 0)
        w->row = w->row > (uint64_t)-by ? w->row - (uint64_t)-by : 0;
    else
        w->row =
            last - (w->row < last ? w->row : last) > (uint64_t)by ? w->row + (uint64_t)by : last;
    if (w->row < w->top)
        w->top = w->row;
    if (w->row >= w->top + room)
        w->top = w->row - room + 1;
    bool here = w->row >= d->trials_from && w->row < known;
    w->has_chosen = here;
    if (here)
        w->chosen =
            (uint64_t)value_get_int(d->trials->list.items[w->row - d->trials_from], "number", 0);
}

/* The newest is first on the screen and last in the list. */
static size_t sweep_place(const struct watch_data *d, const char *id)
{
    size_t n = d->sweeps->list.n;
    for (size_t i = 0; i < n; i++)
        if (strcmp(value_get_str(d->sweeps->list.items[n - 1 - i], "id", ""), id) == 0)
            return i;
    return 0;
}

void watch_state_settle(struct watch *w, const struct watch_data *d)
{
    size_t n = d->trials ? d->trials->list.n : 0, at = n;
    size_t sweeps = d->sweeps && d->sweeps->kind == VALUE_LIST ? d->sweeps->list.n : 0;
    w->others = d->others && d->others->kind == VALUE_LIST ? d->others->list.n : 0;
    if (w->sweep_row == WATCH_ROW_OF_SWEEP && sweeps > 0)
        w->sweep_row = sweep_place(d, w->sweep);
    if (w->sweep_row >= sweeps && sweeps > 0)
        w->sweep_row = sweeps - 1;
    if (!d->trials)
        return;
    if (w->has_chosen)
        at = watch_data_place(d, w->chosen);
    if (at < n) { /* the same trial, where it stands now */
        uint64_t was = w->row;
        w->row = d->trials_from + at;
        if (w->row != was)
            row_move(w, d, 0);
    } else if (!w->has_chosen || (w->page == WATCH_SWEEP && w->pane != WATCH_LOG)) {
        row_move(w, d, 0);
    }
}

static size_t causes_of(const struct watch_data *d)
{
    const struct value *list = value_get(d->pace, "causes");
    return list && list->kind == VALUE_LIST ? list->list.n : 0;
}

static void text_cut(char *text)
{
    size_t n = strlen(text);
    while (n > 0 && ((unsigned char)text[n - 1] & 0xc0) == 0x80)
        n--;
    text[n > 0 ? n - 1 : 0] = '\0';
}

static enum watch_wish key_typed(struct watch *w, int key)
{
    size_t n = strlen(w->typed);
    if (key == '\r' || key == '\n') {
        w->typing = false;
        snprintf(w->filter, sizeof w->filter, "%s", w->typed);
        w->row = w->top = 0;
        w->has_chosen = false;
        return WATCH_READ;
    }
    if (key == KEYS_ESCAPE) {
        w->typing = false;
        return WATCH_NOTHING;
    }
    if (key == 127 || key == '\b')
        text_cut(w->typed);
    else if (key == 21) /* Ctrl-U */
        w->typed[0] = '\0';
    else if (key >= ' ' && key < 256 && n + 1 < sizeof w->typed) {
        w->typed[n] = (char)key;
        w->typed[n + 1] = '\0';
    }
    return WATCH_NOTHING;
}

static enum watch_wish action_begin(struct watch *w, const char *op)
{
    if (!*w->sweep || (strcmp(op, "retry") == 0 && !w->has_chosen))
        return WATCH_NOTHING;
    w->op = op;
    w->counted = false;
    snprintf(w->said, sizeof w->said, "%s: counting what it would do", op);
    return WATCH_COUNT;
}

void watch_state_counted(struct watch *w, bool possible, int64_t revision, const char *message)
{
    if (!w->op)
        return;
    w->counted = possible;
    w->revision = revision;
    if (possible)
        snprintf(w->said, sizeof w->said, "%s: %s. y or n", w->op, message);
    else
        snprintf(w->said, sizeof w->said, "%s", message);
    if (!possible)
        w->op = NULL;
}

void watch_state_done(struct watch *w, const char *message)
{
    w->op = NULL;
    snprintf(w->said, sizeof w->said, "%s", message);
}

static enum watch_wish key_answer(struct watch *w, int key)
{
    if (key == 'y' && w->counted)
        return WATCH_DO;
    w->op = NULL;
    w->said[0] = '\0';
    return WATCH_NOTHING;
}

static enum watch_wish page_open(struct watch *w, enum watch_page page)
{
    w->page = page;
    w->scroll = 0;
    return WATCH_READ;
}

static enum watch_wish key_back(struct watch *w)
{
    if (w->page == WATCH_KEYS)
        return page_open(w, w->before);
    if (w->page == WATCH_TRIAL || w->page == WATCH_EXPLAIN)
        return page_open(w, WATCH_SWEEP);
    if (w->filter[0]) {
        w->filter[0] = '\0';
        return WATCH_READ;
    }
    if (w->page != WATCH_SWEEP)
        return WATCH_NOTHING;
    w->sweep_row = WATCH_ROW_OF_SWEEP;
    return page_open(w, WATCH_SWEEPS);
}

static int64_t step_of(const struct watch *w, int key)
{
    int64_t page = (int64_t)watch_state_room(w);
    switch (key) {
    case 'j':
    case KEYS_DOWN:
        return 1;
    case 'k':
    case KEYS_UP:
        return -1;
    case KEYS_PAGE_DOWN:
    case ' ':
        return page;
    case KEYS_PAGE_UP:
        return -page;
    case KEYS_HOME:
    case 'g':
        return -INT32_MAX;
    case KEYS_END:
    case 'G':
        return INT32_MAX;
    default:
        return 0;
    }
}

static enum watch_wish key_move(struct watch *w, const struct watch_data *d, int64_t by)
{
    size_t sweeps = d->sweeps && d->sweeps->kind == VALUE_LIST ? d->sweeps->list.n : 0;
    if (w->page == WATCH_SWEEPS) {
        int64_t to = (int64_t)w->sweep_row + by, last = sweeps > 0 ? (int64_t)sweeps - 1 : 0;
        w->sweep_row = (size_t)(to < 0 ? 0 : to > last ? last : to);
        return WATCH_NOTHING;
    }
    if (w->page == WATCH_SWEEP && w->pane == WATCH_FAILURES) {
        int64_t n = (int64_t)causes_of(d), to = (int64_t)w->cause + by;
        w->cause = (size_t)(to < 0 || n == 0 ? 0 : to >= n ? n - 1 : to);
        return WATCH_NOTHING;
    }
    bool list = w->page == WATCH_SWEEP && (w->pane == WATCH_TRIALS || w->pane == WATCH_CURVES);
    if (!list) {
        int64_t to = (int64_t)w->scroll + by;
        w->scroll = (size_t)(to < 0 ? 0 : to > 100000 ? 100000 : to);
        return WATCH_NOTHING;
    }
    row_move(w, d, by);
    return WATCH_READ;
}

static enum watch_wish sweep_enter(struct watch *w, const struct watch_data *d)
{
    size_t n = d->sweeps && d->sweeps->kind == VALUE_LIST ? d->sweeps->list.n : 0;
    if (w->sweep_row >= n)
        return WATCH_NOTHING;
    const struct value *one = d->sweeps->list.items[n - 1 - w->sweep_row];
    snprintf(w->sweep, sizeof w->sweep, "%s", value_get_str(one, "id", ""));
    w->row = w->top = 0;
    w->has_chosen = false;
    w->filter[0] = '\0';
    return page_open(w, WATCH_SWEEP);
}

static enum watch_wish pane_open(struct watch *w, int pane)
{
    w->pane = (enum watch_pane)((pane + WATCH_PANES) % WATCH_PANES);
    return page_open(w, WATCH_SWEEP);
}

/* The newest trial of the chosen cause. */
static enum watch_wish cause_open(struct watch *w, const struct watch_data *d, enum watch_page page)
{
    const struct value *causes = value_get(d->pace, "causes");
    size_t n = causes_of(d);
    const struct value *trials =
        n > 0 ? value_get(causes->list.items[w->cause < n ? w->cause : n - 1], "trials") : NULL;
    if (!trials || trials->kind != VALUE_LIST || trials->list.n == 0)
        return WATCH_NOTHING;
    w->chosen = (uint64_t)value_get_int(trials->list.items[0], "trial", 0);
    w->has_chosen = true;
    return page_open(w, page);
}

static enum watch_wish key_of_sweep(struct watch *w, const struct watch_data *d, int key)
{
    bool failures = w->page == WATCH_SWEEP && w->pane == WATCH_FAILURES;
    switch (key) {
    case '\t':
        return pane_open(w, (int)w->pane + 1);
    case KEYS_BACK_TAB:
        return pane_open(w, (int)w->pane - 1);
    case 's':
        w->sort++;
        w->row = w->top = 0;
        w->has_chosen = false;
        return WATCH_READ;
    case '/':
        w->typing = true;
        snprintf(w->typed, sizeof w->typed, "%s", w->filter);
        return WATCH_NOTHING;
    case '\r':
    case '\n':
        if (failures)
            return cause_open(w, d, WATCH_TRIAL);
        return w->has_chosen ? page_open(w, WATCH_TRIAL) : WATCH_NOTHING;
    case 'e':
        if (failures)
            return cause_open(w, d, WATCH_EXPLAIN);
        return w->has_chosen ? page_open(w, WATCH_EXPLAIN) : WATCH_NOTHING;
    case 'l':
        return pane_open(w, WATCH_LOG);
    case 'a':
        return pane_open(w, WATCH_AGENTS);
    case 'f':
        return pane_open(w, WATCH_FAILURES);
    case 'P':
        return action_begin(w, "pause");
    case 'R':
        return action_begin(w, "resume");
    case 'S':
        return action_begin(w, "stop");
    case 'C':
        return action_begin(w, "cancel");
    case 'r':
        return action_begin(w, "retry");
    default:
        return WATCH_NOTHING;
    }
}

enum watch_wish watch_state_key(struct watch *w, const struct watch_data *d, int key)
{
    if (w->typing)
        return key_typed(w, key);
    if (w->op)
        return key_answer(w, key);
    w->said[0] = '\0';
    if (key == 'q')
        return WATCH_QUIT;
    if (key == KEYS_ESCAPE)
        return key_back(w);
    if (w->page == WATCH_KEYS)
        return page_open(w, w->before);
    if (key == '?') {
        w->before = w->page;
        return page_open(w, WATCH_KEYS);
    }
    int64_t by = step_of(w, key);
    if (by != 0)
        return key_move(w, d, by);
    if (w->page == WATCH_SWEEPS)
        return key == '\r' || key == '\n' ? sweep_enter(w, d) : WATCH_NOTHING;
    return key_of_sweep(w, d, key);
}
