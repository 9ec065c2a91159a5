/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Metric points: the content of lines of the metrics file (docs/guide/metrics.md). A batch is
 * parsed once, when it arrives. Knows nothing of attempts or of how points are stored. */
#include <stdint.h>
#include "base/limits.h"
#include "base/value.h"

struct map;

#define POINT_NO_STEP INT64_MIN /* before the first point */

struct point {
    int64_t step;
    int64_t time_ms;
    size_t n;
    const char *const *keys; /* flattened by '.'; each key once (the last wins) */
    const double *values;
};

struct points {
    struct point *items;
    size_t n;
    size_t bad;      /* lines that are not a JSON object, hold no metric, break a limit, or have a
                        name twice: only these give a point, with the last value */
    size_t dropped;  /* values whose names were more than LIMIT_METRIC_KEYS */
    size_t too_long; /* lines that were left out of the text for their length, as its reader says */
    size_t bad_line; /* the first bad line: its number in the text, from 1; 0: none */
    bool bad_twice;  /* it has a name twice */
};

/* The names that an attempt may report: those it has reported, the metric of its sweep, and new
 * ones until it has LIMIT_METRIC_KEYS. */
struct point_names {
    const struct map *known; /* name -> anything; NULL: none */
    const char *own;         /* the metric of the sweep; may be NULL */
};

/* The most bytes that a chunk (orchestrator/store/chunk.h) needs for a point, a name, and a value,
 * and for all points of one points_parse(). Any single line fits. */
enum {
    POINTS_BYTES_MAX = 12 << 20,
    POINT_BYTES = 20,
    POINT_NAME_BYTES = 16,
    POINT_VALUE_BYTES = 13
};

/* Reads the lines of text; a line without a step gets one more than the line before, the first
 * *next_step, which is left at the step that would follow. Lines without `_time` get time_ms.
 * Returns how many bytes of text it read: all, or the lines up to POINTS_BYTES_MAX. */
size_t points_parse(struct arena *a, const char *text, size_t len, int64_t time_ms,
                    const struct point_names *names, int64_t *next_step, struct points *ret);
/* The value of key in p, if it is there. */
bool point_find(const struct point *p, const char *key, double *ret);
/* {"step":3,"time":…,"attempt":1,"metrics":{"loss":0.5}} as `besom metrics` prints it. */
struct value *point_value(struct arena *a, const struct point *p, uint32_t attempt);
