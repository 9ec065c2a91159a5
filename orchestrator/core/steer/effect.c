/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/steer/effect.h"

#include <inttypes.h>

#include "orchestrator/core/edit.h"

enum { MS = 1000, MILLI = 1000, MINUTE = 60, HOUR = 3600 };

void effect_reply(const struct event *ev, int code, const char *text, const struct value *counted,
                  struct effects *out)
{
    struct effect *e = effects_add(out, EFFECT_REPLY);
    e->request = ev->request;
    e->code = code;
    e->text = text;
    e->answer = counted;
}

static struct value *answer_of(const struct effect *e, const struct book_sweep *s, struct arena *a)
{
    struct value *v = value_dict(a);
    value_put(a, v, "ok", value_bool(a, true));
    value_put(a, v, "possible", value_bool(a, e->code == 0));
    value_put(a, v, "message", value_str(a, e->text));
    value_put(a, v, "code", e->code ? value_str(a, err_name(e->code)) : value_null(a));
    value_put(a, v, "revision", s ? value_int(a, (int64_t)s->steered) : value_null(a));
    value_put(a, v, "effect", e->answer ? value_copy(a, e->answer) : value_dict(a));
    return v;
}

void effect_answer(const struct controller *c, const struct event *ev, size_t first,
                   struct effects *out)
{
    const struct book_sweep *s = ev->sweep ? books_sweep(&c->books, ev->sweep) : NULL;
    for (size_t i = first; ev->dry && i < out->n; i++)
        if (out->items[i].kind == EFFECT_REPLY)
            out->items[i].answer = answer_of(&out->items[i], s, out->arena);
}

const char *effect_who(const struct controller *c, const char *by, struct arena *a)
{
    const struct trust_credential *one = trust_find(&c->books.trust, by);
    return one && one->name ? arena_printf(a, "%s (token %s)", one->name, by)
           : one            ? arena_printf(a, "token %s", by)
                            : by;
}

bool effect_is_stale(const struct controller *c, const struct event *ev, struct effects *out)
{
    const struct book_sweep *s =
        ev->seen && !ev->dry && ev->sweep ? books_sweep(&c->books, ev->sweep) : NULL;
    if (!s || s->steered == ev->seen)
        return false;
    struct effect *e = effects_add(out, EFFECT_REPLY);
    e->request = ev->request;
    e->code = ERR_STALE;
    e->text = s->steered_by
                  ? arena_printf(out->arena,
                                 "sweep %s has since changed: %s by %s, %" PRId64
                                 " s ago; nothing was done",
                                 s->id, s->steered_what, effect_who(c, s->steered_by, out->arena),
                                 (ev->wall_ms - s->steered_ms) / MS)
                  : arena_printf(out->arena,
                                 "sweep %s may have changed: the controller has loaded it again; "
                                 "nothing was done",
                                 s->id);
    return true;
}

struct work { /* of running trials */
    uint64_t running;
    int64_t ms, gpu_ms; /* the latter in thousandths of a GPU */
};

static void work_add(struct work *w, const struct book_trial *t, int64_t wall_ms)
{
    int64_t ms = wall_ms - t->attempt.launched_ms;
    ms = ms > 0 ? ms : 0;
    w->running++;
    w->ms += ms;
    w->gpu_ms += ms * (int64_t)t->attempt.gpu_milli;
}

static const char *plural_end(uint64_t n)
{
    return n == 1 ? "" : "s";
}

/* " (6.1 GPU-h of work)", " (12 min of work)" */
static const char *work_text(const struct work *w, struct arena *a)
{
    bool gpus = w->gpu_ms > 0;
    double s = (gpus ? (double)w->gpu_ms / MILLI : (double)w->ms) / MS;
    const char *of = gpus ? "GPU-" : "";
    if (s < MINUTE)
        return arena_printf(a, " (%.0f %ss of work)", s, of);
    if (s < HOUR)
        return arena_printf(a, " (%.0f %smin of work)", s / MINUTE, of);
    return arena_printf(a, " (%.1f %sh of work)", s / HOUR, of);
}

static void work_put(struct arena *a, struct value *effect, const struct work *w)
{
    value_put(a, effect, "running", value_int(a, (int64_t)w->running));
    value_put(a, effect, "seconds", value_float(a, (double)w->ms / MS));
    value_put(a, effect, "gpu_seconds", value_float(a, (double)w->gpu_ms / MILLI / MS));
}

static void trial_push(struct arena *a, struct value *list, uint64_t number)
{
    if (list->list.n < EFFECT_TRIALS_MAX)
        value_push(a, list, value_int(a, (int64_t)number));
}

