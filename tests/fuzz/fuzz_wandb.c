/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What wandb's client sends, whatever it is: a body, an operation, a row. A line of metrics that comes of
 * it has no row number or newline of its own. */
#include <string.h>

#include "base/check.h"
#include "base/json.h"
#include "protocol/wandb/wandb_operation.h"
#include "protocol/wandb/wandb_stream.h"
#include "tests/fuzz/fuzz.h"

static void line_check(struct arena *a, const char *text, size_t len)
{
    struct value *line = wandb_stream_line(a, text, len);
    if (!line)
        return;
    check(line->dict.n > 0 && !value_get(line, "_row"));
    check(!strchr(json_text(a, line, JSON_COMPACT), '\n'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct arena a;
    struct wandb_stream s;
    struct wandb_operation op;
    arena_init(&a);
    line_check(&a, text, size);
    if (wandb_operation_parse(&a, text, size, &op, NULL) == 0)
        check(op.name != NULL);
    if (wandb_stream_parse(&a, text, size, &s, NULL) == 0)
        for (size_t i = 0; s.rows && i < s.rows->list.n; i++)
            line_check(&a, s.rows->list.items[i]->s.ptr, s.rows->list.items[i]->s.len);
    arena_done(&a);
    return 0;
}
