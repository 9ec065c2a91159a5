/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Who asks, and what this server is. */
#include "orchestrator/wandb/desk_call.h"

NODISCARD int desk_viewer(struct desk_call *c, struct value **ret, struct err *err);
NODISCARD int desk_viewer_features(struct desk_call *c, struct value **ret, struct err *err);
