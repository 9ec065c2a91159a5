/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What `besom watch` and `besom top` have read, as the documents of orchestrator/view/view_answer.h.
 * A part that was not read, or that a controller does not have, is NULL. Values alone. */
#include "base/value.h"

struct watch_data {
    struct arena arena;         /* of all parts */
    double now;                 /* by the wall clock, when it was read */
    const char *clock;          /* the same as the viewer reads it: "12:44:20 CET" */
    const struct value *sweeps; /* all of them, the oldest first */
    const struct value
        *others;       /* besides the one that is shown: those that run first, then the newest */
    int64_t sweeps_of; /* how many there are */
    /* Of sweeps in the lists: id -> {"line","left","hours","hours_of"} of its pace, {"by","at"}: who paused it, and
     * when, {"state","read","took"} of this reading. */
    const struct value *told;
    const struct value *sweep;         /* the one that is shown, whole */
    const struct value *pace;          /* its rate, what is left, causes, alerts */
    const struct value *names;         /* of its parameters and metrics */
    const struct value *trials;        /* rows, in the order asked for */
    uint64_t trials_from, trials_more; /* the place of the first; whether there are more: 0 or 1 */
    const struct value *curves;        /* number -> list of values */
    const struct value *agents, *fleet;
    const struct value *alerts; /* of agents */
    const struct value *trial;  /* the chosen one, whole */
    const char *log;            /* the last lines of it */
    const char *explained;      /* why it is as it is */
    const char *suspect;        /* what trials that failed like it have in common */
    int64_t suspect_of;         /* trials of the sweep that had ended then */
    const char *paused;         /* why the sweep is, and how it continues */
    const char *waits;          /* what the sweep waits for */
    const char *trouble;        /* why it could not be read again */
};

/* The place of a trial among the rows; the number of rows if it is not there. */
size_t watch_data_place(const struct watch_data *d, uint64_t number);
/* "minimize" is false. */
bool watch_data_is_maximize(const struct watch_data *d);
