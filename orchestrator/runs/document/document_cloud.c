/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/runs/document/document_cloud.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/utf8.h"

enum { CORNERS = 8, EDGES_MAX = CORNERS * (CORNERS - 1) / 2, TEXT_BYTES = 80 };

struct place {
    double v[3];
};

struct cloud_point {
    struct place at;
    int64_t rgb;
};

struct cloud_box {
    struct place ends[2 * EDGES_MAX];
    size_t n; /* of ends */
    int64_t rgb;
    const char *text;
};

struct cloud {
    struct arena *arena;
    struct document_work *work;
    struct err *err;
    int rc; /* of the work */
    struct cloud_point *points;
    struct cloud_box *boxes;
    size_t n, of, boxes_n,
        solid; /* points, with those left out; boxes and vectors; boxes in the file */
    struct place middle, least, most;
    double size;
};

/* Whether this item may be looked at. */
static bool cloud_goes_on(struct cloud *c, struct json_span item)
{
    if (c->rc == 0)
        c->rc = document_work_add(c->work, (size_t)(item.end - item.at), c->err);
    return c->rc == 0;
}

/* How many of the first six numbers of a list there are. */
static size_t numbers_read(struct json_span list, double ret[6])
{
    struct json_walk w;
    struct json_span none, v;
    size_t n = 0;
    if (!json_span_enter(list, &w) || w.close != ']')
        return 0;
    while (n < 6 && json_span_next(&w, &none, &v) && json_span_number(v, &ret[n]))
        n++;
    return n;
}

static bool place_read(const double v[6], size_t n, struct place *ret)
{
    for (size_t k = 0; k < 3; k++) {
        if (k >= n || !(fabs(v[k]) < 1e30)) /* its square is finite too */
            return false;
        ret->v[k] = v[k];
    }
    return true;
}

static int64_t channel_of(double v)
{
    return v >= 0 && v <= 255 ? (int64_t)v : v > 255 ? 255 : 0;
}

static int64_t rgb_of(double r, double g, double b)
{
    return channel_of(r) << 16 | channel_of(g) << 8 | channel_of(b);
}

/* As the page colours classes. */
static int64_t category_rgb(double of)
{
    double id = fabs(of) < 1e6 ? of : 0, v[3];
    for (int k = 0; k < 3; k++)
        v[k] = round(150 + 100 * cos(2.4 * id + 2 * k));
    return rgb_of(v[0], v[1], v[2]);
}

static size_t list_count(struct cloud *c, struct json_span list)
{
    struct json_walk w;
    struct json_span none, v;
    size_t n = 0;
    if (json_span_enter(list, &w) && w.close == ']')
        while (json_span_next(&w, &none, &v) && cloud_goes_on(c, v))
            n++;
    return n;
}

static void points_read(struct cloud *c, struct json_span list)
{
    struct json_walk w;
    struct json_span none, v;
    c->of = list_count(c, list);
    size_t step = c->of / DOCUMENT_CLOUD_POINTS + 1;
    c->points = arena_alloc(c->arena, (c->of / step + 2) * sizeof *c->points);
    if (c->of == 0 || !json_span_enter(list, &w))
        return;
    for (size_t i = 0; json_span_next(&w, &none, &v) && cloud_goes_on(c, v); i++) {
        double numbers[6];
        struct cloud_point p;
        size_t n = i % step == 0 ? numbers_read(v, numbers) : 0;
        if (!place_read(numbers, n, &p.at))
            continue;
        p.rgb = n == 6   ? rgb_of(numbers[3], numbers[4], numbers[5])
                : n >= 4 ? category_rgb(numbers[3])
                         : rgb_of(86, 180, 233);
        c->points[c->n++] = p;
    }
}

static double place_dot(const struct place *a, const struct place *b, const struct place *from)
{
    double sum = 0;
    for (int k = 0; k < 3; k++)
        sum += (a->v[k] - from->v[k]) * (b->v[k] - from->v[k]);
    return sum;
}

