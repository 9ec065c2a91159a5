/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The part of the schema for parameters: adds its definitions. `parameters` and
 * `parameters_of_grid` are for the top level. */
#include "base/value.h"

void language_parameter_define(struct arena *a, struct value *definitions);
/* The schema that a text of JSON, made by us, holds. */
struct value *language_parameter_parse(struct arena *a, const char *json);