static struct work sweep_work(const struct event *ev, const struct book_sweep *s, struct arena *a,
                              struct value *effect)
{
    struct work w = {0};
    struct value *trials = value_list(a);
    void *value;
    for (size_t at = 0; map_next(&s->open, &at, &value);) {
        const struct book_trial *t = value;
        if (t->state != TRIAL_RUNNING)
            continue;
        work_add(&w, t, ev->wall_ms);
        trial_push(a, trials, t->number);
    }
    work_put(a, effect, &w);
    value_put(a, effect, "pending", value_int(a, (int64_t)s->counts[TRIAL_PENDING]));
    value_put(a, effect, "trials", trials);
    return w;
}

/* "; 2 pending ones are cancelled" */
static const char *pending_text(const struct book_sweep *s, const char *before, const char *one,
                                const char *several, struct arena *a)
{
    uint64_t n = s->counts[TRIAL_PENDING];
    if (n == 0)
        return "";
    return arena_printf(a, "%s%" PRIu64 " pending %s", before, n, n == 1 ? one : several);
}

/* "when 2 running trials have ended" */
static const char *stop_when(const struct work *w, struct arena *a)
{
    if (w->running == 0)
        return "at once";
    return arena_printf(a, "when %" PRIu64 " running trial%s ended", w->running,
                        w->running == 1 ? " has" : "s have");
}

void effect_command(const struct event *ev, const struct book_sweep *s, struct effects *out)
{
    struct arena *a = out->arena;
    struct value *effect = value_dict(a);
    const struct work w = sweep_work(ev, s, a, effect);
    const char *text = "", *runs = w.running == 1 ? "running trial" : "running trials";
    switch (ev->command) {
    case COMMAND_PAUSE:
        text = w.running == 0
                   ? arena_printf(a, "starts no more trials%s",
                                  pending_text(s, "; ", "one waits", "ones wait", a))
                   : arena_printf(a, "starts no more trials; %" PRIu64 " %s continue%s%s",
                                  w.running, runs, w.running == 1 ? "s" : "",
                                  pending_text(s, ", ", "one waits", "ones wait", a));
        break;
    case COMMAND_STOP:
        text = arena_printf(a, "starts no more trials, and finishes %s%s", stop_when(&w, a),
                            pending_text(s, "; ", "one is cancelled", "ones are cancelled", a));
        break;
    case COMMAND_CANCEL:
        text =
            w.running == 0
                ? arena_printf(a, "%sends the sweep",
                               pending_text(s, "cancels ", "trial and ", "trials and ", a))
                : arena_printf(a, "ends %" PRIu64 " %s%s%s and the sweep", w.running, runs,
                               work_text(&w, a), pending_text(s, ", cancels ", "one", "ones", a));
        break;
    case COMMAND_RESUME:
    case COMMAND_RUN:
    case COMMAND_KEEP:
        text = arena_printf(a, "starts trials again%s",
                            pending_text(s, "; ", "one runs first", "ones run first", a));
        break;
    }
    effect_reply(ev, 0, text, effect, out);
}

void effect_stop(const struct event *ev, const struct book_trial *t, struct effects *out)
{
    struct arena *a = out->arena;
    struct value *effect = value_dict(a), *trials = value_list(a);
    struct work w = {0};
    bool runs = t->state == TRIAL_RUNNING;
    trial_push(a, trials, t->number);
    if (runs)
        work_add(&w, t, ev->wall_ms);
    work_put(a, effect, &w);
    value_put(a, effect, "trials", trials);
    const char *text = !runs ? "will not run; its sweep continues"
                       : t->attempt.state != ATTEMPT_LAUNCHED
                           ? "is being stopped already"
                           : arena_printf(a,
                                          "ends%s; what it has reported counts, and its sweep "
                                          "continues",
                                          work_text(&w, a));
    effect_reply(ev, 0, text, effect, out);
}

void effect_stop_several(const struct event *ev, const struct book_sweep *s, struct effects *out)
{
    struct arena *a = out->arena;
    struct value *effect = value_dict(a), *trials = value_list(a);
    struct work w = {0};
    uint64_t pending = 0;
    for (size_t i = 0; i < ev->trials_n; i++) {
        const struct book_trial *t = books_trial(s, ev->trials[i]);
        if (t && t->state == TRIAL_RUNNING) {
            work_add(&w, t, ev->wall_ms);
            trial_push(a, trials, t->number);
        } else if (t) {
            pending++;
        }
    }
    work_put(a, effect, &w);
    value_put(a, effect, "pending", value_int(a, (int64_t)pending));
    value_put(a, effect, "trials", trials);
    if (w.running + pending == 0) {
        effect_reply(ev, ERR_STATE, "none of these trials is running or pending", NULL, out);
        return;
    }
    const char *ends = w.running ? arena_printf(a, "ends %" PRIu64 " running trial%s%s", w.running,
                                                plural_end(w.running), work_text(&w, a))
                                 : "";
    const char *cancels = pending ? arena_printf(a, "cancels %" PRIu64 " pending %s%s", pending,
                                                 w.running ? "one" : "trial", plural_end(pending))
                                  : "";
    const char *reported = w.running ? "; what they have reported counts, and" : ";";
    effect_reply(ev, 0,
                 arena_printf(a, "%s%s%s%s the sweep continues", ends,
                              *ends && *cancels ? ", " : "", cancels, reported),
                 effect, out);
}

