/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* One hostile history: a space, points and results that hold no information or break arithmetic,
 * and the proposals that a strategy makes of them, judged. */
#include <stdint.h>

/* Tells history `number`, and asks; its method is number modulo 3. tick() is called before and
 * after each proposal, which takes time. Prints what is wrong and exits where something is; with
 * verbose, prints the spec, the points and the proposals. */
void history_tell(uint64_t number, int verbose, void (*tick)(uint64_t number, int begins));
const char *history_method(uint64_t number);
