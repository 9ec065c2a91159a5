/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/runs/document/document_media.h"

#include <string.h>

#include "base/mem.h"
#include "orchestrator/runs/document/document_row.h"
#include "orchestrator/runs/runs_lines.h"

struct item {
    int64_t at; /* its place among all of the key */
    double step;
    char *text; /* NULL: it is too large */
    size_t bytes;
};

/* Items at multiples of `every`, and the last one. */
struct media {
    struct item *items;
    size_t n, cap, bytes, bytes_max;
    int64_t of, every;
};

struct media_reading {
    const char *keys[DOCUMENT_MEDIA_KEYS];
    struct media media[DOCUMENT_MEDIA_KEYS];
    size_t n;
    const struct document_work *work;
};

/* Drops what lies between; keep_last: whatever its place. */
static void media_thin(struct media *m, bool keep_last)
{
    size_t n = 0;
    for (size_t i = 0; i < m->n; i++) {
        struct item *one = &m->items[i];
        if (one->at % m->every == 0 || (keep_last && i + 1 == m->n)) {
            m->items[n++] = *one;
            continue;
        }
        if (one->text)
            m->bytes -= one->bytes;
        mem_free(one->text);
    }
    m->n = n;
}

static void media_take(struct media *m, double step, struct json_span v)
{
    size_t bytes = (size_t)(v.end - v.at);
    struct item one = {.at = m->of++, .step = step, .bytes = bytes};
    if (bytes <= DOCUMENT_MEDIA_VALUE_BYTES) {
        one.text = mem_alloc(bytes + 1);
        memcpy(one.text, v.at, bytes);
        m->bytes += bytes;
    }
    if (m->n > 0 && m->items[m->n - 1].at % m->every != 0)
        media_thin(m, false);
    m->items = mem_grow(m->items, &m->cap, m->n + 1, sizeof *m->items);
    m->items[m->n++] = one;
    while (m->n > 2 && (m->n > DOCUMENT_MEDIA_ITEMS || m->bytes > m->bytes_max)) {
        m->every *= 2;
        media_thin(m, true);
    }
}

static bool row_take(void *arg, int64_t number, const char *text, size_t len)
{
    struct media_reading *r = arg;
    struct json_span row = json_span_of(text, len), found[DOCUMENT_MEDIA_KEYS];
    document_row_pick(row, r->keys, r->n, found);
    for (size_t i = 0; i < r->n; i++)
        if (found[i].at && *found[i].at != 'n') /* null */
            media_take(&r->media[i], document_row_step(row, number), found[i]);
    return document_work_is_wanted(r->work);
}

static void item_print(struct arena *a, const struct item *one, struct buf *out,
                       enum json_style style)
{
    struct value *item = value_dict(a), *v = NULL;
    value_put(a, item, "step", value_float(a, one->step));
    if (one->text && json_parse(a, one->text, one->bytes, &v, NULL) == 0)
        value_put(a, item, "value", v);
    else
        value_put(a, item, "bytes", value_int(a, (int64_t)one->bytes));
    json_print(out, item, style);
    arena_clear(a);
}

static void media_print(const char *key, const struct media *m, struct buf *out,
                        enum json_style style)
{
    struct arena a;
    arena_init(&a);
    buf_adds(out, "{\"key\":");
    json_print_str(out, key, strlen(key));
    buf_addf(out, ",\"of\":%lld,\"items\":[", (long long)m->of);
    for (size_t i = 0; i < m->n && !out->overflow; i++) {
        if (i > 0)
            buf_addc(out, ',');
        item_print(&a, &m->items[i], out, style);
    }
    buf_adds(out, "]}");
    arena_done(&a);
}

int document_media_write(struct runs *r, const struct runs_run *run, const struct value *keys,
                         const struct document_work *w, struct buf *out, enum json_style style,
                         struct err *err)
{
    static const struct runs_lines_range all = {0, INT64_MAX};
    struct media_reading reading = {.work = w};
    if (keys->list.n > DOCUMENT_MEDIA_KEYS)
        return err_set(err, ERR_LIMIT, "ask for at most %d keys at once", DOCUMENT_MEDIA_KEYS);
    for (size_t i = 0; i < keys->list.n; i++) {
        const struct value *key = keys->list.items[i];
        if (key->kind != VALUE_STR)
            return err_set(err, ERR_USAGE, "a key in cols is not a text");
        reading.media[reading.n] =
            (struct media){.every = 1, .bytes_max = DOCUMENT_MEDIA_BYTES / keys->list.n};
        reading.keys[reading.n++] = key->s.ptr;
    }
    int rc = runs_lines_read(r, run->n, RUNS_HISTORY, &all, row_take, &reading, err);
    if (rc == 0)
        rc = document_work_check(w, err);
    buf_adds(out, "{\"media\":[");
    for (size_t i = 0; i < reading.n; i++) {
        struct media *m = &reading.media[i];
        if (i > 0)
            buf_addc(out, ',');
        if (rc == 0)
            media_print(reading.keys[i], m, out, style);
        for (size_t k = 0; k < m->n; k++)
            mem_free(m->items[k].text);
        mem_free(m->items);
    }
    buf_adds(out, "]}");
    return rc;
}
