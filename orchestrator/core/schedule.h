/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The unfinished sweeps in the order in which they get free slots, the ready configurations of
 * each before they become trials, and the sweeps that changed since the controller last checked
 * them. An index over the books: it need not be stored. Must not know agents or messages. */
#include "base/heap.h"
#include "base/map.h"
#include "orchestrator/core/books.h"

struct schedule_proposal { /* owns its data */
    struct schedule_proposal *next;
    struct arena arena;
    uint64_t cursor, known;
    const struct value *params, *why;
};

struct schedule_sweep {
    char id[16];
    uint64_t order;   /* of creation: the first of equals comes first */
    bool admitted;    /* its trials may be launched here */
    bool kept;        /* and another process, which had handed it over, left it to this one */
    uint32_t asked;   /* configurations that are being proposed */
    int64_t asked_ms; /* since then */
    int64_t think_ms; /* how long the strategy took for one, the last time */
    int64_t trial_ms; /* how long an attempt runs: an average that follows the latest; 0: unknown */
    char well_on[64]; /* the agent that last ran an attempt well; "": none */
    uint64_t well_n;  /* attempts that ran well here */
    uint32_t forgiven;          /* quick failures in a row that a cordoned host is to blame for */
    const struct value *barred; /* as in struct fleet_need: controller_bar.h */
    struct arena barred_kept;   /* its data */
    bool stale;         /* the configurations being proposed are for the spec before an edit, or the
                         * sweep before its end */
    bool exhausted;     /* the strategy has no more */
    uint64_t most;      /* how many trials this process may run, including those that run now; 0: no
                       * bound */
    uint64_t ended_n;   /* trials that have ended here */
    uint32_t ready_n;   /* configurations that wait for a slot */
    uint32_t elsewhere; /* pending trials that wait for another agent: controller_elsewhere.h */
    struct schedule_proposal *ready, **ready_end;
    uint32_t class;   /* what its trials need, by the fleet's number; 0: not known yet */
    uint32_t size;    /* slots of each of its trials */
    uint64_t slots;   /* slots of its running trials */
    uint64_t running; /* the keys of its order when it was placed: its slots … */
    int64_t priority;
    double weight;
    struct heap_item turn; /* in `turns` while it has, or awaits, a trial that it may launch */
    /* In a pass over the free slots: places kept for its configurations that are being proposed,
     * and whether it is in the list of those to be placed again. */
    uint32_t reserved;
    bool aside;
    struct schedule_sweep *next_aside;
    int64_t deadline_ms;       /* when its budget of time is spent, on the steady clock */
    struct heap_item deadline; /* in `deadlines` while it has one that has not come */
    bool spent;                /* its budget of time is, and its trials were asked to end */
    bool touched;
    struct schedule_sweep *next_touched;
    bool ended; /* in the list of those that have */
    int64_t ended_ms;
    struct schedule_sweep *next_ended;
};

struct schedule {
    struct map sweeps; /* id -> struct schedule_sweep * */
    struct heap turns;
    struct heap deadlines;
    struct schedule_sweep *touched;
    struct schedule_sweep *ended, **ended_end; /* the first to end is the first */
    uint64_t order;
    struct schedule_sweep *aside; /* NULL between passes over the free slots */
};

void schedule_init(struct schedule *s);
void schedule_done(struct schedule *s);
struct schedule_sweep *schedule_find(const struct schedule *s, const char *id); /* NULL if none */
struct schedule_sweep *schedule_add(struct schedule *s, const char *id);

/* Notes how long an attempt ran, by an agent's word. */
void schedule_note_run(struct schedule_sweep *sweep, int64_t ran_ms);
/* Notes that it has changed. */
void schedule_touch(struct schedule *s, struct schedule_sweep *sweep);
void schedule_touch_all(struct schedule *s);
/* Removes and returns a changed sweep; NULL if none is left. */
struct schedule_sweep *schedule_next_touched(struct schedule *s);

/* Updates its place among the sweeps that wait for a slot: by priority, then by how much of its
 * share of the slots by weight it has, then by age. waits: it may launch a trial, and has one or can
 * have one proposed. */
void schedule_place(struct schedule *s, struct schedule_sweep *sweep, const struct book_sweep *book,
                    bool waits);
struct schedule_sweep *schedule_first(const struct schedule *s);
/* In a pass over the free slots: a place is kept for the first sweep, whose configurations are
 * still being proposed, as if a trial of it ran there. With `most` places it waits for no more. */
void schedule_reserve(struct schedule *s, struct schedule_sweep *sweep, uint64_t most);
/* In a pass: nothing more is launched for it. */
void schedule_set_aside(struct schedule *s, struct schedule_sweep *sweep);
/* At the end of the pass: removes and returns a sweep for which places were kept, or that was set
 * aside, to be placed again; NULL if none. */
struct schedule_sweep *schedule_next_aside(struct schedule *s);

/* Notes when its budget of time is spent; INT64_MAX: never, as things stand. The first of them; NULL
 * if none. */
void schedule_set_deadline(struct schedule *s, struct schedule_sweep *sweep, int64_t deadline_ms);
struct schedule_sweep *schedule_first_deadline(const struct schedule *s);

/* It has ended, and no trial of it is left to run. The first that has; NULL if none. */
void schedule_end(struct schedule *s, struct schedule_sweep *sweep, int64_t now_ms);
struct schedule_sweep *schedule_first_ended(const struct schedule *s);
/* It has trials to run again: it is no longer among those that have ended. */
void schedule_revive(struct schedule *s, struct schedule_sweep *sweep);
/* Forgets the first that has ended. */
void schedule_drop_ended(struct schedule *s);

/* The first keeps a copy of a configuration until it is taken; the second drops all of them. */
void schedule_keep(struct schedule_sweep *sweep, uint64_t cursor, uint64_t known,
                   const struct value *params, const struct value *why);
struct schedule_proposal *schedule_take(struct schedule_sweep *sweep); /* the caller frees it */
void schedule_proposal_free(struct schedule_proposal *p);
void schedule_drop_ready(struct schedule_sweep *sweep);
