/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Filters of trials: a filter and its opposite never both match. */
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/json.h"
#include "orchestrator/view/filter/filter.h"
#include "tests/fuzz/fuzz.h"

static const char row_text[] =
    "{\"number\":7,\"state\":\"failed\",\"reason\":\"oom\",\"params.lr\":0.01,\"params.opt\":"
    "\"adamw\","
    "\"params.flag\":true,\"params.list\":[1,2],\"objective\":NaN,\"metrics.acc\":0.5}";

static size_t row_find(void *arg, const char *name)
{
    const struct value *row = arg;
    for (size_t i = 0; i < row->dict.n; i++)
        if (strcmp(row->dict.entries[i].key, name) == 0)
            return i;
    return SIZE_MAX;
}

static const struct value *row_cell(void *arg, size_t column, size_t row)
{
    const struct value *v = arg;
    (void)row;
    return v->dict.entries[column].value;
}

static int filter_of(struct arena *a, const char *text, const struct filter_table *t,
                     struct filter **ret)
{
    int rc = filter_parse(text, a, ret, NULL);
    return rc ? rc : filter_bind(*ret, t, "loss", NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct value *row = NULL;
    struct filter *f, *opposite;
    arena_init(&a);
    check(json_parse(&a, row_text, strlen(row_text), &row, NULL) == 0);
    struct filter_table t = {row, row->dict.n, row_find, row_cell, false};
    const char *text = arena_strndup(&a, (const char *)data, size);
    if (filter_of(&a, text, &t, &f) == 0 && text[strspn(text, " \t\n")] &&
        filter_of(&a, arena_printf(&a, "NOT (%s)", text), &t, &opposite) == 0)
        check(filter_match(f, &t, 0) != filter_match(opposite, &t, 0));
    arena_done(&a);
    return 0;
}
