/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/explain/explain_log.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/json.h"
#include "orchestrator/core/edit.h"
#include "orchestrator/store/store_schema.h"
#include "orchestrator/view/explain/explain.h"
#include "orchestrator/view/explain/stop_text.h"
#include "orchestrator/view/pace/causes.h"
#include "orchestrator/view/trust/view_actor.h"
#include "orchestrator/view/view_row.h"
#include "strategies/strategy.h"
#include "sweep/fact.h"
#include "sweep/tag/tag.h"

enum {
    TAGGED_SHOWN = 20, /* numbers of trials in a sentence */
    EDITED_SHOWN = 8,  /* keys */
    EDITED_VALUE_BYTES = 40
};

struct telling {
    struct view *v;
    struct arena *a; /* of the answer */
    const char *sweep;
    const struct explain_log *q;
    struct value *entries;
    uint64_t looked, last;
    int64_t seq; /* of the fact in hand */
    /* The action that comes after the fact in hand: it brought about those of the same moment. */
    int64_t action_ms;
    const char *action_by;
};

struct entry {
    const char *kind, *text, *by;
    const struct value *rung;
};

/* Those of the sweep by the index of STORE_TOLD, and the actions on it by theirs. */
static const char select_facts[] =
    "SELECT seq, time, body, kind FROM fact WHERE " STORE_TOLD
    " AND sweep = ?1 AND seq < ?2 UNION ALL"
    " SELECT seq, time, body, kind FROM fact WHERE kind = 'action' AND seq < ?2 AND seq >= ?3"
    " AND json_valid(body) AND (json_extract(body, '$.subject') = ?1 OR"
    " substr(json_extract(body, '$.subject'), 1, length(?1) + 1) = ?1 || '-') ORDER BY seq DESC";

static const char *trial_text(const struct telling *t, const struct fact *f)
{
    return arena_printf(t->a, "trial %" PRIu64, f->trial);
}

static struct entry tell_proposed(const struct telling *t, const struct fact *f)
{
    bool asked = f->cursor == STRATEGY_ENQUEUED;
    const char *how = f->why && value_get(f->why, "strategy") ? explain_proposed(t->a, f->why)
                                                              : "in its place of the sweep";
    return (struct entry){.kind = asked ? "enqueue" : "proposal",
                          .text = arena_printf(t->a, "%s %s %s%s", trial_text(t, f),
                                               asked ? "was enqueued" : "was proposed", how,
                                               f->why ? explain_reasons(t->a, f->why) : "")};
}

/* The keys that differ, and their values where these are short. */
struct changes {
    struct arena *a;
    const char *text;
    size_t n;
};

static const char *change_value(struct arena *a, const struct value *v)
{
    const char *text = v ? json_text(a, v, JSON_COMPACT) : "none";
    return strlen(text) <= EDITED_VALUE_BYTES ? text : NULL;
}

static void change_add(void *arg, enum edit_kind kind, const char *path, const struct value *old,
                       const struct value *new)
{
    struct changes *c = arg;
    (void)kind;
    if (c->n++ >= EDITED_SHOWN)
        return;
    const char *from = change_value(c->a, old), *to = change_value(c->a, new);
    c->text = arena_printf(c->a, "%s%s%s", c->text, *c->text ? ", " : ": ", path);
    if (from && to)
        c->text = arena_printf(c->a, "%s %s → %s", c->text, from, to);
}

/* The spec before the fact in hand. */
static const struct value *spec_before(const struct telling *t, int64_t seq)
{
    sqlite3_stmt *st = NULL;
    struct value *v;
    struct fact f;
    const struct value *found = NULL;
    struct err none = {0};
    if (store_sql_use(t->v->db, &st,
                      "SELECT body FROM fact WHERE kind IN ('sweep_created', 'sweep_edited')"
                      " AND sweep = ? AND seq < ? ORDER BY seq DESC LIMIT 1",
                      &none) != 0)
        return NULL;
    store_sql_text(st, 1, t->sweep);
    sqlite3_bind_int64(st, 2, seq);
    if (store_sql_step(st, &none) > 0) {
        const char *text = store_sql_get_text(st, 0);
        if (json_parse(t->a, text, strlen(text), &v, NULL) == 0 && fact_decode(v, &f, NULL) == 0)
            found = f.content;
    }
    sqlite3_finalize(st);
    return found;
}

