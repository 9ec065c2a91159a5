/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/command/wandb_config.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/number/python.h"

/* PyYAML reads 1e-05 as text and 1.0e-05 as a number. */
static void print_float(struct buf *out, double f)
{
    char text[PYTHON_FLOAT_BYTES];
    if (!isfinite(f)) {
        buf_adds(out, isnan(f) ? ".nan" : f > 0 ? ".inf" : "-.inf");
        return;
    }
    python_float(text, f);
    size_t digits = strcspn(text, ".e");
    buf_addf(out, "%.*s%s%s", (int)digits, text, text[digits] == 'e' ? ".0" : "", text + digits);
}

/* YAML's flow style: JSON except for floats. */
static void print_flow(struct buf *out, const struct value *v)
{
    if (v->kind == VALUE_LIST) {
        buf_addc(out, '[');
        for (size_t i = 0; i < v->list.n; i++) {
            buf_adds(out, i ? ", " : "");
            print_flow(out, v->list.items[i]);
        }
        buf_addc(out, ']');
    } else if (v->kind == VALUE_DICT) {
        buf_addc(out, '{');
        for (size_t i = 0; i < v->dict.n; i++) {
            const char *key = v->dict.entries[i].key;
            buf_adds(out, i ? ", " : "");
            json_print_str(out, key, strlen(key));
            buf_adds(out, ": ");
            print_flow(out, v->dict.entries[i].value);
        }
        buf_addc(out, '}');
    } else if (v->kind == VALUE_FLOAT) {
        print_float(out, v->f);
    } else {
        json_print(out, v, JSON_COMPACT);
    }
}

const char *wandb_config_text(struct arena *a, const struct value *params)
{
    struct buf out;
    buf_init(&out, SIZE_MAX);
    buf_adds(&out, "wandb_version: 1\n");
    for (size_t i = 0; i < params->dict.n; i++) {
        const struct value_entry *e = &params->dict.entries[i];
        json_print_str(&out, e->key, strlen(e->key));
        buf_adds(&out, ":\n  value: ");
        print_flow(&out, e->value);
        buf_addc(&out, '\n');
    }
    const char *text = arena_strndup(a, buf_peek(&out), out.len);
    buf_done(&out);
    return text;
}
