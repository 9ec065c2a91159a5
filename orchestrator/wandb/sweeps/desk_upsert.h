/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* UpsertSweep: creates a sweep, changes its spec or its state. */
#include "orchestrator/wandb/desk_later.h"

void desk_upsert_sweep(struct desk_later *l);