static struct entry tell_edited(const struct telling *t, const struct fact *f)
{
    struct changes c = {.a = t->a, .text = ""};
    const struct value *old = spec_before(t, t->seq);
    size_t refused;
    if (old && f->content)
        (void)edit_compare(old, f->content, change_add, &c, &refused);
    if (c.n > EDITED_SHOWN)
        c.text = arena_printf(t->a, "%s and %zu more keys", c.text, c.n - EDITED_SHOWN);
    return (struct entry){.kind = "edit",
                          .text = arena_printf(t->a, "the spec was edited%s", c.text)};
}

static struct entry tell_stopping(const struct telling *t, const struct fact *f)
{
    bool rule = f->why && f->why->kind == VALUE_DICT;
    const char *why = rule ? stop_text(t->a, f->why)
                      : f->reason == REASON_USER
                          ? "because somebody asked for it"
                          : arena_printf(t->a, "(%s)", trial_reason_name(f->reason));
    return (struct entry){.kind = "stop",
                          .text = arena_printf(t->a, "%s was stopped %s", trial_text(t, f), why),
                          .rung = rule ? f->why : NULL};
}

/* NULL: it ended with a result, which is no decision. */
static struct entry tell_ended(const struct telling *t, const struct fact *f)
{
    if (f->state == TRIAL_FINISHED || f->state == TRIAL_STOPPED || f->reason == REASON_USER)
        return (struct entry){0};
    const struct cause_end end = {f->reason, f->code, f->signal, f->text};
    const char *then = f->state == TRIAL_PENDING ? "; it runs again" : "";
    const char *says = cause_says(t->a, &end), *cause = cause_text(t->a, &end);
    const char *why = *says ? arena_printf(t->a, "%s: %s", cause, says) : cause;
    size_t len = strlen(why);
    bool stop = *then && len > 1 && why[len - 1] == '.' && why[len - 2] != '.'; /* a full stop */
    return (struct entry){.kind = "end",
                          .text = arena_printf(t->a, "%s ended without a result: %.*s%s",
                                               trial_text(t, f), (int)(len - stop), why, then)};
}

/* Without the address, which is for `besom audit` alone. */
static struct entry tell_action(struct telling *t, const struct fact *f, int64_t time_ms)
{
    const char *who = view_actor_name(t->v, t->a, f->by ? f->by : "besom");
    bool trial = f->subject && strchr(f->subject, '-');
    const char *of = trial ? strchr(f->subject, '-') + 1 : "";
    if (f->result == 0) {
        t->action_ms = time_ms;
        t->action_by = who;
    }
    return (struct entry){
        .kind = "action",
        .by = who,
        .text = arena_printf(t->a, "%s%s%s%s%s%s", f->result == 0 ? "asked to " : "refused to ",
                             f->what, trial ? " trial " : "", of, f->result && f->text ? ": " : "",
                             f->result && f->text ? f->text : "")};
}

static struct entry tell_state(const struct telling *t, const struct fact *f)
{
    const char *why = f->reason == REASON_NONE || f->reason == REASON_OK
                          ? ""
                          : arena_printf(t->a, " (%s)", trial_reason_name(f->reason));
    return (struct entry){.kind = "state",
                          .text = arena_printf(t->a, "the sweep is %s%s%s%s",
                                               sweep_states[f->state].name, why,
                                               f->text ? ": " : "", f->text ? f->text : "")};
}

/* "trials 3, 4 were tagged +good" */
static struct entry tell_tagged(const struct telling *t, const struct fact *f)
{
    const char *what = tag_change_text(t->a, f->add, f->remove), *of = "the sweep was";
    size_t n = f->trials ? f->trials->list.n : 0;
    for (size_t i = 0; i < n && i < TAGGED_SHOWN; i++)
        of = arena_printf(t->a, "%s%s%" PRId64,
                          i        ? of
                          : n == 1 ? "trial "
                                   : "trials ",
                          i ? ", " : "", f->trials->list.items[i]->i);
    if (n > TAGGED_SHOWN)
        of = arena_printf(t->a, "%s and %zu more", of, n - TAGGED_SHOWN);
    return (struct entry){.kind = "tag",
                          .text = arena_printf(t->a, "%s%s tagged %s", of,
                                               n == 0   ? ""
                                               : n == 1 ? " was"
                                                        : " were",
                                               what)};
}

