/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Steering a sweep where nobody writes its store: this process becomes the writer for as long as it
 * takes, with an agent that launches nothing but can end what a killed besom left running. */
#include "orchestrator/core/event.h"

/* ERR_BUSY where somebody has begun to write meanwhile: ask them. ERR_STATE where the sweep is in
 * no state for it. On success *ret_text, a constant, says what is so now. */
NODISCARD int steer_alone(const char *store_dir, const char *sweep, enum controller_command command,
                          const char **ret_text, struct err *err);
