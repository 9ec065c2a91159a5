/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Filters of trials, by the cases that hold for the page's too (tests/web/filter_cases.mjs). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "orchestrator/view/filter/filter.h"
#include "tests/test.h"

static size_t column_find(void *arg, const char *name)
{
    const struct value *list = arg;
    for (size_t i = 0; i < list->list.n; i++)
        if (strcmp(value_get_str(list->list.items[i], "name", ""), name) == 0)
            return i;
    return SIZE_MAX;
}

/* As the controller has them: NaN and the infinities are numbers, and a word is its value. */
static const struct value *column_cell(void *arg, size_t column, size_t row)
{
    static struct value odd = {.kind = VALUE_FLOAT};
    const struct value *list = arg, *one = list->list.items[column];
    const struct value *words = value_get(one, "words");
    const struct value *v = value_get(one, "values")->list.items[row];
    if (v->kind == VALUE_NULL)
        return NULL;
    if (words)
        return words->list.items[v->i];
    if (v->kind != VALUE_STR)
        return v;
    odd.f = v->s.ptr[0] == 'N' ? NAN : INFINITY;
    return &odd;
}

static void case_check(struct arena *a, const struct value *columns, size_t rows,
                       const char *metric, const struct value *one)
{
    const char *text = value_get_str(one, "filter", NULL);
    const char *error = value_get_str(one, "error", NULL);
    struct filter_table t = {(void *)(uintptr_t)columns, columns->list.n, column_find, column_cell,
                             false};
    struct err err = {0};
    struct filter *f;
    char found[200] = "", wanted[200] = "";
    int rc = filter_parse(text, a, &f, &err);
    if (rc == 0)
        rc = filter_bind(f, &t, metric, &err);
    if (error) {
        ASSERT_STR(rc < 0 ? err.text : "no error", error);
        return;
    }
    if (rc < 0)
        FAIL("%s: %s", text, err.text);
    for (size_t row = 0; row < rows; row++) {
        const struct value *number = column_cell(t.arg, column_find(t.arg, "number"), row);
        size_t len = strlen(found);
        if (filter_match(f, &t, row))
            snprintf(found + len, sizeof found - len, " %lld", (long long)number->i);
    }
    const struct value *numbers = value_get(one, "numbers");
    for (size_t i = 0; i < numbers->list.n; i++) {
        size_t len = strlen(wanted);
        snprintf(wanted + len, sizeof wanted - len, " %lld", (long long)numbers->list.items[i]->i);
    }
    if (strcmp(found, wanted) != 0)
        FAIL("%s: trials%s, not%s", text, found, wanted);
}

TEST(filter_cases_are_those_of_the_page)
{
    struct arena a;
    struct value *all = NULL;
    static char text[1 << 16];
    FILE *file = fopen(FILTER_CASES, "r");
    ASSERT(file);
    size_t len = fread(text, 1, sizeof text, file);
    fclose(file);
    arena_init(&a);
    ASSERT_EQ(json_parse(&a, text, len, &all, NULL), 0);
    const struct value *table = value_get(all, "table"), *cases = value_get(all, "cases");
    ASSERT(cases->list.n > 50);
    for (size_t i = 0; i < cases->list.n; i++)
        case_check(&a, value_get(table, "columns"), (size_t)value_get_int(table, "n", 0),
                   value_get_str(all, "metric", NULL), cases->list.items[i]);
    arena_done(&a);
}
