/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What wandb logged in an attempt, as lines of its metrics file. Each has the number of its row in the
 * history, from 0, so that a row is written once, whichever process of the agent gets it. Blocks on
 * files. */
#include "agent/wandb/wandb_access.h"
#include "base/buf.h"
#include "base/map.h"

struct wandb_lines {
    uint64_t rows;     /* of the history that are written, or hold no metric */
    int64_t last_step; /* -1: none */
    bool torn;         /* a write ended within a line */
    struct map names;  /* of its metrics, at the top level */
};

/* The metrics file, to append to; -1 and errno. dir: the agent's. */
int wandb_lines_open(const char *dir, const struct agent_key *key);
/* Finds out what an earlier process of the agent has written to the file. */
void wandb_lines_init(struct wandb_lines *l, int fd);
void wandb_lines_done(struct wandb_lines *l);
/* Adds a row to what is to be written; line: of protocol/wandb/wandb_stream.h. */
void wandb_lines_add(struct wandb_lines *l, struct buf *out, uint64_t row,
                     const struct value *line);
void wandb_lines_know(struct wandb_lines *l, const struct value *line); /* its row is written */
/* Writes it and clears it; false where the disk has no room. */
bool wandb_lines_write(struct wandb_lines *l, int fd, struct buf *out);
/* Writes what the summary (a line; NULL: none) has and no row had, as metrics of the last step. */
bool wandb_lines_summarise(struct wandb_lines *l, int fd, const struct value *summary);
