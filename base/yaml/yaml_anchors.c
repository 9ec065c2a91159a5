/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/yaml/yaml_anchors.h"

#include <string.h>
#include "base/limits.h"

struct anchor {
    struct yaml_node *node; /* NULL while the node itself is being read */
};

void yaml_anchors_init(struct yaml_anchors *s)
{
    *s = (struct yaml_anchors){0};
    map_init(&s->names);
}

void yaml_anchors_done(struct yaml_anchors *s)
{
    map_done(&s->names);
}

const char *yaml_anchors_open(struct yaml_anchors *s, struct arena *a, const char *name)
{
    size_t len = strlen(name);
    if (map_find(&s->names, name, len))
        return arena_printf(a, "the anchor &%.40s is defined twice", name);
    if (s->names.live == LIMIT_YAML_ANCHORS)
        return arena_printf(a, "more than %d anchors", LIMIT_YAML_ANCHORS);
    map_put(&s->names, name, len, arena_alloc(a, sizeof(struct anchor)));
    return NULL;
}

void yaml_anchors_close(struct yaml_anchors *s, const char *name, struct yaml_node *node)
{
    struct anchor *anchor = map_find(&s->names, name, strlen(name));
    anchor->node = node;
}

bool yaml_anchors_take(struct yaml_anchors *s, const struct yaml_node *node)
{
    s->nodes += node->nodes;
    s->bytes += node->bytes;
    return s->nodes <= LIMIT_YAML_NODES && s->bytes <= LIMIT_SPEC_BYTES;
}

const char *yaml_anchors_use(struct yaml_anchors *s, struct arena *a, const char *name,
                             size_t depth, struct yaml_node **ret)
{
    const struct anchor *anchor = map_find(&s->names, name, strlen(name));
    if (!anchor)
        return arena_printf(a, "unknown alias *%.40s: there is no &%.40s before it", name, name);
    if (!anchor->node)
        return arena_printf(a, "*%.40s is inside the value that it refers to", name);
    if (!yaml_anchors_take(s, anchor->node) || depth + anchor->node->height > LIMIT_YAML_DEPTH)
        return "the aliases expand to too much";
    anchor->node->shared = true;
    *ret = anchor->node;
    return NULL;
}
