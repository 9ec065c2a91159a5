/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/store/chunk.h"

#include <string.h>

#include "base/check.h"
#include "base/compress/compress.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"

/* Version 1:  byte 1, then a zstd frame (with checksum) of
 *   varint points, varint keys, each key: varint length, bytes
 *   each point: zigzag varint step - (step before + 1);   each point: zigzag varint time - time
 * before each key: byte how its points are told (ALL, BITS, LIST), what that needs, then 8 planes
 * of bytes: the lowest byte of each of its values, the second lowest of each … */
enum { VERSION = 1, LEVEL = 1 };
enum how { HOW_ALL, HOW_BITS, HOW_LIST };

struct chunk_codec {
    struct compress *compress;
};

struct chunk_codec *chunk_codec_new(void)
{
    struct chunk_codec *c = mem_alloc(sizeof *c);
    c->compress = compress_new();
    return c;
}

void chunk_codec_free(struct chunk_codec *c)
{
    if (!c)
        return;
    compress_free(c->compress);
    mem_free(c);
}

static void put_varint(struct buf *out, uint64_t n)
{
    for (; n >= 0x80; n >>= 7)
        buf_addc(out, (char)(n | 0x80));
    buf_addc(out, (char)n);
}

/* Differences wrap around, so that any two int64 have one. */
static void put_delta(struct buf *out, int64_t from, int64_t to)
{
    uint64_t d = (uint64_t)to - (uint64_t)from;
    put_varint(out, d << 1 ^ (d >> 63 ? UINT64_MAX : 0));
}

struct column {
    const char *key;
    uint32_t n, cap;
    uint32_t *points; /* the indexes of the points that have it, ascending */
    double *values;
};

struct columns {
    struct map by_key;
    struct column *items;
    size_t n, cap;
};

static struct column *column_of(struct columns *cs, const char *key, size_t guess)
{
    if (guess < cs->n && (cs->items[guess].key == key || strcmp(cs->items[guess].key, key) == 0))
        return &cs->items[guess];
    size_t len = strlen(key);
    uintptr_t found = (uintptr_t)map_find(&cs->by_key, key, len);
    if (found)
        return &cs->items[found - 1];
    cs->items = mem_grow(cs->items, &cs->cap, cs->n + 1, sizeof *cs->items);
    cs->items[cs->n++] = (struct column){.key = key};
    map_put(&cs->by_key, key, len, (void *)cs->n);
    return &cs->items[cs->n - 1];
}

static void columns_of_points(struct columns *cs, const struct points *ps)
{
    for (size_t i = 0; i < ps->n; i++) {
        const struct point *p = &ps->items[i];
        for (size_t k = 0; k < p->n; k++) {
            struct column *c = column_of(cs, p->keys[k], k);
            if (c->n == c->cap) {
                c->cap = c->cap ? 2 * c->cap : 16;
                c->points = mem_resize(c->points, c->cap * sizeof *c->points);
                c->values = mem_resize(c->values, c->cap * sizeof *c->values);
            }
            c->points[c->n] = (uint32_t)i;
            c->values[c->n++] = p->values[k];
        }
    }
}

static void put_presence(struct buf *out, const struct column *c, size_t points)
{
    if (c->n == points) {
        buf_addc(out, HOW_ALL);
        return;
    }
    bool sparse = (size_t)c->n * 16 < points;
    buf_addc(out, sparse ? HOW_LIST : HOW_BITS);
    if (sparse) {
        put_varint(out, c->n);
        for (uint32_t i = 0; i < c->n; i++)
            put_varint(out, c->points[i] - (i ? c->points[i - 1] : 0));
        return;
    }
    size_t bytes = (points + 7) / 8;
    char *bits = buf_reserve(out, bytes);
    if (!bits) {
        out->overflow = true;
        return;
    }
    memset(bits, 0, bytes);
    for (uint32_t i = 0; i < c->n; i++)
        bits[c->points[i] / 8] = (char)(bits[c->points[i] / 8] | 1 << c->points[i] % 8);
    buf_commit(out, bytes);
}