void effect_retry(const struct event *ev, const struct book_sweep *s, const uint64_t *trials,
                  size_t n, struct effects *out)
{
    struct arena *a = out->arena;
    struct value *effect = value_dict(a), *list = value_list(a);
    for (size_t i = 0; i < n; i++)
        trial_push(a, list, trials[i]);
    value_put(a, effect, "pending", value_int(a, (int64_t)n));
    value_put(a, effect, "trials", list);
    effect_reply(ev, 0,
                 arena_printf(a, "runs %zu trial%s again%s%s", n, plural_end(n),
                              sweep_states[s->state].final ? ", and continues for them" : "",
                              s->state == SWEEP_PAUSED ? " once it is resumed" : ""),
                 effect, out);
}

const char *effect_enqueued(struct arena *a, const struct book_sweep *s,
                            const struct event_enqueue *enqueue, uint64_t first)
{
    uint32_t n = enqueue->times;
    if (n == 0)
        return arena_printf(a, "the new trial %s-%" PRIu64, s->id, first);
    const char *with = enqueue->seed ? arena_printf(a, "another value of %s", enqueue->seed)
                                     : "the same parameters";
    const char *last = n > 1 ? arena_printf(a, " to %s-%" PRIu64, s->id, first + n - 1) : "";
    return arena_printf(a, "%u new trial%s like %s-%" PRIu64 ", %swith %s: %s-%" PRIu64 "%s", n,
                        plural_end(n), s->id, enqueue->of, n > 1 && enqueue->seed ? "each " : "",
                        with, s->id, first, last);
}

const char *effect_beyond_cap(struct arena *a, const struct book_sweep *s, uint64_t trials)
{
    int64_t cap = s->spec->run_cap;
    return cap > 0 && trials > (uint64_t)cap
               ? arena_printf(a, ", beyond its run_cap of %" PRId64, cap)
               : "";
}

void effect_enqueue(const struct event *ev, const struct book_sweep *s, const struct value *params,
                    struct effects *out)
{
    struct arena *a = out->arena;
    struct value *effect = value_dict(a);
    const char *one = ev->enqueue->times > 1 ? "" : "s";
    uint32_t n = ev->enqueue->times ? ev->enqueue->times : 1;
    value_put(a, effect, "trial", value_int(a, (int64_t)s->proposed));
    value_put(a, effect, "params", value_copy(a, params));
    value_put(a, effect, "times", value_int(a, n));
    const char *when = s->state == SWEEP_PAUSED
                           ? arena_printf(a, ", which run%s first once it is resumed", one)
                       : sweep_states[s->state].final
                           ? arena_printf(a, ", and continues for %s", *one ? "it" : "them")
                           : arena_printf(a, ", which run%s next", one);
    effect_reply(ev, 0,
                 arena_printf(a, "gets %s%s%s", effect_enqueued(a, s, ev->enqueue, s->proposed),
                              when, effect_beyond_cap(a, s, s->proposed + n)),
                 effect, out);
}

struct changes {
    struct arena *a;
    struct value *list;
};

static void change_push(void *arg, enum edit_kind kind, const char *path, const struct value *old,
                        const struct value *new)
{
    static const char *const kinds[] = {
        [EDIT_FREE] = "free", [EDIT_GROWN] = "grown", [EDIT_REFUSED] = "refused"};
    const struct changes *c = arg;
    struct value *v = value_dict(c->a);
    value_put(c->a, v, "key", value_str(c->a, path));
    value_put(c->a, v, "kind", value_str(c->a, kinds[kind]));
    value_put(c->a, v, "old", old ? value_copy(c->a, old) : value_null(c->a));
    value_put(c->a, v, "new", new ? value_copy(c->a, new) : value_null(c->a));
    value_push(c->a, c->list, v);
}

void effect_edit(const struct event *ev, const struct book_sweep *s, const struct err *err,
                 struct effects *out)
{
    struct arena *a = out->arena;
    struct value *effect = value_dict(a);
    struct changes c = {a, value_list(a)};
    size_t refused, n = s->fault ? 0
                                 : edit_compare(s->spec->content, ev->create->content, change_push,
                                                &c, &refused);
    value_put(a, effect, "changes", c.list);
    const char *text =
        err->code ? arena_strdup(a, err->text)
        : n == 0
            ? "has this spec already"
            : arena_printf(a,
                           "changes %zu key%s; its %" PRIu64 " trial%s stay%s as %s, and "
                           "what has not started follows the new spec",
                           n, plural_end(n), s->proposed, plural_end(s->proposed),
                           s->proposed == 1 ? "s" : "", s->proposed == 1 ? "it is" : "they are");
    effect_reply(ev, err->code, text, effect, out);
}
