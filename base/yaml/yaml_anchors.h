/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The anchors of a document, and how much it holds where aliases and merge keys count by what they
 * stand for: a short text can stand for more than memory holds. Knows no syntax and no place. */
#include <stdbool.h>
#include "base/map.h"
#include "base/yaml/yaml_tree.h"

struct yaml_anchors {
    struct map names;    /* name -> struct anchor */
    size_t nodes, bytes; /* read so far */
};

void yaml_anchors_init(struct yaml_anchors *s);
void yaml_anchors_done(struct yaml_anchors *s);
/* Before what stands behind &name is read. NULL, or what is wrong with it. */
const char *yaml_anchors_open(struct yaml_anchors *s, struct arena *a, const char *name);
/* After that. */
void yaml_anchors_close(struct yaml_anchors *s, const char *name, struct yaml_node *node);
/* What *name stands for, at this depth, counted. NULL, or what is wrong with it. */
const char *yaml_anchors_use(struct yaml_anchors *s, struct arena *a, const char *name,
                             size_t depth, struct yaml_node **ret);
/* Counts what is used again; false where that is too much. */
bool yaml_anchors_take(struct yaml_anchors *s, const struct yaml_node *node);
