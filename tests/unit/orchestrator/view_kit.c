/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/orchestrator/view_kit.h"

#include "base/json.h"
#include "tests/test.h"

struct arena kit_arena;
struct books kit_books;
struct store *kit_store;
static int64_t now = 1700000000000;

struct value *kit_parsed(const char *text)
{
    struct value *v;
    ASSERT_EQ(json_parse(&kit_arena, text, strlen(text), &v, NULL), 0);
    return v;
}

void kit_put(const char *sweep, struct fact f)
{
    struct err err;
    f.time_ms = f.ended_ms = now += 500;
    f.sweep = sweep;
    f.agent = f.agent ? f.agent : "local";
    f.seq = kit_books.seq + 1;
    if (books_apply(&kit_books, &f, &err) < 0 || store_append(kit_store, &f, &err) < 0)
        FAIL("%s", err.text);
}

void kit_commit(void)
{
    struct err err;
    if (store_commit(kit_store, &kit_books, &err) < 0)
        FAIL("%s", err.text);
    books_sweep_out(&kit_books);
}

void kit_create(const char *id, const char *name)
{
    kit_put(id, (struct fact){.kind = FACT_SWEEP_CREATED,
                              .name = name,
                              .path = "/data/sweep.yaml",
                              .workdir = "/data",
                              .seed = 7,
                              .total = 12,
                              .content = kit_parsed(
                                  "{\"method\":\"grid\",\"program\":\"t.py\",\"metric\":{\"name\":"
                                  "\"loss\",\"goal\":\"minimize\"},\"parameters\":{\"lr\":{"
                                  "\"values\":[0.1,0.2]}}}")});
}

void kit_log(const char *sweep, uint64_t trial, uint32_t attempt, const char *text)
{
    const struct book_attempt *at = &books_trial(books_sweep(&kit_books, sweep), trial)->attempt;
    struct fact f = {.kind = FACT_METRICS, .trial = trial, .attempt = attempt};
    f.from = at->offset[0];
    f.to = f.from + strlen(text);
    f.next_step = at->next_step;
    points_parse(&kit_arena, text, strlen(text), now, NULL, &f.next_step, &f.points);
    kit_put(sweep, f);
}

void kit_fill(const char *dir)
{
    struct err err;
    if (store_open(dir, true, &kit_store, &err) < 0)
        FAIL("%s", err.text);
    books_init(&kit_books);
    kit_create("abc123", "first");
    kit_create("abd456", NULL);
    for (uint64_t i = 0; i < 12; i++) {
        char text[200];
        snprintf(text, sizeof text,
                 "{\"lr\":0.%d,\"model\":{\"depth\":%d},\"opt\":\"%s\",\"z\":%s}", (int)i % 2 + 1,
                 5 - (int)i % 5, i % 3 ? "sgd" : "adam", i ? "1" : "NaN");
        kit_put("abd456", (struct fact){.kind = FACT_PROPOSED,
                                        .trial = i,
                                        .params = kit_parsed(text),
                                        .why = kit_parsed("{\"by\":\"grid\"}")});
        kit_put("abd456",
                (struct fact){.kind = FACT_LAUNCHED, .trial = i, .attempt = 1, .slot = 1});
        snprintf(text, sizeof text, "{\"loss\":%s,\"acc\":%d}\n{\"step\":9,\"acc\":%d}\n",
                 i == 0   ? "NaN"
                 : i == 1 ? "null"
                          : "99",
                 (int)i, (int)i);
        kit_log("abd456", i, 1, text);
        if (i > 1) {
            snprintf(text, sizeof text, "{\"loss\":%d}\nnot json\n", 10 - (int)i);
            kit_log("abd456", i, 1, text);
        }
        if (i < 11)
            kit_put("abd456", (struct fact){.kind = FACT_ENDED,
                                            .trial = i,
                                            .attempt = 1,
                                            .reason = i == 5 ? REASON_EXIT : REASON_OK,
                                            .code = i == 5,
                                            .ran_ms = 1000,
                                            .text = i == 5 ? "Traceback" : NULL,
                                            .state = i == 5 ? TRIAL_FAILED : TRIAL_FINISHED});
    }
    kit_commit();
}

struct view *kit_open(const char *dir)
{
    struct view *v;
    struct err err;
    if (view_open(dir, &v, &err) < 0)
        FAIL("%s", err.text);
    return v;
}

void kit_end(struct view *v)
{
    view_close(v);
    store_close(kit_store);
    books_done(&kit_books);
    arena_done(&kit_arena);
}

char *kit_json(const struct value *v)
{
    return json_text(&kit_arena, v, JSON_COMPACT);
}
