/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/shell/agent_inside.h"

#include "net/log.h"

struct agent_event *agent_inside_queue(struct agent *a, enum agent_event_kind kind,
                                       const struct agent_key *key)
{
    struct agent_event *ev = turn_add(&a->turn);
    ev->kind = kind;
    ev->now_ms = turn_now_ms(&a->turn);
    ev->wall_ms = turn_wall_ms();
    if (key)
        ev->key = *key;
    return ev;
}

void agent_inside_warn(void *arg, const struct err *err)
{
    struct agent *a = arg;
    warnings_error(&a->warnings, err);
}

void agent_inside_complain(struct agent *a, const char *text)
{
    struct err err = {0};
    err_set(&err, ERR_PROTOCOL, "%s", text);
    warnings_error(&a->warnings, &err);
}

void agent_inside_send(void *arg, const struct message *m)
{
    struct agent *a = arg;
    if (!a->link || !link_is_up(a->link))
        return;
    buf_clear(&a->text);
    message_print(&a->text, m);
    if (m->type == MESSAGE_ENDED)
        LOG(LOG_INFO, "attempt.ended", log_text("sweep", m->sweep),
            log_int("trial", (int64_t)m->trial), log_int("attempt", (int64_t)m->attempt),
            log_text("cause", m->cause), log_int("code", (int64_t)m->code));
    const char *text;
    if (buf_finish(&a->text, &text) == 0)
        link_send(a->link, text, a->text.len);
    else
        link_close(a->link, "a message is larger than a frame can be");
}
