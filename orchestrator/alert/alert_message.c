/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/alert/alert_message.h"

#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "base/utf8.h"

static const char *message_cut(struct arena *a, const char *text, size_t most)
{
    size_t len = strlen(text);
    if (len <= most)
        return text;
    return arena_printf(a, "%.*s…", (int)utf8_valid_prefix(text, most), text);
}

static void message_put(struct arena *a, struct value *v, const char *key, const char *text)
{
    value_put(a, v, key, text ? value_str(a, text) : value_null(a));
}

static struct value *message_agents(struct arena *a, const struct value *agents)
{
    struct value *list = value_list(a);
    for (size_t i = 0; agents && i < agents->list.n && i < ALERT_MESSAGE_AGENTS; i++)
        value_push(a, list, value_copy(a, agents->list.items[i]));
    return list;
}

static const char *message_link(struct arena *a, const struct alert_message *m)
{
    if (!m->page)
        return NULL;
    return m->sweep ? arena_printf(a, "%s/s/%s", m->page, m->sweep)
                    : arena_printf(a, "%s/agents", m->page);
}

static void message_put_end(struct arena *a, struct value *v, const struct value *s)
{
    static const char *const keys[] = {"state", "reason", "counts"};
    const struct value *best = value_get(s, "best"), *objective = value_get(best, "objective");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const struct value *field = value_get(s, keys[i]);
        value_put(a, v, keys[i], field ? value_copy(a, field) : value_null(a));
    }
    message_put(a, v, "best", value_get_str(best, "id", NULL));
    value_put(a, v, "objective", objective ? value_copy(a, objective) : value_null(a));
}

const char *alert_message_text(struct arena *a, const struct alert_message *m)
{
    struct value *v = value_dict(a);
    const char *name = m->name ? message_cut(a, m->name, ALERT_MESSAGE_NAME) : NULL;
    const char *link = message_link(a, m), *title = message_cut(a, m->what, ALERT_MESSAGE_TEXT);
    if (m->sweep && name)
        title = arena_printf(a, "sweep %s (%s): %s", name, m->sweep, title);
    else if (m->sweep)
        title = arena_printf(a, "sweep %s: %s", m->sweep, title);
    message_put(a, v, "kind", m->kind);
    message_put(a, v, "level", m->level);
    message_put(a, v, "title", title);
    message_put(a, v, "text", link ? arena_printf(a, "%s\n%s", title, link) : title);
    message_put(a, v, "link", link);
    message_put(a, v, "sweep", m->sweep);
    message_put(a, v, "name", name);
    message_put(a, v, "trial",
                m->trial >= 0 ? arena_printf(a, "%s-%" PRId64, m->sweep, m->trial) : NULL);
    value_put(a, v, "agents", message_agents(a, m->agents));
    value_put(a, v, "time", value_float(a, (double)m->time_ms / 1000));
    if (m->ended)
        message_put_end(a, v, m->ended);
    return json_text(a, v, JSON_COMPACT);
}

/* " 2 failed," of a state that trials have ended in. */
static const char *end_count(struct arena *a, const struct value *s, const char *text,
                             const char *state)
{
    int64_t n = value_get_int(value_get(s, "counts"), state, 0);
    return n == 0 ? text : arena_printf(a, "%s%s%" PRId64 " %s", text, *text ? ", " : "", n, state);
}

static const char *end_best(struct arena *a, const struct value *s)
{
    const struct value *best = value_get(s, "best"), *objective = value_get(best, "objective");
    const char *metric = value_get_str(value_get(s, "metric"), "name", NULL);
    if (!objective || !value_is_number(objective) || !metric)
        return "";
    return arena_printf(a, "; best %s %.6g, trial %s", metric, value_number(objective),
                        value_get_str(best, "id", ""));
}

const char *alert_message_end(struct arena *a, const struct value *s, const char **ret_level)
{
    static const char *const states[] = {"finished", "stopped", "failed", "cancelled", "lost"};
    const struct value *counts = value_get(s, "counts");
    const char *reason = value_get_str(s, "reason", ""), *text = "";
    bool cancelled = strcmp(value_get_str(s, "state", ""), "cancelled") == 0;
    bool well = value_get_int(counts, "finished", 0) > 0 || value_get_int(counts, "stopped", 0) > 0;
    *ret_level = cancelled ? "WARN" : well ? "INFO" : "ERROR";
    const char *how = cancelled ? "cancelled" : well ? "finished" : "ended without a result";
    if (!cancelled && *reason && strcmp(reason, "ok") != 0)
        how = arena_printf(a, "%s (%s)", how, reason);
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        text = end_count(a, s, text, states[i]);
    return arena_printf(a, "%s: %s%s", how, *text ? text : "no trial ran", end_best(a, s));
}
