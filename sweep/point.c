/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/point.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/map.h"
#include "base/utf8.h"
#include "sweep/scan.h"

/* A reader besides base/json, because this is the hot path of every metric: a batch is 128 KiB of
 * short lines, all with the same names. It builds no tree; a name is looked up once for all lines.
 */

struct name {
    const char *text;
    size_t len;
    size_t line; /* the last line that had it, from 1 */
    size_t at;   /* its place in that line's point */
    bool added;  /* it counts against LIMIT_METRIC_KEYS */
};

struct reader {
    struct arena *a;
    struct scan scan; /* the line */
    struct name *names;
    size_t names_n, names_cap;
    uint32_t *index; /* open addressing: 1 + place in names */
    size_t index_cap;
    const struct point_names *may;
    size_t room;     /* names that may be added */
    struct buf path; /* flattened name so far */
    uint32_t *ids;   /* the names of this line's metrics, and their values */
    double *values;
    size_t n, cap;
    size_t line;
    size_t dropped; /* values of this line beyond the limit */
    size_t members; /* members of its object */
    bool has_step, has_time, bad_step, twice;
    int64_t step;
    double time;
    uint32_t *last_ids; /* the names of the last point, as ids and as its keys */
    const char *const *last_keys;
    size_t last_n;
};

enum { INDEX_MIN = 64, ITEMS_MIN = 16 };

static void *grow_items(struct arena *a, const void *old, size_t n, size_t cap, size_t item)
{
    void *p = arena_alloc(a, cap * item);
    if (n)
        memcpy(p, old, n * item);
    return p;
}

static uint32_t hash_name(const char *s, size_t len)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)s[i]) * 16777619u;
    return h ^ h >> 15;
}

static void index_names(struct reader *r)
{
    r->index_cap = r->index_cap ? 2 * r->index_cap : INDEX_MIN;
    r->index = arena_alloc(r->a, r->index_cap * sizeof *r->index);
    for (size_t i = 0; i < r->names_n; i++) {
        size_t slot = hash_name(r->names[i].text, r->names[i].len) & (r->index_cap - 1);
        while (r->index[slot])
            slot = (slot + 1) & (r->index_cap - 1);
        r->index[slot] = (uint32_t)(i + 1);
    }
}

static bool name_is(const struct name *n, const char *s, size_t len)
{
    return n->len == len && memcmp(n->text, s, len) == 0;
}

/* Removes the names from the n-th on, which belong to a bad line. They were entered last, so no
 * search for other names passes their slots. */
static void names_forget(struct reader *r, size_t n)
{
    while (r->names_n > n) {
        const struct name *name = &r->names[--r->names_n];
        size_t slot = hash_name(name->text, name->len) & (r->index_cap - 1);
        while (r->index[slot] != r->names_n + 1)
            slot = (slot + 1) & (r->index_cap - 1);
        r->index[slot] = 0;
        r->room += name->added;
    }
}

static bool is_own(const struct reader *r, const char *s, size_t len)
{
    return r->may->own && strlen(r->may->own) == len && memcmp(r->may->own, s, len) == 0;
}

static bool is_known(const struct reader *r, const char *s, size_t len)
{
    return r->may->known && map_find(r->may->known, s, len);
}

/* How many names may be added; one place is kept for the sweep's own metric. */
static size_t names_room(const struct point_names *may)
{
    size_t taken = may->known ? may->known->live : 0;
    if (may->own && !(may->known && map_find(may->known, may->own, strlen(may->own))))
        taken++;
    return taken < LIMIT_METRIC_KEYS ? LIMIT_METRIC_KEYS - taken : 0;
}

