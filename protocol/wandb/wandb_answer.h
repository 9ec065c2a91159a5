/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Answers to wandb's clients, as GraphQL documents: {"data":…} or {"errors":[…]}. Built with more
 * fields than any one client asks for. */
#include "base/value.h"

struct wandb_answer_run {
    const char *id; /* NULL: its name */
    const char *entity, *project;
    const char *name;    /* the run's id */
    const char *display; /* the name that people see */
    const char *sweep;   /* NULL: outside of sweeps */
    const char *config;  /* JSON text: {NAME:{"value":…}} */
    uint64_t rows;       /* of its history */
    bool known;          /* it was there before */
};

/* Who asks: the answer to Viewer and its kin. */
struct value *wandb_answer_viewer(struct arena *a, const char *entity);
struct value *wandb_answer_features(struct arena *a); /* none beyond the oldest */
struct value *wandb_answer_upsert_bucket(struct arena *a, const struct wandb_answer_run *run);
/* What a run that continues begins with; JSON as text, NULL: nothing. */
struct wandb_answer_past {
    const char *summary;               /* an object */
    const char *last_row, *last_event; /* objects: the last lines of these streams */
    const char *tags;                  /* a list */
    const char *notes;
    const char *telemetry; /* an object: `t` of the configuration's _wandb */
    uint64_t events, log;  /* lines */
    bool begun;            /* else it was only planned, and does not exist for the client */
};
/* RunResumeStatus; run is NULL if it does not exist yet. */
struct value *wandb_answer_resume(struct arena *a, const struct wandb_answer_run *run,
                                  const struct wandb_answer_past *past);
struct value *wandb_answer_rewind(struct arena *a, const struct wandb_answer_run *run);
/* {"data":{NAME:{"success":true}}} */
struct value *wandb_answer_success(struct arena *a, const char *name);
struct value *wandb_answer_stopped(struct arena *a, bool stopped); /* RunStoppedStatus */
/* Final for the client: it does not try again. */
struct value *wandb_answer_error(struct arena *a, const char *text);
