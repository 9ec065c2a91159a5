/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines {"values": {…}, "text": "…"} in; for each the value as Python prints it, or why there is
 * none. The canonical text must read back to the same text and the same value. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/json.h"
#include "tests/unit/expr/expr_text.h"

static void answer(const struct value *values, const char *text, struct buf *out, struct buf *print)
{
    struct expr_text t;
    expr_text_init(&t, values, text);
    expr_text_answer(&t, out);
    if (t.expr)
        expr_text_print(&t, print);
    expr_text_done(&t);
}

static void judge(const struct value *line)
{
    struct buf out, print, again, print_again;
    const struct value *values = value_get(line, "values");
    buf_init(&out, SIZE_MAX);
    buf_init(&print, SIZE_MAX);
    buf_init(&again, SIZE_MAX);
    buf_init(&print_again, SIZE_MAX);
    answer(values, value_get_str(line, "text", ""), &out, &print);
    if (print.len > 0) {
        answer(values, buf_str(&print), &again, &print_again);
        if (strcmp(buf_str(&out), buf_str(&again)) != 0 ||
            strcmp(buf_str(&print), buf_str(&print_again)) != 0)
            buf_addf(&out, " BUT %s IS %s", buf_str(&print), buf_str(&again));
    }
    puts(buf_str(&out));
    buf_done(&out);
    buf_done(&print);
    buf_done(&again);
    buf_done(&print_again);
}

int main(void)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    while ((len = getline(&line, &cap, stdin)) > 0) {
        struct arena a;
        struct value *v;
        struct err err = {0};
        arena_init(&a);
        if (json_parse(&a, line, (size_t)len, &v, &err) != 0) {
            fprintf(stderr, "%s\n", err.text);
            return 1;
        }
        judge(v);
        arena_done(&a);
    }
    free(line);
    return 0;
}
