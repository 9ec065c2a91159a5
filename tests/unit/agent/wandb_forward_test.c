/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/wandb/wandb_forward.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "agent/wandb/wandb_spool.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/scratch.h"

/* A controller that answers at the next turn of the loop, and notes what it was asked. */
static struct arena arena;
static uv_loop_t loop;
static uv_idle_t turn;
static struct buf asked;
static char warned[300];
static int answer_status;
static struct {
    wandb_reply_fn fn;
    void *arg;
    bool upload_url;
} waiting[16];
static size_t waiting_n;

static void on_turn(uv_idle_t *handle)
{
    static const char url[] =
        "{\"data\":{\"createRunFiles\":{\"files\":[{\"name\":\"n\",\"uploadUrl\":"
        "\"http://h:1/put/a%20b?x=1\"}]}}}";
    size_t n = waiting_n;
    waiting_n = 0;
    if (n == 0)
        uv_idle_stop(handle);
    for (size_t i = 0; i < n; i++) {
        const char *body = waiting[i].upload_url ? url : answer_status == 403 ? "no" : "{}";
        const struct wandb_reply reply = {
            .status = answer_status, .body = body, .len = strlen(body)};
        waiting[i].fn(waiting[i].arg, &reply);
    }
}

static void on_ask(void *arg, const struct agent_key *key, const struct wandb_ask *ask,
                   wandb_reply_fn fn, void *fn_arg)
{
    (void)arg;
    buf_addf(&asked, "%d:%s:%s%s%s|", (int)key->attempt, ask->path,
             ask->verb == WANDB_PUT ? "?" : "", ask->verb == WANDB_PUT ? ask->query : "",
             ask->verb == WANDB_PUT || strstr(ask->body, "CreateRunFiles") ? "" : ask->body);
    waiting[waiting_n].upload_url = ask->verb == WANDB_POST && strstr(ask->body, "CreateRunFiles");
    waiting[waiting_n].fn = fn;
    waiting[waiting_n++].arg = fn_arg;
    uv_idle_start(&turn, on_turn);
}

static void on_changed(void *arg)
{
    (void)arg;
}

static void on_warned(void *arg, const char *text)
{
    (void)arg;
    snprintf(warned, sizeof warned, "%s", text);
}

static struct agent_key key_of(uint64_t attempt)
{
    return (struct agent_key){.sweep = "abcd", .trial = 3, .attempt = attempt};
}

static void keep(uint64_t attempt, const char *const *bodies)
{
    const struct agent_key key = key_of(attempt);
    struct wandb_spool s;
    ASSERT_EQ(wandb_spool_open(&s, scratch_dir(), &key, true), 0);
    for (; *bodies; bodies++) {
        bool end = strcmp(*bodies, "end") == 0;
        ASSERT_EQ(wandb_spool_add(&s, end ? WANDB_FRAME_END : WANDB_FRAME_STREAM, end ? "" : "/f",
                                  end ? "" : *bodies, end ? 0 : strlen(*bodies)),
                  0);
    }
    wandb_spool_close(&s);
}

static struct wandb_forward *begin(uint64_t max)
{
    const struct wandb_forward_config config = {.loop = &loop,
                                                .dir = scratch_dir(),
                                                .base = "http://h:1",
                                                .upstream = {on_ask, NULL},
                                                .max = max,
                                                .changed = on_changed,
                                                .warned = on_warned};
    return wandb_forward_new(&config);
}

static void prepare(void)
{
    char path[300];
    scratch_clear(scratch_dir());
    snprintf(path, sizeof path, "%s/run", scratch_dir());
    ASSERT_EQ(mkdir(path, 0700), 0);
    for (int i = 1; i < 3; i++) { /* attempts that are there */
        snprintf(path, sizeof path, "%s/run/abcd-3-%d", scratch_dir(), i);
        ASSERT_EQ(mkdir(path, 0700), 0);
    }
    ASSERT_EQ(uv_loop_init(&loop), 0);
    uv_idle_init(&loop, &turn);
    buf_init(&asked, SIZE_MAX);
    warned[0] = '\0';
    answer_status = 200;
}

