/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* besom plan --json: the shape is in docs/cli.md. */
#include "cli/plan/plan_found.h"

struct value *plan_json(struct plan *p);
