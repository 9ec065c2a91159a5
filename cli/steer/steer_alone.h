/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Steering a sweep where nobody writes its store: this process becomes the writer for as long as it
 * takes, with the same controller and an agent that launches nothing but can end what a killed
 * besom left running. */
#include "base/buf.h"
#include "orchestrator/core/event.h"

/* Appends the controller's reply to `message`, or returns it where it is an error. ERR_BUSY where
 * somebody has begun to write meanwhile: ask them. */
NODISCARD int steer_alone(const char *store_dir, const char *sweep, enum controller_command command,
                          struct buf *message, struct err *err);