static void put_planes(struct buf *out, const double *values, size_t n)
{
    char *planes = buf_reserve(out, 8 * n);
    if (!planes) {
        out->overflow = true;
        return;
    }
    for (size_t i = 0; i < n; i++) {
        uint64_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        for (size_t b = 0; b < 8; b++)
            planes[b * n + i] = (char)(bits >> 8 * b);
    }
    buf_commit(out, 8 * n);
}

static void put_body(struct buf *out, const struct points *ps, const struct columns *cs)
{
    put_varint(out, ps->n);
    put_varint(out, cs->n);
    for (size_t i = 0; i < cs->n; i++) {
        size_t len = strlen(cs->items[i].key);
        put_varint(out, len);
        buf_add(out, cs->items[i].key, len);
    }
    for (size_t i = 0; i < ps->n; i++)
        put_delta(out, i ? (int64_t)((uint64_t)ps->items[i - 1].step + 1) : 0, ps->items[i].step);
    for (size_t i = 0; i < ps->n; i++)
        put_delta(out, i ? ps->items[i - 1].time_ms : 0, ps->items[i].time_ms);
    for (size_t i = 0; i < cs->n; i++) {
        put_presence(out, &cs->items[i], ps->n);
        put_planes(out, cs->items[i].values, cs->items[i].n);
    }
}

int chunk_encode(struct chunk_codec *c, const struct points *ps, struct buf *out, struct err *err)
{
    struct columns cs = {0};
    struct buf body;
    buf_init(&body, CHUNK_BYTES_MAX);
    map_init(&cs.by_key);
    columns_of_points(&cs, ps);
    put_body(&body, ps, &cs);
    bool fits = !body.overflow && cs.n <= LIMIT_METRIC_KEYS;
    if (fits) {
        buf_addc(out, VERSION);
        compress_add(c->compress, LEVEL, buf_peek(&body), body.len, out);
    }
    for (size_t i = 0; i < cs.n; i++) {
        mem_free(cs.items[i].points);
        mem_free(cs.items[i].values);
    }
    mem_free(cs.items);
    map_done(&cs.by_key);
    buf_done(&body);
    return fits ? 0 : err_set(err, ERR_LIMIT, "%zu points do not fit into one chunk", ps->n);
}

struct reader {
    const unsigned char *p, *end;
    bool bad;
};

static uint64_t get_varint(struct reader *r)
{
    uint64_t n = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (r->p == r->end)
            break;
        unsigned char byte = *r->p++;
        n |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return n;
    }
    r->bad = true;
    return 0;
}

static int64_t get_delta(struct reader *r, int64_t from)
{
    uint64_t z = get_varint(r);
    return (int64_t)((uint64_t)from + (z >> 1 ^ (z & 1 ? UINT64_MAX : 0)));
}

static const unsigned char *get_bytes(struct reader *r, size_t n)
{
    if (r->bad || (size_t)(r->end - r->p) < n) {
        r->bad = true;
        return NULL;
    }
    r->p += n;
    return r->p - n;
}

/* Every count is checked against the remaining bytes before memory is allocated for it. */
static size_t get_count(struct reader *r)
{
    uint64_t n = get_varint(r);
    if (n > (uint64_t)(r->end - r->p))
        r->bad = true;
    return r->bad ? 0 : (size_t)n;
}

static const char **get_keys(struct arena *a, struct reader *r, size_t n)
{
    const char **keys = arena_alloc(a, n * sizeof *keys);
    for (size_t i = 0; i < n && !r->bad; i++) {
        size_t len = get_count(r);
        const unsigned char *bytes = get_bytes(r, len);
        if (!bytes || memchr(bytes, '\0', len))
            r->bad = true;
        else
            keys[i] = arena_strndup(a, (const char *)bytes, len);
    }
    return keys;
}

struct presence {
    uint32_t *points;
    size_t n;
    const unsigned char *planes;
};

