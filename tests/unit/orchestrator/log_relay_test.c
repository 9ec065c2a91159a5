/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A driver, an agent that the test plays, and a client of the control socket. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <uv.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/frame.h"
#include "orchestrator/driver.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/scratch.h"

#define ASK \
    "\"op\":\"log\",\"sweep\":\"aaaa\",\"trial\":3,\"attempt\":1,\"from\":5,\"lines\":0,\"max\":9"

static uv_loop_t loop;
static struct driver *driver;
static struct arena arena;
static int agent = -1, client = -1;
static char from_agent[4096];
static size_t from_agent_n;

static void scene_failed(void *arg, const struct err *err)
{
    (void)arg;
    FAIL("%s", err->text);
}

static void scene_changed(void *arg)
{
    (void)arg;
}

static void turn(void)
{
    uv_run(&loop, UV_RUN_NOWAIT);
    poll(NULL, 0, 1);
}

static void agent_say(const struct message *m)
{
    struct buf text;
    unsigned char header[FRAME_HEADER_BYTES];
    buf_init(&text, SIZE_MAX);
    message_print(&text, m);
    frame_header(header, text.len);
    ASSERT_EQ(write(agent, header, sizeof header), sizeof header);
    ASSERT_EQ(write(agent, buf_str(&text), text.len), text.len);
    buf_done(&text);
}

/* Waits for the next message to the agent. */
static struct message agent_hear(enum message_type type)
{
    struct message m;
    struct err err = {0};
    size_t len = SIZE_MAX - FRAME_HEADER_BYTES;
    while (from_agent_n < FRAME_HEADER_BYTES + len || len == 0) {
        turn();
        ssize_t n = read(agent, from_agent + from_agent_n, sizeof from_agent - from_agent_n);
        from_agent_n += n > 0 ? (size_t)n : 0;
        const unsigned char *h = (const unsigned char *)from_agent;
        if (from_agent_n >= FRAME_HEADER_BYTES)
            len = (size_t)h[0] << 24 | (size_t)h[1] << 16 | (size_t)h[2] << 8 | h[3];
    }
    if (message_parse(&arena, from_agent + FRAME_HEADER_BYTES, len, &m, &err) != 0)
        FAIL("%s", err.text);
    ASSERT_EQ(m.type, type);
    from_agent_n -= FRAME_HEADER_BYTES + len;
    memmove(from_agent, from_agent + FRAME_HEADER_BYTES + len, from_agent_n);
    return m;
}

static void client_ask(const char *request)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    snprintf(at.sun_path, sizeof at.sun_path, "%s/control.sock", scratch_dir());
    client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_EQ(connect(client, (struct sockaddr *)&at, sizeof at), 0);
    ASSERT_EQ(write(client, request, strlen(request)), strlen(request));
    ASSERT_EQ(fcntl(client, F_SETFL, O_NONBLOCK), 0);
}

static const char *client_hear(void)
{
    static char text[4096];
    size_t len = 0;
    for (;;) {
        turn();
        ssize_t n = read(client, text + len, sizeof text - 1 - len);
        if (n == 0)
            break;
        ASSERT(n > 0 || errno == EAGAIN);
        len += n > 0 ? (size_t)n : 0;
    }
    text[len] = '\0';
    close(client);
    return text;
}

static void scene_start(int64_t log_ms)
{
    struct err err = {0};
    struct store *store = NULL;
    int fds[2];
    struct driver_config config = {.loop = &loop,
                                   .dir = scratch_dir(),
                                   .changed = scene_changed,
                                   .failed = scene_failed,
                                   .log_ms = log_ms};
    arena_init(&arena);
    ASSERT_EQ(uv_loop_init(&loop), 0);
    if (store_open(scratch_dir(), true, &store, &err) != 0 ||
        driver_start(&config, store, NULL, &driver, &err) != 0)
        FAIL("%s", err.text);
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    ASSERT_EQ(driver_attach(driver, fds[0], &err), 0);
    agent = fds[1];
    ASSERT_EQ(fcntl(agent, F_SETFL, O_NONBLOCK), 0);
    agent_say(&(struct message){.type = MESSAGE_HELLO,
                                .store = "",
                                .version = MESSAGE_VERSION,
                                .agent = "box",
                                .instance = 1,
                                .slots = value_list(&arena),
                                .held = value_list(&arena)});
    agent_hear(MESSAGE_WELCOME);
}

static void scene_end(void)
{
    driver_close(driver);
    uv_run(&loop, UV_RUN_DEFAULT);
    driver_free(driver);
    ASSERT_EQ(uv_loop_close(&loop), 0);
    close(agent);
    arena_done(&arena);
}

static struct message answer_to(const struct message *ask)
{
    struct message m = *ask;
    m.type = MESSAGE_LOG;
    m.to = 8;
    m.end = 1;
    m.size = 8;
    m.bytes = "/wAb";
    m.error = m.text = "";
    return m;
}

TEST(log_relay_passes_question_and_answer)
{
    scene_start(0);
    client_ask("{" ASK ",\"agent\":\"box\"}\n");
    struct message ask = agent_hear(MESSAGE_LOG_READ);
    ASSERT_STR(ask.sweep, "aaaa");
    ASSERT(ask.trial == 3 && ask.attempt == 1 && ask.from == 5 && ask.max == 9);
    ASSERT(ask.store[0] && ask.epoch > 0 && ask.request > 0);
    struct message other = answer_to(&ask), answer = answer_to(&ask);
    other.request++;
    agent_say(&other); /* an answer that nobody waits for */
    agent_say(&answer);
    agent_say(&answer);
    ASSERT_STR(client_hear(),
               "{\"ok\":true,\"from\":5,\"to\":8,\"end\":true,\"size\":8,\"bytes\":\"/wAb\"}\n");
    scene_end();
}

