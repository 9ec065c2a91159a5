/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/runs/document/document_row.h"

#include <string.h>

static void row_pick(struct json_span row, const char *const *keys, size_t n, int depth,
                     struct json_span *ret)
{
    struct json_walk w;
    struct json_span name, v;
    for (size_t i = 0; i < n; i++)
        ret[i].at = NULL;
    if (depth > DOCUMENT_ROW_DEPTH || !json_span_enter(row, &w) || w.close != '}')
        return;
    while (json_span_next(&w, &name, &v)) {
        size_t len = (size_t)(name.end - name.at) - 2;
        for (size_t i = 0; i < n; i++) {
            if (ret[i].at)
                continue;
            if (json_span_is(name, keys[i])) {
                ret[i] = v;
            } else if (*v.at == '{' && strncmp(keys[i], name.at + 1, len) == 0 &&
                       keys[i][len] == '.') {
                const char *below = keys[i] + len + 1;
                row_pick(v, &below, 1, depth + 1, &ret[i]);
            }
        }
    }
}

void document_row_pick(struct json_span row, const char *const *keys, size_t n,
                       struct json_span *ret)
{
    row_pick(row, keys, n, 0, ret);
}

double document_row_step(struct json_span row, int64_t number)
{
    struct json_span v;
    double step;
    return json_span_find(row, "_step", &v) && json_span_number(v, &step) ? step : (double)number;
}