/* Two corners are the ends of an edge if all others see it at less than a right angle, whatever their order is. */
static bool is_edge(const struct place *corners, size_t n, size_t a, size_t b)
{
    double least = place_dot(&corners[a], &corners[a], &corners[b]) * 1e-6;
    for (size_t i = 0; i < n; i++) {
        const struct place *from = &corners[i];
        bool same = place_dot(&corners[a], &corners[a], from) < least ||
                    place_dot(&corners[b], &corners[b], from) < least;
        if (!same && !(place_dot(&corners[a], &corners[b], from) > least))
            return false;
    }
    return true;
}

static void edges_find(struct cloud_box *box, const struct place *corners, size_t n)
{
    for (size_t a = 0; a < n; a++)
        for (size_t b = 0; b < a; b++)
            if (is_edge(corners, n, a, b)) {
                box->ends[box->n++] = corners[a];
                box->ends[box->n++] = corners[b];
            }
}

/* Its label and score. */
static const char *box_text(struct arena *a, struct json_span box)
{
    struct json_span v;
    const char *label = json_span_find(box, "label", &v) ? json_span_text(a, v) : NULL;
    double score;
    label = label ? label : "";
    size_t len = strlen(label);
    int n = (int)utf8_valid_prefix(label, len < TEXT_BYTES ? len : TEXT_BYTES);
    return json_span_find(box, "score", &v) && json_span_number(v, &score)
               ? arena_printf(a, "%.*s %.4g", n, label, score)
               : arena_strndup(a, label, (size_t)n);
}

/* From 0 to 1, or to 255. */
static int64_t box_rgb(struct json_span box)
{
    struct json_span v;
    double rgb[6];
    if (!json_span_find(box, "color", &v) || numbers_read(v, rgb) < 3)
        return rgb_of(255, 255, 255);
    double by = rgb[0] > 1 || rgb[1] > 1 || rgb[2] > 1 ? 1 : 255;
    return rgb_of(rgb[0] * by, rgb[1] * by, rgb[2] * by);
}

static void box_read(struct cloud *c, struct json_span v)
{
    struct cloud_box *box = &c->boxes[c->boxes_n++];
    struct place corners[CORNERS];
    struct json_span list, item, none;
    double numbers[6];
    size_t n = 0;
    struct json_walk w = {0};
    bool solid = json_span_find(v, "corners", &list);
    bool there = !solid || json_span_enter(list, &w);
    for (size_t i = 0; there && i < (solid ? CORNERS : 2); i++) {
        bool here = solid ? (there = json_span_next(&w, &none, &item))
                          : json_span_find(v, i == 0 ? "start" : "end", &item);
        if (here && place_read(numbers, numbers_read(item, numbers), &corners[n]))
            n++;
    }
    edges_find(box, corners, n);
    box->rgb = box_rgb(v);
    box->text = box_text(c->arena, v);
}

static void boxes_read(struct cloud *c, struct json_span file, const char *key)
{
    struct json_walk w;
    struct json_span list, none, v;
    if (json_span_find(file, key, &list) && json_span_enter(list, &w) && w.close == ']')
        while (c->boxes_n < DOCUMENT_CLOUD_BOXES && json_span_next(&w, &none, &v) &&
               cloud_goes_on(c, v))
            box_read(c, v);
}

