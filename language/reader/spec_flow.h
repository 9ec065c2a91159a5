/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A value in one line: as YAML, in brackets or not, which is what a corrected line is made of; or
 * as Python prints it, which is how a message names it. */
#include "base/yaml/yaml_tree.h"

/* A number as every reader of YAML takes it for one: 0.1, 1.0e-5, 2000.0. */
const char *spec_flow_number(struct arena *a, double f);
/* NULL where it is long, or where YAML would read it back as something else. */
const char *spec_flow_text(struct arena *a, const struct yaml_node *n);
/* Text that is to be a value, in one line: in quotes where YAML has no plain text like it. */
const char *spec_flow_line(struct arena *a, const char *text);
/* As Python's repr(), cut to fit a message. */
const char *spec_flow_shown(struct arena *a, const struct value *v);
