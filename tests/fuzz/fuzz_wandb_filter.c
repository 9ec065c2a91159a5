/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Filters and orders of wandb's public API. A filter and its opposite never both match; in each order a run that lacks a field
 * comes last. */
#include <string.h>

#include "base/check.h"
#include "base/json.h"
#include "protocol/wandb/wandb_filter.h"
#include "protocol/wandb/wandb_order.h"
#include "tests/fuzz/fuzz.h"

static const char run_text[] = "{\"name\":\"aaa!\",\"state\":\"finished\",\"tags\":[\"a\",\"b\"],"
                               "\"created\":\"2026-11-21T08:25:06Z\","
                               "\"config\":{\"a\":{\"value\":{\"b\":1}},\"a.b\":{\"value\":2}},"
                               "\"summary\":{\"loss\":NaN,\"x\":{\"y\":1}}}";

static void filter_check(struct arena *a, const char *text, size_t len, const struct value *run)
{
    struct wandb_filter *f, *opposite;
    const char *negated = arena_printf(a, "{\"$nor\":[%.*s]}", (int)len, text);
    if (wandb_filter_parse(text, len, &f, NULL) != 0)
        return;
    int rc = wandb_filter_match(f, run);
    if (text[0] == '{' && wandb_filter_parse(negated, strlen(negated), &opposite, NULL) == 0) {
        int other = wandb_filter_match(opposite, run);
        check(rc < 0 || other < 0 || rc != other);
        wandb_filter_free(opposite);
    }
    wandb_filter_free(f);
}

static void order_check(struct arena *a, const char *text, const struct value *run)
{
    struct wandb_order o;
    struct wandb_scalar left[WANDB_ORDER_KEYS], right[WANDB_ORDER_KEYS];
    if (wandb_order_parse(a, text, &o, NULL) != 0)
        return;
    wandb_order_take(&o, run, left);
    wandb_order_take(&o, value_dict(a), right);
    check(wandb_order_compare(&o, left, right) <= 0 && wandb_order_compare(&o, right, left) >= 0);
    check(wandb_order_compare(&o, left, left) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct value *run = NULL;
    arena_init(&a);
    check(json_parse(&a, run_text, strlen(run_text), &run, NULL) == 0);
    const char *text = arena_strndup(&a, (const char *)data, size);
    filter_check(&a, text, strlen(text), run);
    order_check(&a, text, run);
    arena_done(&a);
    return 0;
}
