/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The controller's reply to a request, as text or as one JSON object. */
#include "cli/look/looking.h"

void steer_reply_print(struct looking *l, const char *kind, const char *name,
                       const struct buf *message);
