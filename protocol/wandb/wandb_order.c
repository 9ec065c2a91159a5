/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "protocol/wandb/wandb_order.h"

#include <string.h>

static int key_parse(struct arena *a, const char *text, size_t len, struct wandb_order_key *ret,
                     struct err *err)
{
    while (len > 0 && text[0] == ' ') {
        text++;
        len--;
    }
    ret->descending = len > 0 && text[0] == '-';
    if (len > 0 && (text[0] == '-' || text[0] == '+')) {
        text++;
        len--;
    }
    return wandb_field_parse(a, arena_strndup(a, text, len), &ret->field, err);
}

int wandb_order_parse(struct arena *a, const char *text, struct wandb_order *ret, struct err *err)
{
    ret->n = 0;
    for (const char *at = text; *at;) {
        size_t len = strcspn(at, ",");
        if (ret->n == WANDB_ORDER_KEYS)
            return err_set(err, ERR_LIMIT, "an order has at most %d fields", WANDB_ORDER_KEYS);
        int rc = key_parse(a, at, len, &ret->keys[ret->n++], err);
        if (rc != 0)
            return rc;
        at += len + (at[len] == ',');
    }
    return 0;
}

bool wandb_order_reads(const struct wandb_order *o, enum wandb_field_part part)
{
    for (size_t i = 0; i < o->n; i++)
        if (o->keys[i].field.part == part)
            return true;
    return false;
}

void wandb_order_take(const struct wandb_order *o, const struct value *run,
                      struct wandb_scalar ret[WANDB_ORDER_KEYS])
{
    for (size_t i = 0; i < o->n; i++)
        ret[i] = wandb_scalar_of(wandb_field_get(&o->keys[i].field, run), o->keys[i].field.is_time);
}

int wandb_order_compare(const struct wandb_order *o, const struct wandb_scalar *a,
                        const struct wandb_scalar *b)
{
    for (size_t i = 0; i < o->n; i++) {
        int order = wandb_scalar_order(&a[i], &b[i], o->keys[i].descending);
        if (order != 0)
            return order;
    }
    return 0;
}
