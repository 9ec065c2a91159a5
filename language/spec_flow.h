/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A value as YAML in one line, in brackets or not: what a corrected line is made of. */
#include "base/yaml_tree.h"

/* A number as every reader of YAML takes it for one: 0.1, 1.0e-5, 2000.0. */
const char *spec_flow_number(struct arena *a, double f);
/* NULL where it is long, or where YAML would read it back as something else. */
const char *spec_flow_text(struct arena *a, const struct yaml_node *n);
