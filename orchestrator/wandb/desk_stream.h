/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* POST /files/ENTITY/PROJECT/RUN/file_stream: what a run logs, and that it lives. Lines are stored as they
 * come, under their numbers. Data brings a run that has ended back to running. */
#include "orchestrator/wandb/desk_call.h"

NODISCARD int desk_stream(struct desk_call *c, struct err *err);
