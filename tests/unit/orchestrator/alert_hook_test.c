/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/alert/alert_hook.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "orchestrator/alert/alert_post.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/scratch.h"

static uv_loop_t loop;
static struct alert_hook *hook;
static char failed[512];
static int failures;

static void on_failed(void *arg, const char *text)
{
    (void)arg;
    failures++;
    snprintf(failed, sizeof failed, "%s", text);
}

static void on_idle(void *arg)
{
    (void)arg;
    uv_stop(&loop);
}

static void begin(const char *target, uint32_t limit_ms)
{
    struct err err;
    const struct alert_hook_config config = {
        .loop = &loop, .target = target, .limit_ms = limit_ms, .failed = on_failed};
    sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN},
              NULL); /* as the commands do: a program need not read */
    ASSERT_EQ(uv_loop_init(&loop), 0);
    if (alert_hook_new(&config, &hook, &err) != 0)
        FAIL("%s", err.text);
    alert_hook_follow(hook, on_idle, NULL);
}

static void end(void)
{
    alert_hook_close(hook);
    uv_run(&loop, UV_RUN_DEFAULT);
    alert_hook_free(hook);
    ASSERT_EQ(uv_loop_close(&loop), 0);
}

/* A program in the scratch folder; its path lives until the next call. */
static const char *program(const char *text)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/hook", scratch_dir());
    FILE *f = fopen(path, "w");
    ASSERT(f && fprintf(f, "#!/bin/sh\n%s\n", text) > 0 && fclose(f) == 0);
    ASSERT_EQ(chmod(path, 0755), 0);
    return path;
}

TEST(a_program_that_hangs_is_killed_and_the_next_message_is_sent)
{
    char text[600];
    snprintf(text, sizeof text,
             "read word; echo $word >> %s/heard; [ $word = one ] && sleep 1000; exit 3",
             scratch_dir());
    begin(program(text), 2000);
    alert_hook_send(hook, "one\n");
    alert_hook_send(hook, "two\n");
    uv_run(&loop, UV_RUN_DEFAULT);
    ASSERT(alert_hook_is_idle(hook));
    ASSERT_EQ(failures, 2);
    ASSERT(strstr(failed, "exit 3"));
    snprintf(text, sizeof text, "%s/heard", scratch_dir());
    FILE *f = fopen(text, "r");
    ASSERT(f && fread(text, 1, 8, f) == 8);
    ASSERT(memcmp(text, "one\ntwo\n", 8) == 0);
    fclose(f);
    end();
}

static void take_and_say_nothing(uv_stream_t *server, int status)
{
    static uv_tcp_t taken;
    ASSERT_EQ(status, 0);
    uv_tcp_init(&loop, &taken);
    ASSERT_EQ(uv_accept(server, (uv_stream_t *)&taken), 0);
    server->data = &taken;
}

TEST(a_server_that_says_nothing_is_given_up)
{
    uv_tcp_t server;
    struct sockaddr_in at;
    char url[64];
    int len = sizeof at;
    begin("http://127.0.0.1:1/", 500);
    uv_tcp_init(&loop, &server);
    server.data = NULL;
    uv_ip4_addr("127.0.0.1", 0, &at);
    ASSERT_EQ(uv_tcp_bind(&server, (const struct sockaddr *)&at, 0), 0);
    ASSERT_EQ(uv_listen((uv_stream_t *)&server, 8, take_and_say_nothing), 0);
    uv_tcp_getsockname(&server, (struct sockaddr *)&at, &len);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/secret", ntohs(at.sin_port));
    struct alert_hook *refused = hook;
    struct err err;
    const struct alert_hook_config config = {
        .loop = &loop, .target = url, .limit_ms = 500, .failed = on_failed};
    ASSERT_EQ(alert_hook_new(&config, &hook, &err), 0);
    alert_hook_follow(hook, on_idle, NULL);
    alert_hook_send(hook, "{}");
    uv_run(&loop, UV_RUN_DEFAULT);
    ASSERT_EQ(failures, 1);
    ASSERT(strstr(failed, "it took more than 0.5 s"));
    ASSERT(!strstr(failed, "secret"));
    alert_hook_send(refused, "{}"); /* nobody listens there */
    uv_run(&loop, UV_RUN_DEFAULT);
    ASSERT_EQ(failures, 2);
    uv_close((uv_handle_t *)&server, NULL);
    if (server.data)
        uv_close(server.data, NULL);
    alert_hook_close(refused);
    end();
    alert_hook_free(refused);
}

TEST(messages_beyond_the_bounds_wait_or_are_dropped)
{
    begin(program("exit 0"), 0);
    for (int i = 0; i < ALERT_HOOK_WAITING + 1; i++) /* one is sent, the others wait */
        alert_hook_send(hook, "{}");
    ASSERT_EQ(failures, 0);
    alert_hook_send(hook, "{}");
    ASSERT_EQ(failures, 1);
    ASSERT(strstr(failed, "too many wait already"));
    end();
}

static size_t heard_lines(void)
{
    char path[512];
    size_t n = 0;
    snprintf(path, sizeof path, "%s/heard", scratch_dir());
    FILE *f = fopen(path, "r");
    for (int c; f && (c = getc(f)) != EOF;)
        n += c == '\n';
    if (f)
        fclose(f);
    return n;
}

static void on_tick(uv_timer_t *timer)
{
    (void)timer;
}

TEST(many_messages_are_sent_slowly_after_a_burst)
{
    char text[600];
    uv_timer_t tick;
    snprintf(text, sizeof text, "echo >> %s/heard", scratch_dir());
    begin(program(text), 0);
    for (int i = 0; i < ALERT_HOOK_BURST + 2; i++)
        alert_hook_send(hook, "{}");
    uv_timer_init(&loop, &tick);
    uv_timer_start(&tick, on_tick, 1, 1);
    while (heard_lines() < ALERT_HOOK_BURST)
        uv_run(&loop, UV_RUN_ONCE);
    for (int i = 0; i < 200; i++) /* the next one would begin */
        uv_run(&loop, UV_RUN_ONCE);
    uv_close((uv_handle_t *)&tick, NULL);
    ASSERT_EQ(heard_lines(), ALERT_HOOK_BURST);
    ASSERT(!alert_hook_is_idle(hook));
    end();
}

TEST(urls_are_parsed_and_refused)
{
    struct alert_url url;
    static const char *const refused[] = {
        "https://",       "https://a b/", "https://u:p@host/", "https://host/#x",
        "http://host:x/", "http://[::1/", "https://host?query"};
    ASSERT_EQ(alert_url_parse("https://hooks.example.org/a?b=c", &url, NULL), 0);
    ASSERT(url.tls);
    ASSERT_STR(url.host, "hooks.example.org");
    ASSERT_STR(url.address, "hooks.example.org:443");
    ASSERT_STR(url.target, "/a?b=c");
    ASSERT_EQ(alert_url_parse("http://[::1]:8080", &url, NULL), 0);
    ASSERT_STR(url.host, "[::1]:8080");
    ASSERT_STR(url.address, "[::1]:8080");
    ASSERT_STR(url.target, "/");
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (alert_url_parse(refused[i], &url, NULL) == 0)
            FAIL("%s", refused[i]);
}