static void finish(struct wandb_forward *f)
{
    wandb_forward_close(f);
    uv_run(&loop, UV_RUN_DEFAULT);
    wandb_forward_free(f);
    uv_close((uv_handle_t *)&turn, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    ASSERT_EQ(uv_loop_close(&loop), 0);
    buf_done(&asked);
    arena_done(&arena);
}

static bool spool_is_there(uint64_t attempt)
{
    const struct agent_key key = key_of(attempt);
    return access(wandb_spool_folder(&arena, scratch_dir(), &key), F_OK) == 0;
}

static void turns(int n)
{
    for (int i = 0; i < n; i++)
        uv_run(&loop, UV_RUN_NOWAIT);
}

TEST(wandb_forward_keeps_the_order_and_ends)
{
    prepare();
    keep(2, (const char *const[]){"{\"b\":1}", "end", NULL});
    keep(1, (const char *const[]){"{\"a\":1}", "{\"a\":2}", "end", NULL});
    struct wandb_forward *f = begin(0);
    wandb_forward_retry(f);
    turns(20);
    ASSERT_STR(buf_str(&asked), "1:/f:{\"a\":1}|1:/f:{\"a\":2}|2:/f:{\"b\":1}|");
    ASSERT(!spool_is_there(1) && !spool_is_there(2));
    ASSERT_EQ(wandb_forward_waiting(f), 0);
    finish(f);
}

TEST(wandb_forward_asks_again_and_continues_where_it_was)
{
    prepare();
    keep(1, (const char *const[]){"{\"a\":1}", NULL});
    struct wandb_forward *f = begin(0);
    answer_status = 503;
    wandb_forward_retry(f);
    turns(5);
    ASSERT_STR(buf_str(&asked), "1:/f:{\"a\":1}|");
    answer_status = 200;
    wandb_forward_retry(f);
    turns(5);
    keep(1, (const char *const[]){"{\"a\":2}", NULL});
    wandb_forward_close(f); /* as a process that is killed */
    uv_run(&loop, UV_RUN_DEFAULT);
    wandb_forward_free(f);
    f = begin(0);
    wandb_forward_retry(f);
    turns(5);
    ASSERT_STR(buf_str(&asked), "1:/f:{\"a\":1}|1:/f:{\"a\":1}|1:/f:{\"a\":2}|");
    finish(f);
}

TEST(wandb_forward_passes_over_what_is_refused)
{
    prepare();
    keep(1, (const char *const[]){"{\"a\":1}", "{\"a\":2}", "end", NULL});
    struct wandb_forward *f = begin(0);
    answer_status = 403;
    wandb_forward_retry(f);
    turns(20);
    ASSERT_STR(buf_str(&asked), "1:/f:{\"a\":1}|1:/f:{\"a\":2}|");
    ASSERT(strstr(warned, "abcd-3"));
    ASSERT(!spool_is_there(1));
    finish(f);
}

TEST(wandb_forward_asks_for_a_url_and_uploads)
{
    const struct agent_key key = key_of(1);
    struct wandb_spool s;
    const char *path;
    prepare();
    ASSERT_EQ(wandb_spool_open(&s, scratch_dir(), &key, true), 0);
    struct wandb_upload u = {.entity = "e", .project = "p", .name = "n", .size = 3};
    u.file = wandb_spool_file(&arena, &s, &path);
    FILE *file = fopen(path, "w");
    fputs("abc", file);
    fclose(file);
    ASSERT_EQ(wandb_spool_add_file(&s, &u), 0);
    wandb_spool_close(&s);
    struct wandb_forward *f = begin(0);
    ASSERT(wandb_forward_waiting(f) > 3);
    wandb_forward_retry(f);
    turns(20);
    ASSERT_STR(buf_str(&asked), "1:/graphql:|1:/put/a b:?x=1|");
    ASSERT_EQ(wandb_forward_waiting(f), 0);
    ASSERT(access(path, F_OK) != 0);
    finish(f);
}

TEST(wandb_forward_drops_the_oldest_beyond_its_bound)
{
    char big[4000];
    prepare();
    memset(big, 'x', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    keep(1, (const char *const[]){big, big, big, "{\"last\":1}", NULL});
    struct wandb_forward *f = begin(5000);
    wandb_forward_retry(f);
    turns(20);
    ASSERT(strstr(warned, "--spool-max"));
    ASSERT(strstr(buf_str(&asked), "1:/f:{\"last\":1}|"));
    ASSERT(asked.len < 2 * sizeof big);
    finish(f);
}

TEST(wandb_forward_ends_the_spool_of_an_attempt_that_is_gone)
{
    prepare();
    keep(7, (const char *const[]){"{\"a\":1}", NULL}); /* it has no directory */
    struct wandb_forward *f = begin(0);
    wandb_forward_retry(f);
    turns(20);
    ASSERT_STR(buf_str(&asked), "7:/f:{\"a\":1}|");
    ASSERT(!spool_is_there(7));
    finish(f);
}

TEST(wandb_spool_leaves_out_a_frame_that_was_cut)
{
    const struct agent_key key = key_of(1);
    struct wandb_spool s;
    struct wandb_frame frame;
    prepare();
    keep(1, (const char *const[]){"{\"a\":1}", "{\"a\":2}", NULL});
    ASSERT_EQ(wandb_spool_open(&s, scratch_dir(), &key, false), 0);
    ASSERT_EQ(ftruncate(s.fd, (off_t)s.size - 1), 0);
    wandb_spool_close(&s);
    keep(1, (const char *const[]){"{\"a\":3}", NULL});
    ASSERT_EQ(wandb_spool_open(&s, scratch_dir(), &key, false), 0);
    ASSERT(wandb_spool_read(&s, &arena, 0, &frame));
    ASSERT_STR(frame.body, "{\"a\":1}");
    ASSERT(wandb_spool_read(&s, &arena, frame.next, &frame));
    ASSERT_STR(frame.body, "{\"a\":3}");
    ASSERT(!wandb_spool_read(&s, &arena, frame.next, &frame));
    wandb_spool_close(&s);
    struct wandb_forward *f = begin(0);
    finish(f);
}
