/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The order of runs that wandb's public API asks for: "+created_at", "-summary_metrics.loss", "config.lr", several of them
 * separated by commas. Runs that lack a field, or whose value is NaN, come last in both directions. */
#include "protocol/wandb/wandb_field.h"
#include "protocol/wandb/wandb_scalar.h"

enum { WANDB_ORDER_KEYS = 8 };

struct wandb_order {
    struct wandb_order_key {
        struct wandb_field field;
        bool descending;
    } keys[WANDB_ORDER_KEYS];
    size_t n;
};

/* Without a sign: ascending. ERR_SYNTAX names the part that is not a field. */
NODISCARD int wandb_order_parse(struct arena *a, const char *text, struct wandb_order *ret,
                                struct err *err);
bool wandb_order_reads(const struct wandb_order *o, enum wandb_field_part part);
/* What the run is sorted by; its texts point into the run. */
void wandb_order_take(const struct wandb_order *o, const struct value *run,
                      struct wandb_scalar ret[WANDB_ORDER_KEYS]);
int wandb_order_compare(const struct wandb_order *o, const struct wandb_scalar *a,
                        const struct wandb_scalar *b);
