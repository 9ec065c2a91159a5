/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/page/last_words.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "cli/print/shell_word.h"
#include "orchestrator/view/view_answer.h"
#include "orchestrator/view/arrays/view_arrays.h"

/* All words are one event. The time is of the processor. */
enum { WORDS_TRIALS = 16, WORDS_BYTES = LIMIT_HTTP_EVENT_BYTES - (4 << 10), WORDS_MS = 200 };

struct words {
    struct view *view;
    struct arena arena;
    struct buf *out;
    const char *sweep;
    clock_t until;
};

/* Adds the document of a path, unless it is too long or the time is up. name: the path by which the page asks
 * for it. */
static void words_add_as(struct words *w, const char *name, const char *path,
                         const struct value *query)
{
    struct buf text;
    struct err err = {0};
    size_t used = w->out->len + strlen(name) + 8;
    if (used >= WORDS_BYTES || clock() >= w->until)
        return;
    buf_init(&text, WORDS_BYTES - used);
    if (view_answer(w->view, path, query, &text, &err) == 0 && !text.overflow) {
        buf_addc(w->out, ',');
        json_print_str(w->out, name, strlen(name));
        buf_addc(w->out, ':');
        buf_add(w->out, buf_peek(&text), text.len);
    }
    buf_done(&text);
}

static void words_add(struct words *w, const char *path, const struct value *query)
{
    words_add_as(w, path, path, query);
}

/* The list of sweeps as it is when nobody has searched or sorted it (web/src/list/list.tsx). */
static void words_add_list(struct words *w)
{
    struct value *query = value_dict(&w->arena);
    value_put(&w->arena, query, "limit", value_str(&w->arena, "100"));
    value_put(&w->arena, query, "sort", value_str(&w->arena, "started"));
    value_put(&w->arena, query, "desc", value_str(&w->arena, "1"));
    words_add_as(w, "sweeps?limit=100&skip=0&sort=started&desc=1", "sweeps", query);
}

/* The newest trials as columns. */
static void words_add_columns(struct words *w, int64_t proposed)
{
    struct value *query = value_dict(&w->arena);
    struct buf numbers;
    int64_t n = proposed > VIEW_ARRAYS_TRIALS_MAX ? VIEW_ARRAYS_TRIALS_MAX : proposed;
    buf_init(&numbers, SIZE_MAX);
    for (int64_t i = proposed - n; i < proposed; i++)
        buf_addf(&numbers, "%s%" PRId64, numbers.len > 0 ? "," : "", i);
    value_put(&w->arena, query, "trials", value_str(&w->arena, buf_str(&numbers)));
    words_add(w, arena_printf(&w->arena, "sweeps/%s/columns", w->sweep), query);
    buf_done(&numbers);
}

/* The newest trials, one by one: their pages are the likeliest to be open. */
static void words_add_trials(struct words *w, int64_t proposed)
{
    for (int64_t i = proposed; i > 0 && i > proposed - WORDS_TRIALS; i--)
        words_add(w, arena_printf(&w->arena, "trials/%s-%" PRId64, w->sweep, i - 1), NULL);
}

/* The command that shows this store, whose path is relative to the current folder if it lies there. */
static void words_add_command(struct words *w, const char *dir)
{
    char here[PATH_MAX];
    struct buf text;
    size_t n = getcwd(here, sizeof here) ? strlen(here) : 0;
    buf_init(&text, SIZE_MAX);
    buf_adds(&text, "besom serve --store ");
    shell_word(&text, n > 1 && strncmp(dir, here, n) == 0 && dir[n] == '/' && dir[n + 1]
                          ? dir + n + 1
                          : dir);
    buf_adds(w->out, "{\"serve\":");
    json_print_str(w->out, buf_str(&text), text.len);
    buf_done(&text);
}

void last_words_write(const char *dir, const char *sweep, struct buf *out)
{
    struct words w = {
        .out = out, .sweep = sweep, .until = clock() + WORDS_MS * (CLOCKS_PER_SEC / 1000)};
    struct value *head;
    struct err err = {0};
    arena_init(&w.arena);
    words_add_command(&w, dir);
    if (view_open(dir, &w.view, &err) == 0 &&
        view_sweep(w.view, &w.arena, sweep, &head, &err) == 0) {
        words_add(&w, arena_printf(&w.arena, "sweeps/%s", sweep), NULL);
        words_add_columns(&w, value_get_int(head, "proposed", 0));
        words_add_list(&w);
        words_add_trials(&w, value_get_int(head, "proposed", 0));
    }
    buf_addc(out, '}');
    view_close(w.view);
    arena_done(&w.arena);
}
