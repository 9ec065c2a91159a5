/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What an agent tells a person, each text once. */
#include "agent/core/agent_state.h"

struct warnings {
    struct map said; /* each text -> not NULL */
    void (*warned)(void *arg, const char *text);
    void *arg;
};

void warnings_init(struct warnings *w, void (*warned)(void *arg, const char *text), void *arg);
void warnings_done(struct warnings *w);
/* What fails at each look, as a metrics file that cannot be read, is said once. */
void warnings_error(struct warnings *w, const struct err *err);
/* What happens trial after trial is said of the first alone. */
void warnings_trial(struct warnings *w, const struct agent_key *key, const char *what);