/* The place of the name in r->names, or -1 if there are too many names. */
static long name_intern(struct reader *r, const char *s, size_t len)
{
    if (r->n < r->last_n && name_is(&r->names[r->last_ids[r->n]], s, len))
        return (long)r->last_ids[r->n];
    if (2 * (r->names_n + 1) > r->index_cap)
        index_names(r);
    size_t slot = hash_name(s, len) & (r->index_cap - 1);
    for (; r->index[slot]; slot = (slot + 1) & (r->index_cap - 1))
        if (name_is(&r->names[r->index[slot] - 1], s, len))
            return (long)r->index[slot] - 1;
    bool added = !is_own(r, s, len) && !is_known(r, s, len);
    if (added && r->room == 0)
        return -1;
    if (r->names_n == r->names_cap) {
        r->names_cap = r->names_cap ? 2 * r->names_cap : ITEMS_MIN;
        r->names = grow_items(r->a, r->names, r->names_n, r->names_cap, sizeof *r->names);
    }
    r->names[r->names_n++] =
        (struct name){.text = arena_strndup(r->a, s, len), .len = len, .added = added};
    r->room -= added;
    r->index[slot] = (uint32_t)r->names_n;
    return (long)r->names_n - 1;
}

static void add_metric(struct reader *r, const char *s, size_t len, double value)
{
    long id = name_intern(r, s, len);
    if (id < 0) {
        r->dropped++;
        return;
    }
    struct name *name = &r->names[id];
    if (name->line == r->line) {
        r->twice = true;
        r->values[name->at] = value;
        return;
    }
    if (r->n == r->cap) {
        size_t cap = r->cap ? 2 * r->cap : ITEMS_MIN;
        r->ids = grow_items(r->a, r->ids, r->n, cap, sizeof *r->ids);
        r->values = grow_items(r->a, r->values, r->n, cap, sizeof *r->values);
        r->cap = cap;
    }
    name->line = r->line;
    name->at = r->n;
    r->ids[r->n] = (uint32_t)id;
    r->values[r->n++] = value;
}

enum what { WHAT_BAD, WHAT_OTHER, WHAT_NUMBER, WHAT_INTEGER, WHAT_DICT };

static enum what take_text(struct reader *r, double *ret)
{
    const char *s;
    size_t len;
    bool escaped;
    if (!scan_string(&r->scan, &s, &len, &escaped))
        return WHAT_BAD;
    if (len == 3 && memcmp(s, "NaN", 3) == 0)
        *ret = NAN;
    else if (len == 8 && memcmp(s, "Infinity", 8) == 0)
        *ret = INFINITY;
    else if (len == 9 && memcmp(s, "-Infinity", 9) == 0)
        *ret = -INFINITY;
    else
        return WHAT_OTHER;
    return WHAT_NUMBER;
}

static enum what take_value(struct reader *r, double *ret, int64_t *whole)
{
    bool integer;
    scan_space(&r->scan);
    if (r->scan.p == r->scan.end)
        return WHAT_BAD;
    switch (*r->scan.p) {
    case '"':
        r->scan.p++;
        return take_text(r, ret);
    case '{':
        return WHAT_DICT;
    case '[':
        return scan_skip(&r->scan) ? WHAT_OTHER : WHAT_BAD;
    case 't':
        *ret = 1;
        return scan_word(&r->scan, "true") ? WHAT_NUMBER : WHAT_BAD;
    case 'f':
        *ret = 0;
        return scan_word(&r->scan, "false") ? WHAT_NUMBER : WHAT_BAD;
    case 'n':
        return scan_word(&r->scan, "null") ? WHAT_OTHER : WHAT_BAD;
    case 'N':
        *ret = NAN;
        return scan_word(&r->scan, "NaN") ? WHAT_NUMBER : WHAT_BAD;
    case 'I':
        *ret = INFINITY;
        return scan_word(&r->scan, "Infinity") ? WHAT_NUMBER : WHAT_BAD;
    default:
        if (scan_word(&r->scan, "-Infinity")) {
            *ret = -INFINITY;
            return WHAT_NUMBER;
        }
        if (!scan_number(&r->scan, ret, &integer, whole))
            return WHAT_BAD;
        return integer ? WHAT_INTEGER : WHAT_NUMBER;
    }
}

