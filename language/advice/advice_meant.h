/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Converts times, spans and amounts from other notations to besom's. Knows no key of the language.
 * Each function returns NULL if the meaning is not certain. */
#include "base/arena.h"
#include "base/value.h"

const char *advice_meant_moment(struct arena *a, const struct value *v); /* 6pm: '18:00' */
const char *advice_meant_span(struct arena *a, const struct value *v);   /* 5 hours, 05:00:00: 5h */
const char *advice_meant_memory(struct arena *a, const struct value *v); /* 8 gb: 8GiB */