static void get_list(struct reader *r, struct presence *in, size_t points)
{
    uint64_t at = 0;
    size_t n = get_count(r);
    if (n > points)
        r->bad = true;
    for (size_t i = 0; i < n && !r->bad; i++) {
        uint64_t step = get_varint(r);
        at += step;
        if (step >= points || at >= points || (i && step == 0))
            r->bad = true;
        else
            in->points[in->n++] = (uint32_t)at;
    }
}

static void get_column(struct reader *r, uint32_t *scratch, struct presence *in, size_t points)
{
    const unsigned char *how = get_bytes(r, 1), *bits;
    *in = (struct presence){.points = scratch};
    if (!how)
        return;
    if (*how == HOW_LIST) {
        get_list(r, in, points);
    } else if (*how == HOW_ALL) {
        for (size_t i = 0; i < points; i++)
            in->points[in->n++] = (uint32_t)i;
    } else if (*how == HOW_BITS && (bits = get_bytes(r, (points + 7) / 8))) {
        for (size_t i = 0; i < points; i++)
            if (bits[i / 8] >> i % 8 & 1)
                in->points[in->n++] = (uint32_t)i;
    } else {
        r->bad = true;
    }
    in->planes = get_bytes(r, 8 * in->n);
}

static double value_at(const struct presence *in, size_t i)
{
    uint64_t bits = 0;
    double value;
    for (size_t b = 0; b < 8; b++)
        bits |= (uint64_t)in->planes[b * in->n + i] << 8 * b;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Reads the columns twice: to count the keys of each point, and to fill them in. */
static void get_columns(struct arena *a, struct reader *r, const char *const *keys, size_t keys_n,
                        struct points *ps)
{
    struct reader again = *r;
    struct presence in;
    uint32_t *scratch = arena_alloc(a, ps->n * sizeof *scratch);
    for (size_t k = 0; k < keys_n && !r->bad; k++) {
        get_column(r, scratch, &in, ps->n);
        for (size_t i = 0; i < in.n && !r->bad; i++)
            ps->items[in.points[i]].n++;
    }
    if (r->bad)
        return;
    for (size_t i = 0; i < ps->n; i++) {
        struct point *p = &ps->items[i];
        p->keys = arena_alloc(a, p->n * sizeof *p->keys);
        p->values = arena_alloc(a, p->n * sizeof *p->values);
        p->n = 0;
    }
    for (size_t k = 0; k < keys_n; k++) {
        get_column(&again, scratch, &in, ps->n);
        for (size_t i = 0; i < in.n; i++) {
            struct point *p = &ps->items[in.points[i]];
            ((const char **)(uintptr_t)p->keys)[p->n] = keys[k];
            ((double *)(uintptr_t)p->values)[p->n++] = value_at(&in, i);
        }
    }
    for (size_t i = 1; i < ps->n; i++) {
        struct point *p = &ps->items[i], *before = p - 1;
        if (p->n == before->n && memcmp(p->keys, before->keys, p->n * sizeof *p->keys) == 0)
            p->keys = before->keys;
    }
}

static void get_body(struct arena *a, struct reader *r, struct points *ps)
{
    size_t n = get_count(r), keys_n = get_count(r);
    if (keys_n > LIMIT_METRIC_KEYS)
        r->bad = true;
    if (r->bad)
        return;
    const char **keys = get_keys(a, r, keys_n);
    if (r->bad || n > (size_t)(r->end - r->p)) {
        r->bad = true;
        return;
    }
    ps->items = arena_alloc(a, n * sizeof *ps->items);
    ps->n = n;
    for (size_t i = 0; i < n; i++)
        ps->items[i].step = get_delta(r, i ? (int64_t)((uint64_t)ps->items[i - 1].step + 1) : 0);
    for (size_t i = 0; i < n; i++)
        ps->items[i].time_ms = get_delta(r, i ? ps->items[i - 1].time_ms : 0);
    get_columns(a, r, keys, keys_n, ps);
    r->bad |= r->p != r->end;
}

static int chunk_damaged(struct err *err)
{
    return err_set(err, ERR_DAMAGED, "a chunk of metrics is damaged");
}

/* Restores what the chunk holds, to be freed, and a reader of it. */
static int chunk_restore(struct chunk_codec *c, const void *data, size_t len, unsigned char **ret,
                         struct reader *ret_reader)
{
    const unsigned char *bytes = data;
    uint64_t size;
    *ret = NULL;
    if (len < 1 || bytes[0] != VERSION)
        return ERR_DAMAGED;
    if (!compress_size(bytes + 1, len - 1, &size) || size > CHUNK_BYTES_MAX)
        return ERR_DAMAGED;
    *ret = mem_alloc((size_t)size + 1);
    bool good = compress_restore(c->compress, bytes + 1, len - 1, *ret, (size_t)size);
    *ret_reader = (struct reader){*ret, *ret + size, !good};
    return good ? 0 : ERR_DAMAGED;
}

int chunk_decode(struct chunk_codec *c, struct arena *a, const void *data, size_t len,
                 struct points *ret, struct err *err)
{
    unsigned char *body;
    struct reader r = {.bad = true};
    *ret = (struct points){0};
    if (chunk_restore(c, data, len, &body, &r) == 0)
        get_body(a, &r, ret);
    mem_free(body);
    if (!r.bad)
        return 0;
    *ret = (struct points){0};
    return chunk_damaged(err);
}

static int64_t *get_deltas(struct arena *a, struct reader *r, size_t n, int64_t ahead)
{
    int64_t *items = arena_alloc(a, (n + 1) * sizeof *items);
    for (size_t i = 0; i < n; i++)
        items[i] = get_delta(r, i ? (int64_t)((uint64_t)items[i - 1] + (uint64_t)ahead) : 0);
    return items;
}

static void get_wanted(struct arena *a, struct reader *r, const char *const *names, size_t names_n,
                       struct chunk_columns *ret)
{
    size_t n = get_count(r), keys_n = get_count(r);
    if (keys_n > LIMIT_METRIC_KEYS)
        r->bad = true;
    const char **keys = r->bad ? NULL : get_keys(a, r, keys_n);
    r->bad |= n > (size_t)(r->end - r->p);
    if (r->bad)
        return;
    double **values = arena_alloc(a, names_n * sizeof *values);
    bool **has = arena_alloc(a, names_n * sizeof *has);
    uint32_t *scratch = arena_alloc(a, (n + 1) * sizeof *scratch);
    *ret = (struct chunk_columns){.n = n, .values = values, .has = has};
    ret->steps = get_deltas(a, r, n, 1);
    ret->times_ms = get_deltas(a, r, n, 0);
    for (size_t i = 0; i < names_n; i++) {
        values[i] = arena_alloc(a, (n + 1) * sizeof **values);
        has[i] = arena_alloc(a, n + 1);
        memset(has[i], 0, n + 1);
    }
    for (size_t k = 0; k < keys_n && !r->bad; k++) {
        struct presence in;
        size_t at = 0;
        get_column(r, scratch, &in, n);
        while (at < names_n && strcmp(names[at], keys[k]) != 0)
            at++;
        for (size_t i = 0; at < names_n && i < in.n && !r->bad; i++) {
            values[at][in.points[i]] = value_at(&in, i);
            has[at][in.points[i]] = true;
        }
    }
    r->bad |= r->p != r->end;
}

int chunk_decode_columns(struct chunk_codec *c, struct arena *a, const void *data, size_t len,
                         const char *const *names, size_t names_n, struct chunk_columns *ret,
                         struct err *err)
{
    unsigned char *body;
    struct reader r = {.bad = true};
    *ret = (struct chunk_columns){0};
    if (chunk_restore(c, data, len, &body, &r) == 0)
        get_wanted(a, &r, names, names_n, ret);
    mem_free(body);
    if (!r.bad)
        return 0;
    *ret = (struct chunk_columns){0};
    return chunk_damaged(err);
}
