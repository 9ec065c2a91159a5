/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/alert/alert_watch.h"

#include <string.h>
#include <uv.h>

#include "base/mem.h"
#include "net/turn.h"
#include "orchestrator/alert/alert_hook.h"
#include "orchestrator/alert/alert_look.h"
#include "orchestrator/alert/alert_reader.h"
#include "orchestrator/view/trust/view_told.h"

enum {
    LOOK_MS = 5000,
    ROUND_MS = 60000,  /* the trials of all running sweeps are looked at once in this time … */
    CHANGED_MS = 1000, /* … of those that change, so long after the last time, … */
    SPENT_TIMES = 50,  /* … and for at most a fiftieth of the time */
    MISSED_MS =
        10 * 60000, /* an end that the process before this one has not told, if it is newer */
};

struct alert_watch {
    struct alert_watch_config config;
    struct alert_book book;
    struct alert_reader *reader;
    uv_timer_t timer;
    uint64_t follower;
    struct map changed; /* ids of sweeps whose trials have ended since they were looked at */
    int64_t fleet_ms, pace_ms, round_ms; /* when each is due */
    size_t ends_n;                       /* of sweeps, that are being read */
    size_t records_n; /* that are not durable yet, of the message that is told next */
    char *message;
    bool asked, known; /* what an earlier process has told is being read, or was */
    bool pacing, full, closing;
};

static struct alert_look look_of(struct alert_watch *w, struct arena *a)
{
    return (struct alert_look){.book = &w->book,
                               .page = w->config.page,
                               .sweep = w->config.sweep,
                               .now_ms = (int64_t)uv_now(w->config.loop),
                               .time_ms = turn_wall_ms(),
                               .arena = a};
}

static void watch_check_room(struct alert_watch *w, bool good)
{
    if (!good && !w->full)
        w->config.failed(w->config.arg, "there are too many alerts at once: some are not sent");
    w->full = !good;
}

static void watch_soon(struct alert_watch *w)
{
    if (!w->closing)
        uv_timer_start(&w->timer, w->timer.timer_cb, 0, LOOK_MS);
}

static void record_add(struct alert_watch *w, const char *what, const char *key, driver_reply_fn fn)
{
    const struct driver_asker asker = {"besom", "this host", fn, w};
    driver_record(w->config.driver, what, key, 0, NULL, &asker);
}

static void watch_on_recorded(void *arg, int code, const char *text, const struct value *answer)
{
    struct alert_watch *w = arg;
    (void)code, (void)text, (void)answer;
    if (w->closing || --w->records_n > 0)
        return;
    char *message = w->message;
    w->message = NULL;
    alert_book_told(&w->book);
    alert_hook_send(w->config.hook, message);
    mem_free(message);
    watch_soon(w);
}

/* The next message, if the one before has left: what waits is told only while it is true. */
static void watch_tell(struct alert_watch *w)
{
    const struct alert_book_entry *e;
    if (!w->known || w->message || !alert_hook_is_idle(w->config.hook) ||
        !(e = alert_book_next(&w->book, (int64_t)uv_now(w->config.loop))))
        return;
    w->message = mem_strdup(e->message);
    for (size_t at = 0; (e = alert_book_tell(&w->book, w->message, &at)) != NULL;) {
        w->records_n++;
        record_add(w, VIEW_TOLD, e->key, watch_on_recorded);
    }
}

static void watch_forget(struct alert_watch *w)
{
    char *key;
    while ((key = alert_book_over(&w->book, (int64_t)uv_now(w->config.loop))) != NULL) {
        record_add(w, VIEW_TOLD_OVER, key, NULL);
        mem_free(key);
    }
}

static void watch_look_fleet(struct alert_watch *w)
{
    struct arena a;
    uint64_t began = uv_hrtime();
    arena_init(&a);
    const struct alert_look look = look_of(w, &a);
    if (look.now_ms >= w->fleet_ms) {
        watch_check_room(w, alert_look_fleet(&look, w->config.driver));
        int64_t spent_ms = (int64_t)((uv_hrtime() - began) / 1000000);
        w->fleet_ms = look.now_ms + spent_ms * SPENT_TIMES;
    }
    arena_done(&a);
}

/* The sweeps whose trials are to be looked at now. */
static struct value *paces_due(struct alert_watch *w, const struct alert_look *look)
{
    struct value *list = value_list(look->arena);
    bool all = look->now_ms >= w->round_ms;
    void *value;
    for (size_t at = 0; map_next(&driver_books(w->config.driver)->sweeps, &at, &value);) {
        const struct book_sweep *s = value;
        if (s->state == SWEEP_RUNNING && alert_look_minds(look, s->id) &&
            (all || map_find(&w->changed, s->id, strlen(s->id))))
            value_push(look->arena, list, value_str(look->arena, s->id));
    }
    w->round_ms = all ? look->now_ms + ROUND_MS : w->round_ms;
    map_done(&w->changed);
    map_init(&w->changed);
    return list;
}

static void watch_look_paces(struct alert_watch *w)
{
    struct arena a;
    arena_init(&a);
    const struct alert_look look = look_of(w, &a);
    if (!w->pacing && look.now_ms >= w->pace_ms) {
        const struct value *due = paces_due(w, &look);
        w->pacing = due->list.n > 0;
        if (w->pacing)
            alert_reader_ask(w->reader, ALERT_ASK_PACES, due, look.time_ms);
    }
    arena_done(&a);
}

static void watch_ask_told(struct alert_watch *w)
{
    if (w->known || w->asked)
        return;
    w->asked = true;
    alert_reader_ask(w->reader, ALERT_ASK_TOLD, NULL, turn_wall_ms() - MISSED_MS);
}

