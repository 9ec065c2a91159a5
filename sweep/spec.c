/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/spec.h"

#include "base/check.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/yaml.h"
#include "sweep/spec_keys.h"

const char *spec_method_name(enum spec_method m)
{
    static const char *const names[] = {
        [SPEC_GRID] = "grid", [SPEC_RANDOM] = "random", [SPEC_SOBOL] = "sobol"};
    return names[m];
}

static struct spec *spec_new(void)
{
    struct spec *s = mem_alloc(sizeof *s);
    arena_init(&s->arena);
    s->resources.cpus = 1;
    s->retry.host = 3;
    return s;
}

void spec_free(struct spec *s)
{
    if (!s)
        return;
    arena_done(&s->arena);
    mem_free(s);
}

static const struct value *default_command(struct arena *a)
{
    static const char *const words[] = {"${env}", "${interpreter}", "${program}", "${args}"};
    struct value *command = value_list(a);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        value_push(a, command, value_str(a, words[i]));
    return command;
}

/* The reader goes by the table of keys; people read from the top. That there are too many stays
 * last. */
static void sort_by_place(struct diags *d, size_t from)
{
    for (size_t i = from + 1; i < d->n && i < LIMIT_DIAGS; i++) {
        struct diag item = d->items[i];
        size_t j = i;
        for (; j > from &&
               (d->items[j - 1].line > item.line ||
                (d->items[j - 1].line == item.line && d->items[j - 1].column > item.column));
             j--)
            d->items[j] = d->items[j - 1];
        d->items[j] = item;
    }
}

/* Takes over s. */
static struct spec *read_tree(struct spec *s, const struct yaml_node *tree, struct diags *d,
                              size_t errors_before, size_t from)
{
    if (tree) {
        struct spec_reader r = {&s->arena, d};
        struct spec_node root = {.yaml = tree, .line = 1, .column = 1};
        spec_keys_read(&r, s, &root);
        s->content = tree->value;
        if (!s->command)
            s->command = default_command(&s->arena);
    }
    sort_by_place(d, from);
    if (d->errors == errors_before)
        return s;
    spec_free(s);
    return NULL;
}

struct spec *spec_read(const char *text, size_t len, struct diags *d)
{
    struct spec *s = spec_new();
    size_t errors = d->errors, from = d->n;
    return read_tree(s, yaml_read(&s->arena, text, len, d), d, errors, from);
}

struct spec *spec_read_content(const struct value *content, struct diags *d)
{
    struct spec *s = spec_new();
    size_t errors = d->errors, from = d->n;
    return read_tree(s, yaml_tree_of_value(&s->arena, content), d, errors, from);
}

char *spec_content_text(struct arena *a, const struct spec *s)
{
    PRE(s->content);
    return json_text(a, s->content, JSON_PYTHON);
}
