/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json.h"
#include "protocol/wandb/wandb_replay.h"
#include "tests/test.h"
#include "tests/unit/protocol/wandb_bytes.h"

enum { RUN = 17, CONFIG = 5, SUMMARY = 3, HISTORY = 2, OUTPUT = 13, FILES = 6, EXIT = 18 };

static struct arena arena;
static struct wandb_replay replay;
static struct value *upserts, *streams, *names;

static void upsert_note(void *arg, const char *body, size_t len)
{
    struct value *v;
    (void)arg;
    ASSERT_EQ(json_parse(&arena, body, len, &v, NULL), 0);
    value_push(&arena, upserts, (struct value *)(uintptr_t)value_get(v, "variables"));
}

static void stream_note(void *arg, const char *body, size_t len)
{
    struct value *v;
    (void)arg;
    ASSERT_EQ(json_parse(&arena, body, len, &v, NULL), 0);
    value_push(&arena, streams, v);
}

static void name_note(void *arg, const char *name)
{
    (void)arg;
    value_push(&arena, names, value_str(&arena, name));
}

static void begin(struct wandb_replay_options options)
{
    const struct wandb_replay_handler handler = {upsert_note, stream_note, name_note, NULL};
    upserts = value_list(&arena);
    streams = value_list(&arena);
    names = value_list(&arena);
    options.fallback_entity = "besom";
    wandb_replay_init(&replay, &options, &handler);
}

static void end(int code)
{
    wandb_replay_end(&replay, code);
    wandb_replay_done(&replay);
}

static void give(unsigned kind, const struct buf *message)
{
    struct buf record;
    buf_init(&record, SIZE_MAX);
    add_field(&record, kind, buf_peek(message), message->len);
    wandb_replay_record(&replay, buf_peek(&record), record.len);
    buf_done(&record);
}

static void add_text(struct buf *out, unsigned number, const char *text)
{
    add_field(out, number, text, strlen(text));
}

static void give_run(void)
{
    struct buf run, config, start;
    buf_init(&run, SIZE_MAX);
    buf_init(&config, SIZE_MAX);
    buf_init(&start, SIZE_MAX);
    add_text(&run, 1, "abc");
    add_text(&run, 3, "demo");
    add_item(&config, "lr", NULL, "0.5");
    add_field(&run, 4, buf_peek(&config), config.len);
    add_text(&run, 8, "nice");
    add_text(&run, 10, "a");
    add_text(&run, 10, "b");
    add_varint(&start, 1 << 3);
    add_varint(&start, 1795954402);
    add_field(&run, 17, buf_peek(&start), start.len);
    give(RUN, &run);
    buf_done(&start);
    buf_done(&config);
    buf_done(&run);
}

static void give_item(unsigned kind, const char *first, const char *second, const char *json)
{
    struct buf message;
    buf_init(&message, SIZE_MAX);
    add_item(&message, first, second, json);
    give(kind, &message);
    buf_done(&message);
}

static void give_output(const char *text, bool err)
{
    struct buf message, at;
    buf_init(&message, SIZE_MAX);
    buf_init(&at, SIZE_MAX);
    add_varint(&at, 1 << 3);
    add_varint(&at, 1795954402);
    add_varint(&at, 2 << 3);
    add_varint(&at, 804721000);
    if (!err) {
        add_varint(&message, 1 << 3);
        add_varint(&message, 1);
    }
    add_field(&message, 2, buf_peek(&at), at.len);
    add_text(&message, 3, text);
    give(OUTPUT, &message);
    buf_done(&at);
    buf_done(&message);
}

static const char *content(size_t stream, const char *name, const char *what)
{
    const struct value *f = value_get(value_get(streams->list.items[stream], "files"), name);
    return json_text(&arena, value_get(f, what), JSON_COMPACT);
}

