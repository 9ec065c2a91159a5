/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the files of one attempt take of the disk, and what can be given up of them while nobody
 * takes their content: in the order of these functions. Ends are never given up: their block is
 * reserved. Files keep their sizes, since training appends to them: space is freed by holes. */
#include "agent/metrics/spool_gaps.h"

enum {
    SPOOL_ROOM_KEPT_BYTES = 128 << 10, /* of a stream, before and after what is given up */
    SPOOL_ROOM_LOG_BYTES = 64 << 10,   /* of the beginning of a log */
};

/* log: its path without suffix. */
uint64_t spool_room_used(const char *dir, const char *log);
/* The middle of the log: its beginning and its end stay. Returns the bytes freed, as the next. */
uint64_t spool_room_drop_log(const char *log);
/* The bytes of a stream before the offset, which are durable at the controller. base: the offset of
 * the file's first byte. */
uint64_t spool_room_drop_sent(const char *dir, const char *file, uint64_t base, uint64_t offset);
/* How many bytes of lines can be given up from *from on, which moves behind earlier gaps there. */
uint64_t spool_room_lines_left(const char *dir, const char *file, uint32_t stream, uint64_t base,
                               uint64_t *from);
/* The oldest lines of gap->stream from gap->from on, about `want` bytes; fills in the gap and
 * records it. gap->to == gap->from: nothing can be given up. */
NODISCARD int spool_room_drop_lines(const char *dir, const char *file, uint64_t base, uint64_t want,
                                    struct spool_gap *gap, struct err *err);
