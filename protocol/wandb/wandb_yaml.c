/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "protocol/wandb/wandb_yaml.h"

#include <math.h>
#include <string.h>

#include "base/json.h"

/* 1e-05 as 1.0e-05. */
static void float_print(struct buf *out, double f)
{
    char text[JSON_NUMBER_BYTES];
    if (!isfinite(f)) {
        buf_adds(out, isnan(f) ? ".nan" : f > 0 ? ".inf" : "-.inf");
        return;
    }
    json_number(text, f);
    size_t digits = strcspn(text, "e");
    bool whole = text[digits] && !memchr(text, '.', digits);
    buf_add(out, text, digits);
    buf_adds(out, whole ? ".0" : "");
    buf_adds(out, text + digits);
}

static void node_print(struct buf *out, const struct value *v)
{
    bool dict = v->kind == VALUE_DICT;
    size_t n = dict ? v->dict.n : v->kind == VALUE_LIST ? v->list.n : 0;
    if (v->kind == VALUE_FLOAT) {
        float_print(out, v->f);
    } else if (dict || v->kind == VALUE_LIST) {
        buf_addc(out, dict ? '{' : '[');
        for (size_t i = 0; i < n; i++) {
            buf_adds(out, i > 0 ? ", " : "");
            if (dict) {
                json_print_str(out, v->dict.entries[i].key, strlen(v->dict.entries[i].key));
                buf_adds(out, ": ");
            }
            node_print(out, dict ? v->dict.entries[i].value : v->list.items[i]);
        }
        buf_addc(out, dict ? '}' : ']');
    } else {
        json_print(out, v, JSON_COMPACT);
    }
}

char *wandb_yaml_text(struct arena *a, const struct value *dict)
{
    struct buf out;
    buf_init(&out, SIZE_MAX);
    for (size_t i = 0; dict->kind == VALUE_DICT && i < dict->dict.n; i++) {
        json_print_str(&out, dict->dict.entries[i].key, strlen(dict->dict.entries[i].key));
        buf_adds(&out, ": ");
        node_print(&out, dict->dict.entries[i].value);
        buf_addc(&out, '\n');
    }
    char *text = arena_strndup(a, buf_str(&out), out.len);
    buf_done(&out);
    return text;
}
