/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/alert/alert_look.h"

#include <string.h>

#include "orchestrator/alert/alert_message.h"
#include "orchestrator/core/reasons/alerts.h"
#include "orchestrator/view/trust/view_told.h"

#define PAUSED "paused"
#define STUCK "waits"
#define AWAY "away"

static const char *name_of(const char *name, const char *path)
{
    const char *slash = path ? strrchr(path, '/') : NULL;
    return name ? name : slash ? slash + 1 : path;
}

static struct alert_message message_of(const struct alert_look *l, const char *kind,
                                       const char *what)
{
    return (struct alert_message){.kind = kind,
                                  .level = "WARN",
                                  .what = what,
                                  .trial = -1,
                                  .page = l->page,
                                  .time_ms = l->time_ms};
}

static const char *sweep_key(const struct alert_look *l, const struct book_sweep *s,
                             const char *kind)
{
    return arena_printf(l->arena, "%s %s", s->id, kind);
}

static bool sweep_see(const struct alert_look *l, const struct book_sweep *s, const char *kind,
                      const char *what, int64_t trial, int64_t hold_ms)
{
    struct alert_message m = message_of(l, kind, what);
    m.sweep = s->id;
    m.name = name_of(s->name, s->path);
    m.trial = trial;
    return alert_book_see(l->book, sweep_key(l, s, kind), alert_message_text(l->arena, &m), hold_ms,
                          l->now_ms);
}

static bool sweep_look(const struct alert_look *l, const struct driver *driver,
                       const struct book_sweep *s)
{
    const char *why = s->text ? s->text : "without a reason";
    if (s->state == SWEEP_RUNNING)
        alert_book_end(l->book, sweep_key(l, s, PAUSED));
    if (s->state == SWEEP_PAUSED && s->reason != REASON_USER)
        return sweep_see(l, s, PAUSED, arena_printf(l->arena, "paused: %s", why), -1, 0);
    const char *waits = driver_stuck(driver, s->id, l->arena);
    return !waits || sweep_see(l, s, STUCK, arena_printf(l->arena, "waits: %s", waits), -1,
                               ALERT_LOOK_HOLD_MS);
}

/* By somebody, on purpose. */
static bool agent_is_withdrawn(const struct books *books, const char *name, const char *kind)
{
    const struct book_agent *agent = books_agent(books, name);
    return strcmp(kind, "draining") == 0 ||
           (strcmp(kind, "cordoned") == 0 && agent && agent->by && strcmp(agent->by, "besom") != 0);
}

static const char *agent_key(const struct alert_look *l, const char *name, const char *kind)
{
    return arena_printf(l->arena, "agent %s %s", name, kind);
}

/* One message for all agents that the alert names. */
static bool agents_see(const struct alert_look *l, const struct books *books,
                       const struct value *alert)
{
    const char *kind = value_get_str(alert, "kind", "");
    const struct value *names = value_get(alert, "agents");
    const char *key = strcmp(kind, "gone") == 0 ? AWAY : kind; /* it was told when it was away */
    bool passes = strcmp(key, AWAY) == 0 || strcmp(key, "slot") == 0, good = true;
    struct alert_message m = message_of(l, kind, value_get_str(alert, "text", ""));
    m.agents = names;
    const char *text = alert_message_text(l->arena, &m);
    for (size_t i = 0; i < names->list.n; i++) {
        const char *name = names->list.items[i]->s.ptr;
        if (!agent_is_withdrawn(books, name, kind))
            good &= alert_book_see(l->book, agent_key(l, name, key), text,
                                   passes ? ALERT_LOOK_HOLD_MS : 0, l->now_ms);
    }
    return good;
}

static bool agents_look(const struct alert_look *l, const struct books *books,
                        const struct value *agents)
{
    const struct value *alerts = alerts_of_agents(agents, l->arena);
    bool good = true;
    for (size_t i = 0; i < alerts->list.n; i++)
        good &= agents_see(l, books, alerts->list.items[i]);
    return good;
}

/* It stays away, or gone, and somebody knows. */
static bool agent_was_told(const struct alert_look *l, const struct value *agent)
{
    bool away = strcmp(value_get_str(agent, "state", ""), "away") == 0 ||
                value_get_bool(agent, "lost", false);
    return away &&
           alert_book_is_told(l->book, agent_key(l, value_get_str(agent, "name", ""), AWAY));
}

bool alert_look_agents(const struct alert_look *l, const struct books *books,
                       const struct value *agents)
{
    struct value *told = value_list(l->arena), *others = value_list(l->arena);
    for (size_t i = 0; i < agents->list.n; i++) {
        struct value *agent = agents->list.items[i];
        value_push(l->arena, agent_was_told(l, agent) ? told : others, agent);
    }
    bool good = agents_look(l, books, told);
    return agents_look(l, books, others) && good;
}

bool alert_look_minds(const struct alert_look *l, const char *sweep)
{
    return !l->sweep || strcmp(l->sweep, sweep) == 0;
}

bool alert_look_fleet(const struct alert_look *l, const struct driver *driver)
{
    const struct books *books = driver_books(driver);
    bool good = alert_look_agents(l, books, driver_agents(driver, l->arena));
    void *value;
    for (size_t at = 0; map_next(&books->sweeps, &at, &value);) {
        const struct book_sweep *s = value;
        if (alert_look_minds(l, s->id))
            good &= sweep_look(l, driver, s);
    }
    return good;
}

bool alert_look_pace(const struct alert_look *l, const struct book_sweep *s,
                     const struct value *alerts)
{
    bool good = true;
    for (size_t i = 0; alerts && i < alerts->list.n; i++) {
        const struct value *alert = alerts->list.items[i];
        good &= sweep_see(l, s, value_get_str(alert, "kind", ""), value_get_str(alert, "text", ""),
                          value_get_int(alert, "trial", -1), 0);
    }
    return good;
}

bool alert_look_end(const struct alert_look *l, const struct value *s)
{
    const char *id = value_get_str(s, "id", ""), *level;
    const char *how = alert_message_end(l->arena, s, &level);
    struct alert_message m = message_of(l, "ended", how);
    m.level = level;
    m.sweep = id;
    m.name = name_of(value_get_str(s, "name", NULL), value_get_str(s, "path", NULL));
    m.ended = s;
    return alert_book_happen(l->book, arena_printf(l->arena, "%s" VIEW_TOLD_ENDED, id),
                             alert_message_text(l->arena, &m), l->now_ms);
}
