/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Metric lines have a reader of their own. On one line that JSON's reader takes as well, the plain
 * numbers at its top must come out the same. */
#include <math.h>
#include <string.h>

#include "base/check.h"
#include "base/json.h"
#include "sweep/point.h"
#include "tests/fuzz/fuzz.h"

static void compare(struct arena *a, const char *text, size_t len, const struct points *points)
{
    struct value *v = NULL;
    if (points->n != 1 || json_parse(a, text, len, &v, NULL) != 0 || v->kind != VALUE_DICT)
        return;
    for (size_t i = 0; i < v->dict.n; i++) {
        const char *key = v->dict.entries[i].key;
        const struct value *item = v->dict.entries[i].value;
        bool nested = strchr(key, '.') != NULL || item->kind == VALUE_DICT;
        double got = 0;
        if (nested || key[0] == '_' || strcmp(key, "step") == 0 || !value_is_number(item))
            continue;
        if (point_find(&points->items[0], key, &got))
            check(got == value_number(item) || (isnan(got) && isnan(value_number(item))));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct points points;
    int64_t next_step = 0;
    arena_init(&a);
    points_parse(&a, (const char *)data, size, 1000, NULL, &next_step, &points);
    for (size_t i = 0; i < points.n; i++) {
        const struct point *p = &points.items[i];
        check(p->n > 0);
        for (size_t k = 0; k < p->n; k++)
            for (size_t j = k + 1; j < p->n && k < 8; j++)
                check(strcmp(p->keys[k], p->keys[j]) != 0);
        check(point_value(&a, p, 1) != NULL);
    }
    if (memchr(data, '\n', size) == NULL)
        compare(&a, (const char *)data, size, &points);
    arena_done(&a);
    return 0;
}
