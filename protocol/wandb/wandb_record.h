/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A record of wandb's file run-ID.wandb (wandb_file.h): a message of protocol buffers, of which what is
 * malformed is left out. A record points into the bytes that it was read from. */
#include "base/value.h"

enum wandb_record_kind {
    WANDB_RECORD_OTHER,
    WANDB_RECORD_RUN,        /* its names, and the configuration that it began with */
    WANDB_RECORD_CONFIG,     /* changes it */
    WANDB_RECORD_SUMMARY,    /* changes it */
    WANDB_RECORD_HISTORY,    /* one row */
    WANDB_RECORD_OUTPUT,     /* a piece of stdout or stderr */
    WANDB_RECORD_STATS,      /* a sample of the machine */
    WANDB_RECORD_FILES,      /* of the run's folder, to be kept */
    WANDB_RECORD_TELEMETRY,  /* the versions of Python and of the client */
    WANDB_RECORD_PREEMPTING, /* the run will be cut short */
    WANDB_RECORD_EXIT,
};

struct wandb_record {
    enum wandb_record_kind kind;
    const unsigned char *at, *end;
};

struct wandb_record wandb_record_read(const void *bytes, size_t len);

/* Of a run, in the arena: NULL where it is not said. */
struct wandb_record_run {
    const char *id, *entity, *project, *display, *notes, *group, *job, *sweep, *host;
    const char *commit, *remote;
    struct value *tags; /* texts */
    double started;     /* seconds since 1970; 0: unknown */
};
/* config: a dict that its configuration is put into; NULL: it is left out. */
void wandb_record_run(struct arena *a, const struct wandb_record *r, struct value *config,
                      struct wandb_record_run *ret);

/* Applies the changes of a CONFIG or SUMMARY, at most `max` names at the top level. */
void wandb_record_apply(struct arena *a, const struct wandb_record *r, struct value *root,
                        size_t max);
struct value *wandb_record_row(struct arena *a, const struct wandb_record *r); /* of HISTORY */

struct wandb_record_output {
    bool err;
    double at; /* seconds since 1970 */
    const char *text;
    size_t len;
};
struct wandb_record_output wandb_record_output(const struct wandb_record *r);
/* A dict of what was measured, and when. */
struct value *wandb_record_stats(struct arena *a, const struct wandb_record *r, double *ret_at);
/* A list of names. */
struct value *wandb_record_files(struct arena *a, const struct wandb_record *r);
void wandb_record_telemetry(struct arena *a, const struct wandb_record *r, const char **ret_python,
                            const char **ret_client);
int wandb_record_exit(const struct wandb_record *r);
