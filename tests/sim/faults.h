/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Who does the story harm, and when: faults of the classes that its seed turned on, commands of a
 * user, until chaos is over. Then all is mended, and somebody resumes what is paused. */
#include "tests/sim/sim.h"

void faults_start(struct sim *s);
