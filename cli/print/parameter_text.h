/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A parameter for people: its values, and when it exists. Pure. */
#include "sweep/space.h"

/* "0.003 to 3.0", "relu, tanh", "exp(-10) to exp(-3): 4.54e-05 to 0.0498". */
const char *parameter_text_values(struct arena *a, const struct parameter *p);
/* "optimizer is adam or sgd"; "" if it always exists. */
const char *parameter_text_when(struct arena *a, const struct space *s, const struct parameter *p);