/* Takes `step` and `_time` of the top level; true if the name is one of them. */
static bool take_own(struct reader *r, const char *s, size_t len, enum what what, double f,
                     int64_t whole)
{
    if (len == 4 && memcmp(s, "step", 4) == 0) {
        if (what == WHAT_NUMBER && fabs(f) < (double)LIMIT_METRIC_STEP && f == trunc(f)) {
            what = WHAT_INTEGER;
            whole = (int64_t)f;
        }
        r->bad_step = what == WHAT_NUMBER;
        r->twice |= r->has_step;
        r->has_step |= what == WHAT_INTEGER;
        r->step = what == WHAT_INTEGER ? whole : r->step;
        return true;
    }
    if (len == 5 && memcmp(s, "_time", 5) == 0) {
        bool fits = (what == WHAT_INTEGER || what == WHAT_NUMBER) && f >= 0 && f < 1e12;
        r->twice |= r->has_time;
        r->has_time |= fits;
        r->time = fits ? f : r->time;
        return true;
    }
    return false;
}

static bool take_dict(struct reader *r, int depth);

static bool take_member(struct reader *r, int depth)
{
    const char *s;
    size_t len, before = r->path.len;
    bool escaped;
    if (!scan_take(&r->scan, '"') || !scan_string(&r->scan, &s, &len, &escaped) ||
        !scan_take(&r->scan, ':'))
        return false;
    bool plain = depth == 0 && !escaped;
    r->members += depth == 0;
    if (!plain) {
        if (depth)
            buf_add(&r->path, ".", 1);
        if (!escaped)
            buf_add(&r->path, s, len);
        else if (!scan_unescape(&r->path, s, len))
            return false;
        s = buf_peek(&r->path);
        len = r->path.len;
    }
    double f = 0;
    int64_t whole = 0;
    enum what what = take_value(r, &f, &whole);
    bool ok = what != WHAT_BAD;
    if (what == WHAT_DICT) {
        if (plain)
            buf_add(&r->path, s, len);
        ok = depth < LIMIT_JSON_DEPTH && take_dict(r, depth + 1);
    } else if (ok && !(depth == 0 && take_own(r, s, len, what, f, whole)) && what != WHAT_OTHER) {
        ok = len <= LIMIT_METRIC_NAME_BYTES && utf8_valid_prefix(s, len) == len;
        if (ok)
            add_metric(r, s, len, f);
    }
    r->path.len = before;
    return ok;
}

static bool take_dict(struct reader *r, int depth)
{
    if (!scan_take(&r->scan, '{'))
        return false;
    if (scan_take(&r->scan, '}'))
        return true;
    do {
        scan_space(&r->scan);
        if (!take_member(r, depth))
            return false;
    } while (scan_take(&r->scan, ','));
    return scan_take(&r->scan, '}');
}

static void add_point(struct reader *r, int64_t time_ms, struct point *ret)
{
    double *values = arena_alloc(r->a, r->n * sizeof *values);
    memcpy(values, r->values, r->n * sizeof *values);
    if (r->n != r->last_n || memcmp(r->ids, r->last_ids, r->n * sizeof *r->ids) != 0) {
        const char **keys = arena_alloc(r->a, r->n * sizeof *keys);
        for (size_t i = 0; i < r->n; i++)
            keys[i] = r->names[r->ids[i]].text;
        r->last_ids = grow_items(r->a, r->ids, r->n, r->n, sizeof *r->ids);
        r->last_keys = keys;
        r->last_n = r->n;
    }
    *ret = (struct point){
        .step = r->step,
        .time_ms = r->has_time ? (int64_t)llround(r->time * 1000) : time_ms,
        .n = r->n,
        .keys = r->last_keys,
        .values = values,
    };
}

/* Whether the line has only a step: that of the next line. */
static bool is_step_alone(const struct reader *r)
{
    return r->has_step && r->members == 1;
}

static bool read_line(struct reader *r, int64_t next_step)
{
    r->line++;
    r->n = r->dropped = 0;
    r->path.len = 0;
    r->members = 0;
    r->has_step = r->has_time = r->bad_step = r->twice = false;
    if (!take_dict(r, 0) || r->path.overflow)
        return false;
    if (!r->has_step)
        r->step = next_step;
    scan_space(&r->scan);
    return r->scan.p == r->scan.end && (r->n + r->dropped > 0 || is_step_alone(r)) &&
           !r->bad_step && r->step <= LIMIT_METRIC_STEP;
}

