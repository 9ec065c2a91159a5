/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The file that $WANDB_SWEEP_PARAM_PATH names: wandb.init() puts its values into wandb.config, offline
 * and disabled too. It is YAML as PyYAML reads it. */
#include "base/value.h"

/* params is nested, as the script gets them. */
const char *wandb_config_text(struct arena *a, const struct value *params);
