/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A value on one line: as YAML, with or without brackets, for corrected lines; or as Python prints
 * it, for messages. */
#include "base/yaml/yaml_tree.h"

/* A number in a form that every YAML reader reads as a number: 0.1, 1.0e-5, 2000.0. */
const char *spec_flow_number(struct arena *a, double f);
/* NULL if it is long, or if YAML would read it back as another value. */
const char *spec_flow_text(struct arena *a, const struct yaml_node *n);
/* Text as a value on one line: in quotes if YAML would not read it as the same text without them. */
const char *spec_flow_line(struct arena *a, const char *text);
/* As Python's repr(), cut to fit a message. */
const char *spec_flow_shown(struct arena *a, const struct value *v);