/* The most that a line of len bytes adds to a chunk: a metric has at least five bytes (`"":1,`),
 * and its name may be flattened. */
static size_t line_bytes_max(size_t len)
{
    _Static_assert(LIMIT_METRIC_KEYS * (size_t)(LIMIT_METRIC_NAME_BYTES + POINT_NAME_BYTES +
                                                POINT_VALUE_BYTES) <
                       POINTS_BYTES_MAX - 2 * POINT_BYTES,
                   "a line of metrics may be too long for a chunk");
    size_t n = len / 5 + 1;
    n = n < LIMIT_METRIC_KEYS ? n : LIMIT_METRIC_KEYS;
    return POINT_BYTES + n * (LIMIT_METRIC_NAME_BYTES + POINT_NAME_BYTES + POINT_VALUE_BYTES);
}

/* Reads one nonempty line; returns how many bytes it adds to a chunk. */
static size_t add_line(struct reader *r, size_t len, int64_t time_ms, int64_t *next_step,
                       struct points *ret, size_t *cap)
{
    size_t names = r->names_n;
    if (len > LIMIT_METRIC_LINE_BYTES || !read_line(r, *next_step)) {
        names_forget(r, names);
        ret->bad++;
        return 0;
    }
    ret->bad_twice |= r->twice && ret->bad == 0;
    ret->bad += r->twice;
    ret->dropped += r->dropped;
    *next_step = r->step + !is_step_alone(r);
    if (r->n == 0)
        return 0;
    if (ret->n == *cap) {
        *cap = *cap ? 2 * *cap : ITEMS_MIN;
        ret->items = grow_items(r->a, ret->items, ret->n, *cap, sizeof *ret->items);
    }
    add_point(r, time_ms, &ret->items[ret->n++]);
    size_t bytes = POINT_BYTES + r->n * POINT_VALUE_BYTES;
    for (; names < r->names_n; names++)
        bytes += r->names[names].len + POINT_NAME_BYTES;
    return bytes;
}

size_t points_parse(struct arena *a, const char *text, size_t len, int64_t time_ms,
                    const struct point_names *names, int64_t *next_step, struct points *ret)
{
    static const struct point_names any = {0};
    struct reader r = {.a = a, .may = names ? names : &any};
    size_t cap = 0, at = 0, bytes = POINT_BYTES, lines = 0;
    *ret = (struct points){0};
    r.room = names_room(r.may);
    buf_init(&r.path, LIMIT_METRIC_LINE_BYTES);
    while (at < len) {
        const char *newline = memchr(text + at, '\n', len - at);
        size_t end = newline ? (size_t)(newline - text) : len;
        r.scan = (struct scan){text + at, text + end};
        scan_space(&r.scan);
        if (r.scan.p < r.scan.end) {
            if (ret->n && bytes + line_bytes_max(end - at) > POINTS_BYTES_MAX)
                break;
            bytes += add_line(&r, end - at, time_ms, next_step, ret, &cap);
        }
        lines++;
        if (ret->bad > 0 && ret->bad_line == 0)
            ret->bad_line = lines;
        at = newline ? end + 1 : len;
    }
    buf_done(&r.path);
    return at;
}

bool point_find(const struct point *p, const char *key, double *ret)
{
    for (size_t i = 0; i < p->n; i++) {
        if (strcmp(p->keys[i], key) == 0) {
            *ret = p->values[i];
            return true;
        }
    }
    return false;
}

struct value *point_value(struct arena *a, const struct point *p, uint32_t attempt)
{
    struct value *v = value_dict(a), *metrics = value_dict(a);
    for (size_t i = 0; i < p->n; i++)
        value_put(a, metrics, p->keys[i], value_float(a, p->values[i]));
    value_put(a, v, "step", value_int(a, p->step));
    value_put(a, v, "time", value_float(a, (double)p->time_ms / 1000));
    value_put(a, v, "attempt", value_int(a, attempt));
    value_put(a, v, "metrics", metrics);
    return v;
}
