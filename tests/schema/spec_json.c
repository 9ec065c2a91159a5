/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For schema_test.py: each file that is named, as besom reads it and what it says of it, one JSON
 * object a line: {"content": … or null where it is no YAML, "errors": ["path: message"]}. */
#include <stdio.h>
#include <stdlib.h>
#include "base/json.h"
#include "base/limits.h"
#include "language/spec_read.h"

static struct value *read_file(struct arena *a, const char *path)
{
    static char text[LIMIT_SPEC_BYTES + 1];
    struct diags d;
    struct value *v = value_dict(a), *errors = value_list(a);
    FILE *f = fopen(path, "rb");
    if (!f) {
        fprintf(stderr, "%s cannot be read\n", path);
        exit(2);
    }
    size_t len = fread(text, 1, sizeof text, f);
    fclose(f);
    diags_init(&d, a, path);
    struct spec *s = spec_look(text, len, NULL, &d);
    for (size_t i = 0; i < d.n; i++)
        if (d.items[i].severity == DIAG_ERROR)
            value_push(
                a, errors,
                value_str(a, arena_printf(a, "%s: %s", d.items[i].path, d.items[i].message)));
    value_put(a, v, "content", s->content ? value_copy(a, s->content) : value_null(a));
    value_put(a, v, "errors", errors);
    spec_free(s);
    return v;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        struct arena a;
        arena_init(&a);
        puts(json_text(&a, read_file(&a, argv[i]), JSON_PYTHON));
        arena_done(&a);
    }
    return 0;
}
