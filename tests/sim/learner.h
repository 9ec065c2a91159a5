/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A strategy that learns, for the simulator alone: each bit of the history that it reads changes
 * what it proposes, so that a history that is not the right one shows. */
#include "strategies/strategy_type.h"

extern const struct strategy_type strategy_learner;