static struct entry entry_of(struct telling *t, const struct fact *f, int64_t time_ms)
{
    switch (f->kind) {
    case FACT_SWEEP_CREATED:
        return (struct entry){.kind = "state", .text = "the sweep was created"};
    case FACT_SWEEP_STATE:
        return tell_state(t, f);
    case FACT_SWEEP_EDITED:
        return tell_edited(t, f);
    case FACT_PROPOSED:
        return tell_proposed(t, f);
    case FACT_STOPPING:
        return tell_stopping(t, f);
    case FACT_ENDED:
        return tell_ended(t, f);
    case FACT_TRIAL_STATE:
        return (struct entry){.kind = "end",
                              .text = arena_printf(t->a, "%s is %s before it ran", trial_text(t, f),
                                                   trial_states[f->state].name)};
    case FACT_TAGGED:
        return tell_tagged(t, f);
    case FACT_RETRIED:
        return (struct entry){.kind = "retry",
                              .text = arena_printf(t->a, "%s, which had %s, runs again",
                                                   trial_text(t, f), trial_states[f->state].name)};
    case FACT_REINSTATED:
        return (struct entry){
            .kind = "end",
            .text = arena_printf(t->a, "%s runs on: its agent has returned", trial_text(t, f))};
    case FACT_ACTION:
        return tell_action(t, f, time_ms);
    default:
        return (struct entry){0};
    }
}

/* Whether the action that came next brought it about. */
static bool action_did(const struct telling *t, const struct fact *f, int64_t time_ms)
{
    if (!t->action_by || t->action_ms != time_ms || f->kind == FACT_ENDED)
        return false;
    return f->kind != FACT_PROPOSED || f->cursor == STRATEGY_ENQUEUED;
}

static bool kind_is_wanted(const char *kinds, const char *kind)
{
    size_t len = strlen(kind);
    for (const char *at = kinds; at && *at; at += strcspn(at, ",") + (at[strcspn(at, ",")] == ','))
        if (strcspn(at, ",") == len && strncmp(at, kind, len) == 0)
            return true;
    return !kinds;
}

static bool text_has(const char *text, const char *part)
{
    size_t len = strlen(part);
    for (; *text; text++)
        if (strncasecmp(text, part, len) == 0)
            return true;
    return len == 0;
}

static bool fact_is_about(const struct fact *f, uint64_t trial)
{
    for (size_t i = 0; f->trials && i < f->trials->list.n; i++)
        if ((uint64_t)f->trials->list.items[i]->i == trial)
            return true;
    return fact_kind_has_trial(f->kind) && f->trial == trial;
}

static bool entry_is_wanted(const struct telling *t, const struct entry *e, const struct fact *f)
{
    const struct explain_log *q = t->q;
    if (!kind_is_wanted(q->kinds, e->kind) || (q->has_trial && !fact_is_about(f, q->trial)))
        return false;
    return !q->text || text_has(e->text, q->text) || (e->by && text_has(e->by, q->text));
}

static void entry_push(struct telling *t, const struct entry *e, const struct fact *f,
                       sqlite3_stmt *st)
{
    struct arena *a = t->a;
    struct value *v = value_dict(a);
    value_put(a, v, "seq", view_row_int(a, st, 0));
    value_put(a, v, "time", view_row_time(a, st, 1));
    value_put(a, v, "kind", value_str(a, e->kind));
    value_put(a, v, "trial",
              fact_kind_has_trial(f->kind) ? value_int(a, (int64_t)f->trial) : value_null(a));
    value_put(a, v, "text", value_str(a, e->text));
    value_put(a, v, "by", e->by ? value_str(a, e->by) : value_null(a));
    if (e->rung)
        value_put(a, v, "rung", value_copy(a, e->rung));
    value_push(a, t->entries, v);
}

static void fact_tell(struct telling *t, sqlite3_stmt *st)
{
    size_t len = (size_t)sqlite3_column_bytes(st, 2);
    int64_t time_ms = sqlite3_column_int64(st, 1);
    struct value *v;
    struct fact f;
    if (json_parse(t->a, store_sql_get_text(st, 2), len, &v, NULL) != 0 ||
        fact_decode(v, &f, NULL) != 0)
        return;
    t->seq = sqlite3_column_int64(st, 0);
    struct entry e = entry_of(t, &f, time_ms);
    if (e.kind && !e.by && action_did(t, &f, time_ms))
        e.by = t->action_by;
    if (e.kind && entry_is_wanted(t, &e, &f))
        entry_push(t, &e, &f, st);
}

