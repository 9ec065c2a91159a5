/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/spec_remains.h"

#include <string.h>
#include "base/yaml/yaml.h"
#include "language/spec_read.h"

static bool is_group(const struct value *v)
{
    const struct value *inner = value_get(v, "parameters");
    return inner && inner->kind == VALUE_DICT && v->dict.n == 1;
}

/* The same names, grouped in the same way, each with a valid placeholder value. */
static struct value *names_of(struct arena *a, const struct value *parameters)
{
    struct value *names = value_dict(a);
    for (size_t i = 0; parameters && i < parameters->dict.n; i++) {
        const struct value_entry *e = &parameters->dict.entries[i];
        struct value *one = value_dict(a);
        if (is_group(e->value))
            value_put(a, one, "parameters", names_of(a, value_get(e->value, "parameters")));
        else
            value_put(a, one, "value", value_null(a));
        value_put(a, names, e->key, one);
    }
    return names;
}

static struct value *remains_of(struct arena *a, const struct value *content)
{
    static const char *const kept[] = {"program", "command"};
    struct value *remains = value_dict(a);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (value_get(content, kept[i]))
            value_put(a, remains, kept[i], value_copy(a, value_get(content, kept[i])));
    const struct value *parameters = value_get(content, "parameters");
    struct value *names =
        names_of(a, parameters && parameters->kind == VALUE_DICT ? parameters : NULL);
    if (names->dict.n == 0) { /* a spec must have at least one parameter */
        struct value *one = value_dict(a);
        value_put(a, one, "value", value_null(a));
        value_put(a, names, "_", one);
    }
    value_put(a, remains, "method", value_str(a, "random"));
    value_put(a, remains, "parameters", names);
    return remains;
}

/* The mapping that holds the spec; NULL if it is missing. */
static const struct value *find_root(struct arena *a, const struct value *v, const char *root)
{
    while (root && v) {
        const char *dot = strchr(root, '.');
        size_t len = dot ? (size_t)(dot - root) : strlen(root);
        v = v->kind == VALUE_DICT ? value_get(v, arena_strndup(a, root, len)) : NULL;
        root = dot ? dot + 1 : NULL;
    }
    return v && v->kind == VALUE_DICT ? v : NULL;
}

struct spec *spec_remains(struct arena *a, const char *text, size_t len, const char *root)
{
    struct diags d;
    diags_init(&d, a, "");
    struct yaml_node *tree = yaml_read(a, text, len, &d);
    const struct value *content = tree && d.errors == 0 ? find_root(a, tree->value, root) : NULL;
    return content ? spec_read_content(remains_of(a, content), &d) : NULL;
}
