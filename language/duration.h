/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Spans of time as people write them: "90", "45s", "30m", "1h30m", "1d". Knows no clock. */
#include <stdbool.h>

/* Seconds, more than 0; false if the text is not a span of time, which leaves *ret_s unchanged. */
bool duration_parse(const char *text, double *ret_s);
