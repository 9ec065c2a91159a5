/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The file run-ID.wandb that wandb's client writes, whether or not it reaches a server: the log format of
 * LevelDB (blocks of 32 KiB, records with a CRC-32, cut into pieces where a block ends) behind a head
 * of seven bytes, and in each record a message (wandb_record.h). A file that ends in the middle, as of a
 * killed client, is read up to there. */
#include "base/buf.h"

enum { WANDB_FILE_BLOCK_BYTES = 32 << 10 };

struct wandb_file {
    struct buf record; /* the pieces so far */
    bool begun;        /* the head was read */
    bool is_one;       /* and is that of such a file */
    bool damaged;      /* what follows cannot be read */
};

void wandb_file_init(struct wandb_file *f);
void wandb_file_done(struct wandb_file *f);
/* The next block of the file, whole but for the last one. Calls fn with each record that ends in it. */
void wandb_file_block(struct wandb_file *f, const void *bytes, size_t len,
                      void (*fn)(void *arg, const void *record, size_t len), void *arg);
