/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the controller's files share among themselves; nobody else includes it. */
#include "orchestrator/core/controller.h"

struct controller_agent {
    char name[64];
    uint32_t link; /* 0: away */
    uint32_t slots;
    int64_t away_ms; /* since when it is away */
};

/* What is known of a sweep's proposals beyond the books: nothing here has to survive. */
struct controller_proposals {
    uint32_t asked;
    bool exhausted;
};

/* Folds the fact into the books and emits it. A fact that does not fit the books is a bug. */
void controller_record(struct controller *c, const struct event *ev, struct effects *out,
                       struct fact *f);
struct controller_agent *controller_agent_of_link(const struct controller *c, uint32_t link);
/* The agent an attempt runs on; made, as away, where it has not been heard of. */
struct controller_agent *controller_agent_get(struct controller *c, const char *name);

void controller_hello(struct controller *c, const struct event *ev, struct effects *out);
void controller_send_launch(struct controller *c, const struct controller_agent *agent,
                            const struct book_sweep *s, const struct book_trial *t,
                            struct effects *out);
/* Asks a running attempt to end for this reason, and its agent to see to it. */
void controller_stop_attempt(struct controller *c, const struct event *ev, struct book_sweep *s,
                             struct book_trial *t, enum trial_reason why, struct effects *out);
void controller_metrics(struct controller *c, const struct event *ev, struct effects *out);
void controller_ended(struct controller *c, const struct event *ev, struct effects *out);
/* Ends an attempt in the books, deciding what becomes of its trial. */
void controller_end_attempt(struct controller *c, const struct event *ev, struct book_sweep *s,
                            struct book_trial *t, enum trial_reason reason, const struct fact *how,
                            struct effects *out);

void controller_create(struct controller *c, const struct event *ev, struct effects *out);
void controller_proposed(struct controller *c, const struct event *ev, struct effects *out);
void controller_command(struct controller *c, const struct event *ev, struct effects *out);
void controller_schedule(struct controller *c, const struct event *ev, struct effects *out);
void controller_set_sweep(struct controller *c, const struct event *ev, struct book_sweep *s,
                          enum sweep_state state, enum trial_reason reason, const char *text,
                          struct effects *out);