static void watch_go(struct alert_watch *w)
{
    watch_ask_told(w);
    if (w->known) {
        watch_look_fleet(w);
        watch_look_paces(w);
        watch_forget(w);
        watch_tell(w);
    }
    if (alert_watch_is_idle(w) && w->config.idle)
        w->config.idle(w->config.arg);
}

static void watch_on_timer(uv_timer_t *timer)
{
    watch_go(timer->data);
}

static void watch_on_hook_idle(void *arg)
{
    watch_soon(arg);
}

static void ends_ask(struct alert_watch *w, const struct alert_look *look, const char *sweep)
{
    struct value *list = value_list(look->arena);
    value_push(look->arena, list, value_str(look->arena, sweep));
    w->ends_n++;
    alert_reader_ask(w->reader, ALERT_ASK_SWEEPS, list, look->time_ms);
}

static void watch_take_told(struct alert_watch *w, const struct alert_look *look,
                            const struct value *v)
{
    const struct value *told = value_get(v, "told"), *missed = value_get(v, "missed");
    w->asked = false;
    w->known = v != NULL;
    for (size_t i = 0; told && i < told->list.n; i++) {
        const char *key = told->list.items[i]->s.ptr;
        const char *of = arena_printf(look->arena, "%.*s", (int)strcspn(key, " "), key);
        if (strcmp(of, "agent") == 0 || alert_look_minds(look, of))
            alert_book_know(&w->book, key, look->now_ms);
    }
    for (size_t i = 0; missed && i < missed->list.n; i++)
        if (!w->config.sweep)
            ends_ask(w, look, missed->list.items[i]->s.ptr);
}

static void watch_take_paces(struct alert_watch *w, const struct alert_look *look,
                             const struct value *v)
{
    bool good = true;
    for (size_t i = 0; v && i < v->dict.n; i++) {
        const struct book_sweep *s =
            books_sweep(driver_books(w->config.driver), v->dict.entries[i].key);
        if (s && s->state == SWEEP_RUNNING)
            good &= alert_look_pace(look, s, v->dict.entries[i].value);
    }
    watch_check_room(w, good);
    w->pacing = false;
}

static void watch_on_read(void *arg, enum alert_question q, const struct value *v, int64_t spent_ms)
{
    struct alert_watch *w = arg;
    struct arena a;
    if (w->closing)
        return;
    arena_init(&a);
    const struct alert_look look = look_of(w, &a);
    if (q == ALERT_ASK_TOLD)
        watch_take_told(w, &look, v);
    else if (q == ALERT_ASK_PACES)
        watch_take_paces(w, &look, v);
    else
        w->ends_n--;
    if (q == ALERT_ASK_PACES)
        w->pace_ms = look.now_ms + CHANGED_MS + spent_ms * SPENT_TIMES;
    for (size_t i = 0; q == ALERT_ASK_SWEEPS && v && i < v->list.n; i++)
        watch_check_room(w, alert_look_end(&look, v->list.items[i]));
    arena_done(&a);
    if (w->known)
        watch_soon(w);
}

static void watch_on_fact(void *arg, const struct fact *f)
{
    struct alert_watch *w = arg;
    struct arena a;
    if (f->kind != FACT_ENDED && f->kind != FACT_SWEEP_STATE && f->kind != FACT_AGENT_STATE)
        return;
    arena_init(&a);
    const struct alert_look look = look_of(w, &a);
    bool minds = f->kind == FACT_AGENT_STATE || alert_look_minds(&look, f->sweep);
    if (f->kind == FACT_ENDED && minds)
        map_put(&w->changed, f->sweep, strlen(f->sweep), w);
    if (f->kind == FACT_SWEEP_STATE && minds && sweep_states[f->state].final)
        ends_ask(w, &look, f->sweep);
    if (f->kind != FACT_ENDED && minds) {
        w->fleet_ms = 0;
        watch_soon(w);
    }
    arena_done(&a);
}

int alert_watch_start(const struct alert_watch_config *config, struct alert_watch **ret,
                      struct err *err)
{
    struct alert_watch *w = mem_alloc(sizeof *w);
    w->config = *config;
    alert_book_init(&w->book);
    map_init(&w->changed);
    /* Failures of an earlier process may be about to run again. */
    w->round_ms = (int64_t)uv_now(config->loop) + ROUND_MS;
    int rc = alert_reader_start(config->loop, config->dir, watch_on_read, w, &w->reader, err);
    if (rc != 0) {
        alert_book_done(&w->book);
        map_done(&w->changed);
        mem_free(w);
        return rc;
    }
    uv_timer_init(config->loop, &w->timer);
    w->timer.data = w;
    uv_timer_start(&w->timer, watch_on_timer, 0, LOOK_MS);
    alert_hook_follow(config->hook, watch_on_hook_idle, w);
    w->follower = driver_follow(config->driver, driver_books(config->driver)->seq + 1,
                                watch_on_fact, NULL, w);
    *ret = w;
    return 0;
}

bool alert_watch_is_idle(const struct alert_watch *w)
{
    return w->known && w->ends_n == 0 && w->fleet_ms > 0 && !w->message &&
           !alert_book_next(&w->book, (int64_t)uv_now(w->config.loop)) &&
           alert_hook_is_idle(w->config.hook);
}

void alert_watch_close(struct alert_watch *w)
{
    if (!w || w->closing)
        return;
    w->closing = true;
    driver_unfollow(w->config.driver, w->follower);
    alert_hook_follow(w->config.hook, NULL, NULL);
    uv_close((uv_handle_t *)&w->timer, NULL);
    alert_reader_close(w->reader);
}

void alert_watch_free(struct alert_watch *w)
{
    if (!w)
        return;
    alert_reader_free(w->reader);
    alert_book_done(&w->book);
    map_done(&w->changed);
    mem_free(w->message);
    mem_free(w);
}
