/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The anchors of a document, and its size after aliases and merge keys are expanded: a short text
 * can expand to more than memory holds. Knows no syntax and no place. */
#include <stdbool.h>
#include "base/map.h"
#include "base/yaml/yaml_tree.h"

struct yaml_anchors {
    struct map names;    /* name -> struct anchor */
    size_t nodes, bytes; /* read so far */
};

void yaml_anchors_init(struct yaml_anchors *s);
void yaml_anchors_done(struct yaml_anchors *s);
/* Call before the value after &name is read. NULL, or an error message. */
const char *yaml_anchors_open(struct yaml_anchors *s, struct arena *a, const char *name);
/* Call after it was read. */
void yaml_anchors_close(struct yaml_anchors *s, const char *name, struct yaml_node *node);
/* The value of *name at this depth, which is counted. NULL, or an error message. */
const char *yaml_anchors_use(struct yaml_anchors *s, struct arena *a, const char *name,
                             size_t depth, struct yaml_node **ret);
/* Counts a value that is used again; false if the document becomes too large. */
bool yaml_anchors_take(struct yaml_anchors *s, const struct yaml_node *node);
