/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The file that $WANDB_SWEEP_PARAM_PATH names: wandb.init() copies its values into wandb.config,
 * also offline and disabled. It is YAML as PyYAML reads it. */
#include "base/value.h"

/* params is nested, as the script gets them. */
const char *wandb_config_text(struct arena *a, const struct value *params);
