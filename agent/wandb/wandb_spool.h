/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What wandb's client sent of the run of an attempt, kept until the controller has it: a folder
 * DIR/wandb-runs/SWEEP-TRIAL-ATTEMPT with `frames`, to which each request is appended, `sent`, up to
 * where it was forwarded, and a file for each upload. It does not depend on the attempt's directory. Blocks
 * on files. One writes and one reads; both may have it open at once. */
#include "agent/core/agent_step.h"
#include "base/arena.h"
#include "base/err.h"
#include "net/tls/digest.h"

#define WANDB_SPOOL_DIR "wandb-runs"

enum wandb_frame_kind {
    WANDB_FRAME_CALL = 'c',    /* the body of a request to /graphql */
    WANDB_FRAME_STREAM = 's',  /* the path of a file_stream, and its body */
    WANDB_FRAME_FILE = 'f',    /* a struct wandb_upload as JSON */
    WANDB_FRAME_END = 'e',     /* nothing follows */
    WANDB_FRAME_DROPPED = 'x', /* for want of space */
};

struct wandb_spool {
    char *dir; /* its folder; NULL: closed */
    int fd;
    uint64_t size; /* of whole frames */
    bool ended;    /* the last one is WANDB_FRAME_END */
    bool complete; /* the last request told the end of the run; of the writer */
};

struct wandb_frame {
    enum wandb_frame_kind kind;
    const char *path; /* of a STREAM; else "" */
    const char *body; /* NUL-terminated */
    size_t len;
    uint64_t next; /* where the next one begins */
};

char *wandb_spool_folder(struct arena *a, const char *dir, const struct agent_key *key);
/* create: to write, and makes it where it is missing. 0, ERR_NOT_FOUND or ERR_IO. */
NODISCARD int wandb_spool_open(struct wandb_spool *s, const char *dir, const struct agent_key *key,
                               bool create);
/* Finds what was appended since by another: whole frames, as a process may have been killed within one. */
void wandb_spool_measure(struct wandb_spool *s);
void wandb_spool_close(struct wandb_spool *s);

/* Appends a frame; ERR_FULL where the disk has no room. */
NODISCARD int wandb_spool_add(struct wandb_spool *s, enum wandb_frame_kind kind, const char *path,
                              const char *body, size_t len);
/* An upload: `file` is a name in the folder. */
struct wandb_upload {
    const char *entity, *project, *name, *file;
    uint64_t size;
    struct digest digest;
};
NODISCARD int wandb_spool_add_file(struct wandb_spool *s, const struct wandb_upload *upload);
/* False where the frame is none of an upload. Its texts are in the arena. */
bool wandb_spool_read_file(struct arena *a, const struct wandb_frame *frame,
                           struct wandb_upload *ret);
/* The path of a file_stream, decoded. */
char *wandb_spool_stream_path(struct arena *a, const char *entity, const char *project,
                              const char *run);
/* A name in the folder for the next upload, and its absolute path. */
char *wandb_spool_file(struct arena *a, const struct wandb_spool *s, const char **ret_path);

/* The frame at an offset; false where there is none, or it is damaged: then the rest is. */
bool wandb_spool_read(const struct wandb_spool *s, struct arena *a, uint64_t at,
                      struct wandb_frame *ret);
/* The same without path and body. */
bool wandb_spool_look(const struct wandb_spool *s, uint64_t at, struct wandb_frame *ret);
uint64_t wandb_spool_sent(const struct wandb_spool *s);
/* What is before the offset was forwarded: its space is given back. */
void wandb_spool_forget(const struct wandb_spool *s, uint64_t from, uint64_t to);
/* Gives up a frame, and returns how many bytes that frees. */
uint64_t wandb_spool_drop(const struct wandb_spool *s, struct arena *a, uint64_t at);
/* The run is open from its UpsertBucket until it is complete: path is that of its file_stream, and NULL
 * says that it is complete. */
void wandb_spool_set_open(const struct wandb_spool *s, const char *path);
/* That path, in the arena; NULL where the attempt has no open run. */
const char *wandb_spool_open_run(struct arena *a, const char *dir, const struct agent_key *key);
void wandb_spool_remove(struct wandb_spool *s); /* and closes it */
