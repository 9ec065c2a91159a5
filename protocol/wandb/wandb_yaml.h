/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A value as YAML 1.1 that PyYAML reads back as the same: wandb's clients load the configuration of a sweep so. JSON would nearly
 * do, but 1e-05 is a text there. */
#include "base/value.h"

/* One line for each key of the dict, and flow style below. */
char *wandb_yaml_text(struct arena *a, const struct value *dict);
