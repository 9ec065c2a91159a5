/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What wandb's public API reads of a run's rows: all, samples, pages by steps, their keys; and of what the run printed. Rows
 * leave as the texts that the client sent, so NaN stays what it was; values in the answer itself have NaN as a text, since
 * JSON has no other. */
#include "orchestrator/runs/runs_run.h"
#include "orchestrator/wandb/desk_call.h"

NODISCARD int api_history_full(struct desk_call *c, struct value **ret, struct err *err);
NODISCARD int api_history_sampled(struct desk_call *c, struct value **ret, struct err *err);
NODISCARD int api_history_page(struct desk_call *c, struct value **ret, struct err *err);
NODISCARD int api_history_parquet(struct desk_call *c, struct value **ret, struct err *err);
NODISCARD int api_history_keys(struct desk_call *c, struct value **ret, struct err *err);
NODISCARD int api_history_log(struct desk_call *c, struct value **ret, struct err *err);