TEST(log_relay_passes_an_error)
{
    scene_start(0);
    client_ask("{" ASK ",\"agent\":\"box\"}\n");
    struct message ask = agent_hear(MESSAGE_LOG_READ), answer = answer_to(&ask);
    answer.error = "ERR_NOT_FOUND";
    answer.text = "there is none";
    agent_say(&answer);
    ASSERT_STR(client_hear(), "{\"error\":\"there is none\",\"code\":\"ERR_NOT_FOUND\"}\n");
    scene_end();
}

TEST(log_relay_passes_questions_about_files)
{
    static const char question[] = "{\"op\":\"files\",\"sweep\":\"aaaa\",\"trial\":3,"
                                   "\"agent\":\"box\",\"path\":\"a/b\",\"max\":9}\n";
    scene_start(0);
    client_ask(question);
    struct message ask = agent_hear(MESSAGE_FILES_READ), answer = answer_to(&ask);
    ASSERT_STR(ask.path, "a/b");
    ASSERT(ask.trial == 3 && ask.attempt == 1 && ask.from == 0 && ask.max == 9);
    answer.type = MESSAGE_FILES;
    agent_say(&answer);
    ASSERT_STR(client_hear(),
               "{\"ok\":true,\"from\":0,\"to\":8,\"end\":true,\"size\":8,\"bytes\":\"/wAb\"}\n");
    client_ask(question);
    ask = agent_hear(MESSAGE_FILES_READ);
    answer = answer_to(&ask); /* of a log */
    agent_say(&answer);
    ASSERT_STR(client_hear(), "{\"ok\":false,\"code\":\"ERR_UNREACHABLE\",\"error\":\"the agent "
                              "with the files sent the wrong kind of answer\"}\n");
    client_ask(question);
    agent_hear(MESSAGE_FILES_READ);
    close(agent);
    agent = -1;
    ASSERT(strstr(client_hear(), "the agent with the files is no longer connected"));
    client_ask(question);
    ASSERT(strstr(client_hear(), "agent box has the files, but is not connected"));
    scene_end();
}

TEST(log_relay_answers_when_the_link_is_lost)
{
    scene_start(0);
    client_ask("{" ASK ",\"agent\":\"box\"}\n");
    agent_hear(MESSAGE_LOG_READ);
    close(agent);
    agent = -1;
    ASSERT_STR(client_hear(), "{\"error\":\"the agent with the log is no longer connected\","
                              "\"code\":\"ERR_UNREACHABLE\"}\n");
    client_ask("{" ASK ",\"agent\":\"box\"}\n");
    ASSERT_STR(client_hear(), "{\"error\":\"agent box has the log, but is not connected\","
                              "\"code\":\"ERR_UNREACHABLE\"}\n");
    scene_end();
}

TEST(log_relay_answers_when_the_agent_does_not)
{
    scene_start(20);
    client_ask("{" ASK ",\"agent\":\"box\"}\n");
    struct message ask = agent_hear(MESSAGE_LOG_READ), answer = answer_to(&ask);
    ASSERT_STR(client_hear(), "{\"error\":\"the agent with the log did not answer within 20 ms\","
                              "\"code\":\"ERR_UNREACHABLE\"}\n");
    agent_say(&answer); /* too late */
    client_ask("{" ASK ",\"agent\":\"nobody\"}\n");
    ASSERT(strstr(client_hear(), "agent nobody has the log, but is not connected"));
    scene_end();
}

TEST(log_relay_refuses_malformed_questions)
{
    static const char *const bad[] = {
        "{\"op\":\"log\"}\n",
        "{\"op\":\"log\",\"agent\":\"box\",\"sweep\":\"aaaa\",\"trial\":-1,\"attempt\":1,\"from\":"
        "0,"
        "\"lines\":0,\"max\":9}\n",
        "{\"op\":\"log\",\"agent\":\"box\",\"sweep\":3,\"trial\":1,\"attempt\":1,\"from\":0,"
        "\"lines\":0,\"max\":9}\n"};
    scene_start(0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        client_ask(bad[i]);
        ASSERT(strstr(client_hear(), "\"code\":\"ERR_USAGE\""));
    }
    client_ask("{" ASK "}\n");
    ASSERT(strstr(client_hear(), "ERR_USAGE"));
    char find[LIMIT_LOG_FIND_BYTES + 2] = "", text[500];
    memset(find, 'A', LIMIT_LOG_FIND_BYTES + 1);
    snprintf(text, sizeof text, "{" ASK ",\"agent\":\"box\",\"fold\":1,\"find\":\"%s\"}\n", find);
    client_ask(text);
    ASSERT_STR(client_hear(),
               "{\"error\":\"\\\"find\\\" has more than 200 bytes\",\"code\":\"ERR_USAGE\"}\n");
    /* One that waits while the controller is shutting down. */
    client_ask("{" ASK ",\"agent\":\"box\"}\n");
    agent_hear(MESSAGE_LOG_READ);
    scene_end();
    close(client);
}
