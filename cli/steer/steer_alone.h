/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Steers a sweep whose store no process writes. This process becomes the writer for that time,
 * with the same controller and an agent that launches nothing, but can end the trials that a
 * killed besom left running. */
#include "base/buf.h"
#include "base/err.h"

struct steer_request;

/* Appends the controller's reply to `message`, or returns it if it is an error. ERR_BUSY if
 * another process has become the writer: ask that one. */
NODISCARD int steer_alone(const char *store_dir, const struct steer_request *request,
                          struct buf *message, struct err *err);
