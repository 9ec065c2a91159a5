/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The plan for a person. */
#include "base/buf.h"
#include "cli/plan/plan_found.h"

void plan_text(struct buf *out, struct plan *p, size_t columns, bool colour);
