/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "protocol/wandb/wandb_value.h"

#include <inttypes.h>

#include "base/number/civil.h"

void wandb_value_text(struct arena *a, struct value *dict, const char *key, const char *text)
{
    value_put(a, dict, key, text ? value_str(a, text) : value_null(a));
}

void wandb_value_int(struct arena *a, struct value *dict, const char *key, int64_t n)
{
    value_put(a, dict, key, value_int(a, n));
}

struct value *wandb_value_with(struct arena *a, const char *key, struct value *v)
{
    struct value *ret = value_dict(a);
    value_put(a, ret, key, v);
    return ret;
}

struct value *wandb_value_data(struct arena *a, const char *key, struct value *v)
{
    return wandb_value_with(a, "data", wandb_value_with(a, key, v));
}

struct value *wandb_value_typed(struct arena *a, const char *type)
{
    return wandb_value_with(a, "__typename", value_str(a, type));
}

const char *wandb_value_time(struct arena *a, int64_t ms)
{
    int64_t seconds = ms / 1000, second = seconds % 86400;
    struct civil date = civil_date(seconds / 86400);
    return arena_printf(
        a, "%04" PRId64 "-%02" PRId64 "-%02" PRId64 "T%02" PRId64 ":%02" PRId64 ":%02" PRId64 "Z",
        date.year, date.month, date.day, second / 3600, second / 60 % 60, second % 60);
}

struct value *wandb_value_page(struct arena *a, struct value *edges, const char *cursor, bool more,
                               int64_t total)
{
    struct value *page = wandb_value_typed(a, "PageInfo"), *ret = value_dict(a);
    wandb_value_text(a, page, "endCursor", cursor);
    value_put(a, page, "hasNextPage", value_bool(a, more));
    value_put(a, ret, "edges", edges);
    value_put(a, ret, "pageInfo", page);
    wandb_value_int(a, ret, "totalCount", total);
    return ret;
}

void wandb_value_edge(struct arena *a, struct value *edges, struct value *node, const char *cursor)
{
    struct value *edge = value_dict(a);
    value_put(a, edge, "node", node);
    wandb_value_text(a, edge, "cursor", cursor);
    value_push(a, edges, edge);
}
