/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Counts by rule what the conditions of a space refuse, so that an empty space can be explained.
 * Must not know where points come from. */
#include "base/buf.h"
#include "sweep/space.h"

struct refusal {
    const struct space *space;
    uint64_t n;          /* refused since clear, by whatever rule */
    uint64_t *forbidden; /* of each forbid: how often it held */
    uint64_t *undefined; /* of each parameter, then each forbid: how often it had no value */
};

void refusal_init(struct refusal *r, const struct space *space);
void refusal_done(struct refusal *r);
void refusal_clear(struct refusal *r);
/* Whether forbid number k accepts the values, once those that it names are known; counts a
 * refusal. */
bool refusal_passes(struct refusal *r, size_t k, struct value *const *values);
/* Counts a point at which the when or expr of parameter i has no value. */
void refusal_count_undefined(struct refusal *r, size_t i);
/* Adds "`forbid: a > 1` 20 times, …", the rules that refused most before the others. */
void refusal_tell(const struct refusal *r, struct buf *out);
