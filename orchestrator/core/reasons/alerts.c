/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/reasons/alerts.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { NAMED_MAX = 3 };

static struct value *alert_add(struct arena *a, struct value *list, const char *kind,
                               const char *text, uint64_t n)
{
    struct value *one = value_dict(a);
    value_put(a, one, "kind", value_str(a, kind));
    value_put(a, one, "text", value_str(a, text));
    value_put(a, one, "n", value_int(a, (int64_t)n));
    value_push(a, list, one);
    return one;
}

/* Agents, or slots, of one cause. */
struct group {
    const char *kind, *cause; /* cause: what is said of them; "": nothing but the kind */
    struct value *agents;
    uint64_t n;
    double since; /* the earliest; 0: not said */
    struct group *next;
};

static struct group *group_add(struct arena *a, struct group **groups, const char *kind,
                               const char *cause, const char *agent)
{
    struct group **at = groups;
    while (*at && (strcmp((*at)->kind, kind) != 0 || strcmp((*at)->cause, cause) != 0))
        at = &(*at)->next;
    if (!*at) {
        *at = arena_alloc(a, sizeof **at);
        **at = (struct group){.kind = kind, .cause = cause, .agents = value_list(a)};
    }
    struct value *names = (*at)->agents;
    size_t n = names->list.n;
    if (n == 0 || strcmp(names->list.items[n - 1]->s.ptr, agent) != 0)
        value_push(a, names, value_str(a, agent));
    (*at)->n++;
    return *at;
}

static const char *group_names(struct arena *a, const struct group *g)
{
    const struct value *names = g->agents;
    const char *text = names->list.items[0]->s.ptr;
    for (size_t i = 1; i < names->list.n && i < NAMED_MAX; i++)
        text = arena_printf(a, "%s, %s", text, names->list.items[i]->s.ptr);
    if (names->list.n > NAMED_MAX)
        text = arena_printf(a, "%s and %zu more", text, names->list.n - NAMED_MAX);
    return text;
}

static const char *gone_text(struct arena *a, const struct group *g, const char *names)
{
    return g->n == 1
               ? arena_printf(a, "agent %s is gone; if it does not return: besom forget %s", names,
                              names)
               : arena_printf(a,
                              "agents %s are gone; for each that does not return: besom forget "
                              "NAME",
                              names);
}

static const char *group_text(struct arena *a, const struct group *g)
{
    const char *names = group_names(a, g), *colon = *g->cause ? ": " : "";
    bool several = g->agents->list.n > 1;
    if (strcmp(g->kind, "disk") == 0)
        return g->cause;
    if (strcmp(g->kind, "gone") == 0)
        return gone_text(a, g, names);
    if (strcmp(g->kind, "slot") == 0)
        return arena_printf(a, "%" PRIu64 " slot%s of %s: %s", g->n, g->n == 1 ? "" : "s", names,
                            g->cause);
    return arena_printf(a, "agent%s %s %s %s%s%s", several ? "s" : "", names,
                        several ? "are" : "is", g->kind, colon, g->cause);
}

/* One message a host: each has another number. */
static void disk_judge(struct arena *a, const struct value *agent, struct group **groups)
{
    static const double gib = 1 << 30;
    const struct value *disk = value_get(value_get(agent, "load"), "disk");
    const char *name = value_get_str(agent, "name", "");
    if (value_get_bool(disk, "low", false))
        group_add(a, groups, "disk",
                  arena_printf(a, "the disk of agent %s is nearly full: %.3g of %.3g GiB are free",
                               name, (double)value_get_int(disk, "free", 0) / gib,
                               (double)value_get_int(disk, "total", 0) / gib),
                  name);
}

