/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Small parts of answers to wandb's clients. */
#include "base/value.h"

void wandb_value_text(struct arena *a, struct value *dict, const char *key,
                      const char *text); /* NULL: null */
void wandb_value_int(struct arena *a, struct value *dict, const char *key, int64_t n);
struct value *wandb_value_with(struct arena *a, const char *key, struct value *v); /* {key: v} */
struct value *wandb_value_data(struct arena *a, const char *key, struct value *v); /* {"data":…} */
struct value *wandb_value_typed(struct arena *a, const char *type); /* {"__typename": type} */
const char *wandb_value_time(struct arena *a, int64_t ms); /* since 1970: 2026-01-31T17:05:09Z */
/* {"edges":…, "pageInfo":…, "totalCount":…}. cursor: of the last edge; NULL: null. */
struct value *wandb_value_page(struct arena *a, struct value *edges, const char *cursor, bool more,
                               int64_t total);
/* Appends {"node": node, "cursor": cursor} to edges. */
void wandb_value_edge(struct arena *a, struct value *edges, struct value *node, const char *cursor);
