/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The warnings of an agent for a person, each text once. */
#include "agent/core/agent_state.h"

struct warnings {
    struct map said; /* each text -> not NULL */
    void (*warned)(void *arg, const char *text);
    void *arg;
};

void warnings_init(struct warnings *w, void (*warned)(void *arg, const char *text), void *arg);
void warnings_done(struct warnings *w);
/* Reports an error that repeats, such as a metrics file that cannot be read, only once. */
void warnings_error(struct warnings *w, const struct err *err);
/* Reports an error that many trials have only for the first one. */
void warnings_trial(struct warnings *w, const struct agent_key *key, const char *what);