static void agent_judge(struct arena *a, const struct value *agent, struct group **groups)
{
    const char *name = value_get_str(agent, "name", ""), *state = value_get_str(agent, "state", "");
    const struct value *slots = value_get(agent, "slots");
    /* One that is cordoned or drains, and runs nothing, may be switched off. */
    bool away = strcmp(state, "away") == 0, lost = value_get_bool(agent, "lost", false);
    bool missed = strcmp(value_get_str(agent, "duty", "up"), "up") == 0 || (slots && slots->list.n);
    if (away && missed)
        group_add(a, groups, "away", "", name);
    else if (lost && missed) {
        struct group *g = group_add(a, groups, "gone", "", name);
        double seen = value_get_float(agent, "seen", value_get_float(agent, "seen_before", 0));
        g->since = g->n == 1 || seen < g->since ? seen : g->since;
    } else if (strcmp(state, "cordoned") == 0 || strcmp(state, "draining") == 0)
        group_add(a, groups, strcmp(state, "cordoned") == 0 ? "cordoned" : "draining",
                  value_get_str(agent, "text", ""), name);
    else if (strcmp(state, "up") == 0 && *value_get_str(agent, "text", ""))
        group_add(a, groups, "up", value_get_str(agent, "text", ""), name);
    disk_judge(a, agent, groups);
    for (size_t i = 0; strcmp(state, "up") == 0 && slots && i < slots->list.n; i++) {
        const char *why = value_get_str(slots->list.items[i], "why_idle", NULL);
        if (why)
            group_add(a, groups, "slot", why, name);
    }
}

struct value *alerts_of_agents(const struct value *agents, struct arena *a)
{
    struct value *list = value_list(a);
    struct group *groups = NULL;
    for (size_t i = 0; i < agents->list.n; i++)
        agent_judge(a, agents->list.items[i], &groups);
    for (const struct group *g = groups; g; g = g->next) {
        struct value *one = alert_add(a, list, g->kind, group_text(a, g), g->n);
        value_put(a, one, "agents", g->agents);
        if (g->since > 0)
            value_put(a, one, "since", value_float(a, g->since));
    }
    return list;
}

static void failures_judge(struct arena *a, const struct alerts_sweep *s, struct value *list)
{
    const char *text;
    if (s->ended >= 3 && s->failed == s->ended)
        text = arena_printf(a, "all %" PRIu64 " trials that ended failed", s->ended);
    else if (s->streak >= ALERTS_STREAK)
        text = arena_printf(a, "the last %" PRIu64 " trials failed", s->streak);
    else if (s->recent >= ALERTS_STREAK * 2 &&
             s->recent_failed * 100 >= s->recent * ALERTS_RATE_PERCENT)
        text = arena_printf(a, "%" PRIu64 " of the last %" PRIu64 " trials failed",
                            s->recent_failed, s->recent);
    else
        return;
    struct value *one = alert_add(a, list, "failures", text, s->failed);
    value_put(a, one, "trial", value_int(a, (int64_t)s->last_failed));
}

static const char *span_text(struct arena *a, double s)
{
    if (s < 120)
        return arena_printf(a, "%.0f s", s);
    return s < 7200 ? arena_printf(a, "%.0f min", s / 60) : arena_printf(a, "%.1f h", s / 3600);
}

static void lost_judge(struct arena *a, const struct alerts_sweep *s, struct value *list)
{
    size_t n = s->lost ? s->lost->list.n : 0;
    if (n == 0)
        return;
    int64_t newest = s->lost->list.items[n - 1]->i;
    const char *text =
        n == 1 ? arena_printf(a, "trial %" PRId64 " still runs, but its %s stays NaN or infinite",
                              newest, s->metric)
               : arena_printf(a, "%zu trials still run, but their %s stays NaN or infinite", n,
                              s->metric);
    struct value *one = alert_add(a, list, "nan", text, n);
    value_put(a, one, "trial", value_int(a, newest));
    value_put(a, one, "trials", value_copy(a, s->lost));
}

struct value *alerts_of_sweep(const struct alerts_sweep *s, struct arena *a)
{
    struct value *list = value_list(a);
    failures_judge(a, s, list);
    lost_judge(a, s, list);
    if (s->running > 0 && s->usual_s > 0 && s->silent_s > 60 &&
        s->silent_s > s->usual_s * ALERTS_SILENT_TIMES)
        alert_add(a, list, "silent",
                  arena_printf(a, "no trial has ended for %s: nine in ten take less than %s",
                               span_text(a, s->silent_s), span_text(a, s->usual_s)),
                  s->running);
    for (size_t i = 0; i < s->budgets_n; i++)
        if (s->budgets[i].used * 100 >= ALERTS_BUDGET_PERCENT)
            alert_add(a, list, "budget",
                      arena_printf(a, "%.0f %% of its budget is used: %s",
                                   fmin(100, floor(s->budgets[i].used * 100)), s->budgets[i].what),
                      1);
    return list;
}
