/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The records of a file run-ID.wandb (wandb_record.h) as the requests that wandb's client makes of them
 * when it reaches a server: UpsertBucket, bodies of file_stream in pieces, files to be uploaded. All
 * can be made again without harm. Artifacts and alerts are left out. */
#include "base/buf.h"
#include "protocol/wandb/wandb_record.h"

enum { WANDB_REPLAY_PIECE_BYTES = 1 << 20 };

struct wandb_replay_handler {
    /* The body of an UpsertBucket; then those of file_stream, in order. */
    void (*upsert)(void *arg, const char *body, size_t len);
    void (*stream)(void *arg, const char *body, size_t len);
    void (*file)(void *arg, const char *name); /* in the folder `files`, to be uploaded */
    void *arg;
};

struct wandb_replay_options {
    /* Instead of those in the file; NULL: theirs. */
    const char *entity, *project, *id, *sweep;
    const char *fallback_entity, *fallback_project; /* where the file names none */
    uint64_t first; /* the number of the file's first row in the run's history */
    uint64_t rows;  /* those with a number below it are there */
};

struct wandb_replay {
    struct wandb_replay_options options;
    struct wandb_replay_handler handler;
    struct arena kept, a; /* a: of one record */
    size_t kept_bytes;
    struct wandb_record_run run;
    const char *python, *client;
    struct value *config, *summary, *files;
    bool begun, changed; /* changed: the configuration, since the last UpsertBucket */
    bool exited, preempting;
    int code;
    uint64_t row, events, lines;                /* the numbers of the next ones */
    uint64_t row_from, events_from, lines_from; /* of the first that waits below */
    struct buf rows, samples, output;           /* JSON texts, with commas between them */
    struct buf line[2];                         /* of stdout and stderr, not ended yet */
};

void wandb_replay_init(struct wandb_replay *r, const struct wandb_replay_options *options,
                       const struct wandb_replay_handler *handler);
void wandb_replay_record(struct wandb_replay *r, const void *record, size_t len);
/* The rest, of which the last request ends the run. code: where the file does not say how it ended. */
void wandb_replay_end(struct wandb_replay *r, int code);
void wandb_replay_done(struct wandb_replay *r);
