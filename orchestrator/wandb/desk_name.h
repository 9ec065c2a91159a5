/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Names for runs that nobody named: "amber-lake-12", and "amber-sweep-12" within a sweep. */
#include <stdbool.h>
#include <stdint.h>
#include "base/arena.h"

/* The words follow from the run's id, the number is that of the run in its project. */
char *desk_name(struct arena *a, const char *id, bool sweep, int64_t number);
