/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any lines to the strategy: each is answered by JSON objects, at least one, and what was asked is
 * at most what the spec allows. */
#include <string.h>

#include "base/check.h"
#include "base/json.h"
#include "strategies/ask.h"
#include "tests/fuzz/fuzz.h"
#include "language/spec_read.h"

enum { RUN_CAP = 20 };

static const char *const specs[] = {
    "method: random\nprogram: x.py\nrun_cap: 20\nmetric: {name: loss, target: 0.0}\n"
    "parameters: {a: {min: 0.0, max: 1.0}, b: {parameters: {c: {values: [1, x, null]}}}}\n",
    "method: grid\nprogram: x.py\nrun_cap: 20\nmetric: {name: v.loss, goal: maximize}\n"
    "parameters: {a: {min: 0, max: 3}, b: {values: [[1], {c: 2}, 1.5]}}\n",
};

struct answers {
    struct arena arena;
    size_t n, asked;
};

static void take(void *to, const char *line, size_t len)
{
    struct answers *answers = to;
    struct value *v = NULL;
    struct err err = {0};
    check(json_parse(&answers->arena, line, len, &v, &err) == 0 && v->kind == VALUE_DICT);
    answers->n++;
    answers->asked += value_get(v, "params") != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const char *text = specs[data[0] % 2];
    struct answers answers = {0};
    struct diags d;
    arena_init(&answers.arena);
    diags_init(&d, &answers.arena, "fuzz");
    struct spec *spec = spec_read(text, strlen(text), &d);
    struct ask *ask = NULL;
    struct err err = {0};
    check(spec && ask_new(spec, 1, &ask, &err) == 0);
    const char *line = (const char *)data + 1, *end = (const char *)data + size;
    while (line < end) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        stop = stop ? stop : end;
        answers.n = 0;
        ask_line(ask, line, (size_t)(stop - line), take, &answers);
        check(answers.n > 0);
        line = stop + 1;
    }
    check(answers.asked <= RUN_CAP);
    ask_free(ask);
    spec_free(spec);
    arena_done(&answers.arena);
    return 0;
}