/* The facts of an action come before it: it may be on the page before this one. */
static int action_after(struct telling *t, uint64_t before, struct err *err)
{
    sqlite3_stmt *st = NULL;
    struct value *v;
    struct fact f;
    int rc = store_sql_use(t->v->db, &st,
                           "SELECT body, time FROM fact WHERE kind = 'action' AND seq >= ?"
                           " ORDER BY seq LIMIT 1",
                           err);
    if (rc == 0)
        store_sql_u64(st, 1, before);
    if (rc == 0 && (rc = store_sql_step(st, err)) > 0) {
        const char *text = store_sql_get_text(st, 0);
        if (json_parse(t->a, text, strlen(text), &v, NULL) == 0 && fact_decode(v, &f, NULL) == 0)
            (void)tell_action(t, &f, sqlite3_column_int64(st, 1));
        rc = 0;
    }
    sqlite3_finalize(st);
    return rc;
}

/* Whether no entry of the wanted kinds comes from such a fact, so that it need not be read. An action
 * is read for those that it brought about. */
static bool fact_is_skipped(const struct explain_log *q, const char *fact)
{
    static const struct {
        const char *fact, *kinds[2];
    } told[] = {{"sweep_created", {"state", "state"}}, {"sweep_state", {"state", "state"}},
                {"sweep_edited", {"edit", "edit"}},    {"proposed", {"proposal", "enqueue"}},
                {"stopping", {"stop", "stop"}},        {"ended", {"end", "end"}},
                {"trial_state", {"end", "end"}},       {"reinstated", {"end", "end"}},
                {"retried", {"retry", "retry"}},       {"tagged", {"tag", "tag"}}};
    for (size_t i = 0; q->kinds && i < sizeof told / sizeof *told; i++)
        if (strcmp(told[i].fact, fact) == 0)
            return !kind_is_wanted(q->kinds, told[i].kinds[0]) &&
                   !kind_is_wanted(q->kinds, told[i].kinds[1]);
    return false;
}

static int facts_tell(struct telling *t, uint64_t before, struct err *err)
{
    sqlite3_stmt *st = NULL;
    int64_t from = 0;
    int rc = store_sql_use(t->v->db, &st,
                           "SELECT seq FROM fact WHERE kind = 'sweep_created' AND sweep = ?", err);
    if (rc == 0)
        store_sql_text(st, 1, t->sweep);
    if (rc == 0 && (rc = store_sql_step(st, err)) > 0)
        from = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    st = NULL;
    if (rc >= 0)
        rc = store_sql_use(t->v->db, &st, select_facts, err);
    if (rc == 0) {
        store_sql_text(st, 1, t->sweep);
        store_sql_u64(st, 2, before);
        sqlite3_bind_int64(st, 3, from);
    }
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0) {
        if (t->entries->list.n == t->q->limit || t->looked >= EXPLAIN_LOG_FACTS_MAX)
            break;
        t->last = store_sql_get_u64(st, 0);
        bool skipped = fact_is_skipped(t->q, store_sql_get_text(st, 3));
        t->looked += skipped ? 1 : EXPLAIN_LOG_READ_COSTS;
        if (!skipped)
            fact_tell(t, st);
    }
    if (rc == 0)
        t->last = 0; /* there is no more */
    sqlite3_finalize(st);
    return rc < 0 ? rc : 0;
}

int explain_log(struct view *v, struct arena *a, const char *sweep, const struct explain_log *q,
                struct value **ret, struct err *err)
{
    struct telling t = {.v = v, .a = a, .sweep = sweep, .q = q, .entries = value_list(a)};
    uint64_t before = q->before && q->before < INT64_MAX ? q->before : INT64_MAX;
    int rc = view_row_begin(v, err);
    if (rc != 0)
        return rc;
    if (before < INT64_MAX)
        rc = action_after(&t, before, err);
    if (rc == 0)
        rc = facts_tell(&t, before, err);
    view_row_end(v);
    *ret = value_dict(a);
    value_put(a, *ret, "entries", t.entries);
    value_put(a, *ret, "before", t.last ? value_int(a, (int64_t)t.last) : value_null(a));
    return rc;
}