TEST(wandb_replay_asks_as_the_client_does)
{
    struct buf message;
    begin((struct wandb_replay_options){0});
    give_run();
    give_item(SUMMARY, "loss", NULL, "3");
    give_item(HISTORY, "loss", NULL, "NaN");
    give_item(CONFIG, "opt", "lr", "2");
    give_item(SUMMARY, "loss", NULL, "2");
    give_output("one\n10%\r20%", false);
    give_output("bad\n", true);
    give_output("\n", false);
    buf_init(&message, SIZE_MAX);
    add_field(&message, 1,
              "\x0a\x05"
              "a.txt",
              7);
    give(FILES, &message);
    give(FILES, &message);
    buf_clear(&message);
    add_varint(&message, 1 << 3);
    add_varint(&message, 3);
    give(EXIT, &message);
    buf_done(&message);
    end(1);
    ASSERT_EQ(upserts->list.n, 1);
    const struct value *v = upserts->list.items[0];
    ASSERT_STR(value_get_str(v, "name", ""), "abc");
    ASSERT_STR(value_get_str(v, "entity", ""), "besom");
    ASSERT_STR(value_get_str(v, "project", ""), "demo");
    ASSERT_STR(value_get_str(v, "displayName", ""), "nice");
    ASSERT_STR(json_text(&arena, value_get(v, "tags"), JSON_COMPACT), "[\"a\",\"b\"]");
    ASSERT_STR(value_get_str(v, "config", ""),
               "{\"lr\": {\"value\": 0.5}, \"opt\": {\"value\": {\"lr\": 2}}, \"_wandb\": "
               "{\"value\": {\"t\": {}}}}");
    ASSERT_EQ(streams->list.n, 1);
    ASSERT_STR(content(0, "wandb-history.jsonl", "content"), "[\"{\\\"loss\\\": NaN}\"]");
    ASSERT_STR(content(0, "wandb-summary.json", "content"), "[\"{\\\"loss\\\": 2}\"]");
    ASSERT_STR(content(0, "output.log", "content"),
               "[\"2026-11-29T12:13:22.804721 one\",\"ERROR 2026-11-29T12:13:22.804721 bad\","
               "\"2026-11-29T12:13:22.804721 20%\"]");
    ASSERT_STR(json_text(&arena, names, JSON_COMPACT), "[\"a.txt\"]");
    ASSERT(value_get_bool(streams->list.items[0], "complete", false));
    ASSERT_EQ(value_get_int(streams->list.items[0], "exitcode", -1), 3);
    arena_done(&arena);
}

TEST(wandb_replay_cuts_many_rows_into_pieces)
{
    char text[16];
    begin((struct wandb_replay_options){.id = "s-1", .first = 10});
    give_run();
    for (int i = 0; i < 100000; i++) {
        snprintf(text, sizeof text, "%d", i);
        give_item(HISTORY, "loss", NULL, text);
    }
    end(7);
    int64_t next = 10;
    ASSERT(streams->list.n >= 2);
    for (size_t i = 0; i < streams->list.n; i++) {
        const struct value *f =
            value_get(value_get(streams->list.items[i], "files"), "wandb-history.jsonl");
        ASSERT_EQ(value_get_int(f, "offset", -1), next);
        next += (int64_t)value_get(f, "content")->list.n;
        ASSERT_EQ(value_get(streams->list.items[i], "complete") != NULL, i + 1 == streams->list.n);
    }
    ASSERT_EQ(next, 100010);
    ASSERT_STR(value_get_str(upserts->list.items[0], "name", ""), "s-1");
    ASSERT_EQ(value_get_int(streams->list.items[streams->list.n - 1], "exitcode", -1), 7);
    arena_done(&arena);
}

TEST(wandb_replay_leaves_out_rows_that_are_there)
{
    begin((struct wandb_replay_options){.rows = 2});
    give_run();
    for (int i = 0; i < 3; i++)
        give_item(HISTORY, "loss", NULL, i == 0 ? "0" : i == 1 ? "1" : "2");
    end(0);
    ASSERT_STR(content(0, "wandb-history.jsonl", "content"), "[\"{\\\"loss\\\": 2}\"]");
    ASSERT_STR(content(0, "wandb-history.jsonl", "offset"), "2");
    arena_done(&arena);
}
