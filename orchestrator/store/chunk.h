/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Metric points as a column store: names once, steps and times as differences, values by byte
 * plane, all compressed and checksummed. Values are restored bit for bit (a NaN as some NaN), each
 * point's keys in the order of their first occurrence in the chunk. docs/STORE.md is the format.
 * Knows no SQL. */
#include "base/buf.h"
#include "sweep/point.h"

/* The largest size of a chunk's content before compression: the result of points_parse() fits. */
enum { CHUNK_BYTES_MAX = POINTS_BYTES_MAX };

struct chunk_codec;

struct chunk_codec *chunk_codec_new(void);
void chunk_codec_free(struct chunk_codec *c);
/* Adds the encoded points to out; ERR_LIMIT if there are too many for one chunk. */
NODISCARD int chunk_encode(struct chunk_codec *c, const struct points *ps, struct buf *out,
                           struct err *err);
/* ERR_DAMAGED if data was not made by chunk_encode(). ret->bad is left at 0. */
NODISCARD int chunk_decode(struct chunk_codec *c, struct arena *a, const void *data, size_t len,
                           struct points *ret, struct err *err);

/* Some metrics of a chunk, as columns in the arena. */
struct chunk_columns {
    size_t n;                        /* points */
    const int64_t *steps, *times_ms; /* of each point */
    double *const *values;           /* of each name: of each point */
    bool *const *has;                /* of each name: whether the point has it */
};

/* Much faster than all points, where few names are wanted; each name once. */
NODISCARD int chunk_decode_columns(struct chunk_codec *c, struct arena *a, const void *data,
                                   size_t len, const char *const *names, size_t names_n,
                                   struct chunk_columns *ret, struct err *err);
