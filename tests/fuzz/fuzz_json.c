/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes: refused with a place inside the text, or read to a value that goes round in every
 * style. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/json.h"
#include "base/number/python.h"
#include "tests/fuzz/fuzz.h"

static void check_place(const struct err *err, size_t size)
{
    const char *at = strstr(err->text, " at byte ");
    check(at && strtoul(at + strlen(" at byte "), NULL, 10) <= size);
}

static void go_round(struct arena *a, const struct value *v, enum json_style style)
{
    struct err err = {0};
    struct value *back;
    char *text = json_text(a, v, style);
    check(json_parse(a, text, strlen(text), &back, &err) == 0);
    check(strcmp(json_text(a, back, style), text) == 0);
    if (style == JSON_PYTHON)
        check(value_same(v, back) && value_hash(v) == value_hash(back));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct err err = {0};
    struct value *v;
    struct buf repr;
    arena_init(&a);
    if (json_parse(&a, (const char *)data, size, &v, &err) < 0) {
        check_place(&err, size);
    } else {
        go_round(&a, v, JSON_COMPACT);
        go_round(&a, v, JSON_PYTHON);
        go_round(&a, v, JSON_PRETTY);
        check(value_same(v, value_copy(&a, v)));
        buf_init(&repr, SIZE_MAX);
        python_repr(&repr, v);
        buf_done(&repr);
    }
    arena_done(&a);
    return 0;
}
