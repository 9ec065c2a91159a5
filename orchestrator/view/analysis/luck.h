/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Whether the best result of a sweep is luck: what the model of bayes says of its noise, and which trial is
 * probably the best. */
#include "orchestrator/view/view.h"
#include "strategies/bayes/recommend.h"

/* sweep: as view_sweep() has it. Nothing is found where this version cannot read its spec. */
NODISCARD int luck_find(struct view *v, struct arena *a, const char *id, const struct value *sweep,
                        struct recommend *ret, struct err *err);
/* [{"number","expected","low","high","p_best"}], the best mean first. */
struct value *luck_list(struct arena *a, const struct recommend *r);
/* The document sweeps/ID/luck: {"results","noise","why","best","recommended"}: the noise, or why there is none
 * known; the trial with the best result and the list, null without noise. */
NODISCARD int luck_read(struct view *v, struct arena *a, const char *id, struct value **ret,
                        struct err *err);
