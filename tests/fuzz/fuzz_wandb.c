/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What wandb's client sends or leaves, whatever it is: a body, an operation, a row, a file. A line of metrics that comes of
 * it has no row number or newline of its own. */
#include <string.h>

#include "base/check.h"
#include "base/json.h"
#include "protocol/wandb/wandb_file.h"
#include "protocol/wandb/wandb_id.h"
#include "protocol/wandb/wandb_operation.h"
#include "protocol/wandb/wandb_replay.h"
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

static void record_check(void *arg, const void *record, size_t len)
{
    struct arena *a = arg;
    const struct wandb_record r = wandb_record_read(record, len);
    if (r.kind == WANDB_RECORD_HISTORY)
        wandb_stream_line_of(a, wandb_record_row(a, &r));
}

/* Whatever a file holds, its requests are JSON. */
static void request_check(void *arg, const char *body, size_t len)
{
    struct value *v;
    check(json_parse(arg, body, len, &v, NULL) == 0 && v->kind == VALUE_DICT);
}

static void name_check(void *arg, const char *name)
{
    (void)arg;
    check(name != NULL);
}

static void replay_record(void *arg, const void *record, size_t len)
{
    wandb_replay_record(arg, record, len);
}

static void replay_check(struct arena *a, const void *bytes, size_t len)
{
    const struct wandb_replay_handler handler = {request_check, request_check, name_check, a};
    const struct wandb_replay_options options = {.fallback_entity = "e", .fallback_project = "p"};
    struct wandb_replay r;
    struct wandb_file f;
    wandb_replay_init(&r, &options, &handler);
    wandb_file_init(&f);
    wandb_replay_record(&r, bytes, len);
    wandb_file_block(&f, bytes, len, replay_record, &r);
    wandb_replay_end(&r, 1);
    wandb_file_done(&f);
    wandb_replay_done(&r);
}

/* As a record, and as a file, where few inputs have the right sums. */
static void file_check(struct arena *a, const void *bytes, size_t len)
{
    struct wandb_file f;
    record_check(a, bytes, len);
    wandb_file_init(&f);
    wandb_file_block(&f, bytes, len, record_check, a);
    wandb_file_done(&f);
    replay_check(a, bytes, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct arena a;
    struct wandb_stream s;
    struct wandb_operation op;
    arena_init(&a);
    line_check(&a, text, size);
    file_check(&a, data, size);
    if (wandb_operation_parse(&a, text, size, &op, NULL) == 0)
        check(op.name != NULL);
    int64_t number;
    char *id = arena_strndup(&a, text, size);
    if (wandb_id_parse(id, "Run", &number))
        check(strcmp(wandb_id_print(&a, "Run", number), id) == 0);
    if (wandb_stream_parse(&a, text, size, &s, NULL) == 0)
        for (size_t i = 0; s.rows && i < s.rows->list.n; i++)
            line_check(&a, s.rows->list.items[i]->s.ptr, s.rows->list.items[i]->s.len);
    arena_done(&a);
    return 0;
}
