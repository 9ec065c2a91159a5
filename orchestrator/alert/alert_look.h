/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What deserves attention at one moment, noted in a book of alerts: of agents and sweeps as the controller knows
 * them, and of sweeps as a thread has read them. Judges nothing itself: see orchestrator/core/reasons/. */
#include "orchestrator/core/reasons/alert_book.h"
#include "orchestrator/driver.h"

enum { ALERT_LOOK_HOLD_MS = 60000 /* of what often passes by itself: agents that are away, … */ };

struct alert_look {
    struct alert_book *book;
    const char *page;        /* see alert_message.h; may be NULL */
    const char *sweep;       /* this one alone; NULL: all */
    int64_t now_ms, time_ms; /* steady, and since 1970 */
    struct arena *arena;
};

bool alert_look_minds(const struct alert_look *l, const char *sweep);
/* Each returns false if the book has no room for some of it. */
bool alert_look_fleet(const struct alert_look *l, const struct driver *driver);
/* agents: as controller_agent_list() has them. A message leaves out those that are still away and that
 * an earlier one has named. */
bool alert_look_agents(const struct alert_look *l, const struct books *books,
                       const struct value *agents);
/* alerts: of this running sweep, as view_pace() has them. */
bool alert_look_pace(const struct alert_look *l, const struct book_sweep *s,
                     const struct value *alerts);
/* s: a sweep that has ended, as view_sweep() has it. */
bool alert_look_end(const struct alert_look *l, const struct value *s);