static int number_compare(const void *left, const void *right)
{
    const double *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

/* The middle is the median, and few that are far away make the others no smaller. */
static void cloud_measure(struct cloud *c)
{
    size_t all = c->n, n = 0;
    for (size_t i = 0; i < c->boxes_n; i++)
        all += c->boxes[i].n;
    const struct place **places = arena_alloc(c->arena, (all + 1) * sizeof *places);
    double *sorted = arena_alloc(c->arena, (all + 1) * sizeof *sorted);
    for (size_t i = 0; i < c->n; i++)
        places[n++] = &c->points[i].at;
    for (size_t i = 0; i < c->boxes_n; i++)
        for (size_t k = 0; k < c->boxes[i].n; k++)
            places[n++] = &c->boxes[i].ends[k];
    c->size = 1;
    if (n == 0)
        return;
    for (int k = 0; k < 3; k++) {
        for (size_t i = 0; i < n; i++)
            sorted[i] = places[i]->v[k];
        qsort(sorted, n, sizeof *sorted, number_compare);
        c->middle.v[k] = sorted[n / 2];
        c->least.v[k] = sorted[0];
        c->most.v[k] = sorted[n - 1];
    }
    for (size_t i = 0; i < n; i++)
        sorted[i] = sqrt(place_dot(places[i], places[i], &c->middle));
    qsort(sorted, n, sizeof *sorted, number_compare);
    double size = sorted[n * 98 / 100];
    c->size = size > 0 ? size : 1;
}

static void place_push(struct cloud *c, struct value *list, const struct place *at)
{
    for (int k = 0; k < 3; k++) {
        double v = (at->v[k] - c->middle.v[k]) / c->size * DOCUMENT_CLOUD_UNIT;
        value_push(c->arena, list, value_int(c->arena, (int64_t)fmax(-1e15, fmin(1e15, round(v)))));
    }
}

static struct value *boxes_value(struct cloud *c)
{
    struct arena *a = c->arena;
    struct value *list = value_list(a);
    for (size_t i = 0; i < c->boxes_n; i++) {
        const struct cloud_box *box = &c->boxes[i];
        struct value *v = value_dict(a), *ends = value_list(a);
        for (size_t k = 0; k < box->n; k++)
            place_push(c, ends, &box->ends[k]);
        value_put(a, v, "text", value_str(a, box->text));
        value_put(a, v, "rgb", value_int(a, box->rgb));
        value_put(a, v, "ends", ends);
        value_push(a, list, v);
    }
    return list;
}

static const char *cloud_text(const struct cloud *c)
{
    struct buf b;
    buf_init(&b, SIZE_MAX);
    if (c->n < c->of)
        buf_addf(&b, "%zu of ", c->n);
    buf_addf(&b, "%zu point%s, %zu box%s", c->of, c->of == 1 ? "" : "s", c->solid,
             c->solid == 1 ? "" : "es");
    if (c->solid > DOCUMENT_CLOUD_BOXES)
        buf_addf(&b, " (%d are drawn)", DOCUMENT_CLOUD_BOXES);
    for (int k = 0; k < 3 && c->n + c->boxes_n > 0; k++)
        buf_addf(&b, ", %c %.4g to %.4g", "xyz"[k], c -> least.v[k], c->most.v[k]);
    const char *ret = arena_strdup(c->arena, buf_str(&b));
    buf_done(&b);
    return ret;
}

int document_cloud_make(struct arena *a, struct json_span file, struct document_work *w,
                        struct value **ret, struct err *err)
{
    struct cloud c = {.arena = a, .work = w, .err = err};
    struct json_span points = file, boxes;
    if (file.at >= file.end || (*file.at != '[' && *file.at != '{'))
        return err_set(err, ERR_UNSUPPORTED, "this file has no points");
    c.boxes = arena_alloc(a, DOCUMENT_CLOUD_BOXES * sizeof *c.boxes);
    if (*file.at == '{') {
        c.solid = json_span_find(file, "boxes", &boxes) ? list_count(&c, boxes) : 0;
        boxes_read(&c, file, "boxes");
        boxes_read(&c, file, "vectors");
    }
    if (*file.at == '[' || json_span_find(file, "points", &points))
        points_read(&c, points);
    if (c.rc != 0)
        return c.rc;
    cloud_measure(&c);
    struct value *list = value_list(a), *middle = value_list(a);
    for (size_t i = 0; i < c.n; i++) {
        place_push(&c, list, &c.points[i].at);
        value_push(a, list, value_int(a, c.points[i].rgb));
    }
    for (int k = 0; k < 3; k++)
        value_push(a, middle, value_float(a, c.middle.v[k]));
    *ret = value_dict(a);
    value_put(a, *ret, "middle", middle);
    value_put(a, *ret, "unit", value_float(a, c.size / DOCUMENT_CLOUD_UNIT));
    value_put(a, *ret, "text", value_str(a, cloud_text(&c)));
    value_put(a, *ret, "points", list);
    value_put(a, *ret, "boxes", boxes_value(&c));
    return 0;
}
