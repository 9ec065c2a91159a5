/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/yaml/yaml_scalar.h"
#include "language/advice/advice_part.h"
#include "language/advice/advice_words.h"
#include "language/reader/spec_flow.h"

enum { LINE_BYTES = 100 };

/* The line if it fits in its buffer, otherwise NULL. */
static const char *line_of(struct spec_reader *r, struct buf *line)
{
    const char *text = line->overflow ? NULL : arena_strndup(r->arena, buf_peek(line), line->len);
    buf_done(line);
    return text;
}

/* "adam: --optimizer=adam, sgd: --optimizer=sgd"; for a boolean, --x and --no-x. */
static void add_texts(struct spec_reader *r, struct buf *line, const char *name,
                      const struct value *values)
{
    for (size_t i = 0; i < values->list.n && !line->overflow; i++) {
        const struct value *v = values->list.items[i];
        const char *key = spec_flow_text(r->arena, yaml_tree_of_value(r->arena, v));
        const char *text;
        if (v->kind == VALUE_BOOL)
            text = arena_printf(r->arena, "--%s%s", v->b ? "" : "no-", name);
        else if (v->kind == VALUE_NULL)
            text = "null";
        else
            text = spec_flow_line(r->arena, arena_printf(r->arena, "--%s=%s", name,
                                                         v->kind == VALUE_STR ? v->s.ptr : key));
        buf_addf(line, "%s%s: %s", i ? ", " : "", key ? key : "…", text);
    }
}

void advice_on_flag_alone(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    struct buf line;
    if (spec_node_kind(f->node) != VALUE_DICT || f->node->yaml->n == 0) {
        diags_fix(r->diags, said, "values: [true, false]");
        return;
    }
    const struct yaml_entry **list = yaml_tree_by_place(r->arena, f->node->yaml);
    buf_init(&line, LINE_BYTES);
    for (size_t i = 0; i < f->node->yaml->n && !line.overflow; i++) {
        const char *key = list[i]->key;
        bool text = yaml_scalar_plain(key, strlen(key)).kind == YAML_SCALAR_TEXT;
        buf_addf(&line, "%s%s", i ? ", " : "values: [", text ? spec_flow_line(r->arena, key) : key);
    }
    buf_addc(&line, ']');
    diags_fix(r->diags, said, line_of(r, &line));
}

void advice_on_flag_shape(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    struct buf line;
    buf_init(&line, LINE_BYTES);
    buf_adds(&line, "flag: {");
    add_texts(r, &line, f->node->up->key, f->words);
    buf_addc(&line, '}');
    diags_fix(r->diags, said, line_of(r, &line));
}

void advice_on_flag_text(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    struct buf line;
    buf_init(&line, LINE_BYTES);
    add_texts(r, &line, f->node->up->key, f->words);
    diags_fix(r->diags, said, line_of(r, &line));
}

void advice_on_flag_words(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    struct buf line;
    const struct value *words = advice_words_split(r->arena, f->node->yaml->value->s.ptr);
    buf_init(&line, LINE_BYTES);
    buf_addf(&line, "%s: [", f->node->key);
    for (size_t i = 0; i < words->list.n; i++)
        buf_addf(&line, "%s%s", i ? ", " : "",
                 advice_words_item(r->arena, words->list.items[i]->s.ptr, true));
    buf_addc(&line, ']');
    diags_fix(r->diags, said, line_of(r, &line));
}
