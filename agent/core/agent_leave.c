/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/core/agent_leave.h"

#include "agent/core/agent_hello.h"
#include "agent/core/agent_launch.h"

static void leave_all(struct agent_core *c, const struct agent_event *ev, struct agent_effects *out)
{
    void *value;
    for (size_t at = 0; map_next(&c->entries, &at, &value);)
        agent_launch_leave(c, value, c->hurried, ev, out);
}

void agent_leave_begin(struct agent_core *c, enum agent_leave why, const struct agent_event *ev,
                       struct agent_effects *out)
{
    bool again = c->leaving == AGENT_INTERRUPTED || c->leaving == AGENT_PREEMPTED;
    if (why == AGENT_DRAINED && c->leaving != AGENT_STAYS)
        return;
    int64_t wait_ms = again ? AGENT_HURRY_MS : c->grace_ms + AGENT_LEAVE_SLACK_MS;
    if (!again || ev->now_ms + wait_ms < c->leave_by_ms)
        c->leave_by_ms = why == AGENT_DRAINED ? INT64_MAX : ev->now_ms + wait_ms;
    c->hurried = again;
    if (!again)
        c->leaving = why;
    if (why == AGENT_DRAINED)
        return;
    if (!again && c->welcomed)
        agent_hello_send(c, out); /* it offers no slot any more */
    leave_all(c, ev, out);
}

/* Without a link, the ends wait in the attempts' directories for the next agent. */
bool agent_leave_is_over(const struct agent_core *c, int64_t now_ms)
{
    void *value;
    if (c->leaving == AGENT_STAYS)
        return false;
    if (c->entries.live == 0 || now_ms >= c->leave_by_ms)
        return true;
    if (c->linked || c->leaving == AGENT_DRAINED)
        return false;
    for (size_t at = 0; map_next(&c->entries, &at, &value);)
        if (((const struct agent_entry *)value)->process.state != AGENT_PROCESS_NONE)
            return false;
    return true;
}
