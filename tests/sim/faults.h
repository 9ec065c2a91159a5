/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Injects faults of the classes that the seed turned on, and commands of a user, until chaos is
 * over. Then repairs all faults and resumes the paused sweeps. */
#include "tests/sim/sim.h"

void faults_start(struct sim *s);
