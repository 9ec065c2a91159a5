/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What is done to a run beside logging: whether to stop, alerts, removal. */
#include "orchestrator/wandb/desk_call.h"

/* RunStoppedStatus */
NODISCARD int desk_run_stopped(struct desk_call *c, struct value **ret, struct err *err);
/* NotifyScriptableRunAlert */
NODISCARD int desk_run_alert(struct desk_call *c, struct value **ret, struct err *err);
/* DeleteRun */
NODISCARD int desk_run_remove(struct desk_call *c, struct value **ret, struct err *err);
