/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plays wandb's clients at a server on loopback: each connection has a run of its own, and sends the
 * next rows of its history when those before were answered.
 *
 * stream_load PORT KEY CONNECTIONS SECONDS ROWS, where ROWS are of one request; prints the requests that
 * were answered. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/bytes/base64.h"
#include "base/check.h"

enum { CONNECTIONS_MAX = 256, ANSWER_BYTES = 65536 };

struct client {
    uint64_t rows; /* that were sent */
    int number;
};

static int port;
static char authorization[512];
static char answer[ANSWER_BYTES];
static uint64_t rows_each;

static double clock_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int client_connect(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                             .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    check(fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0);
    return fd;
}

static void request_send(int fd, const char *path, const struct buf *body)
{
    struct buf out;
    buf_init(&out, SIZE_MAX);
    buf_addf(&out,
             "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Basic %s\r\n"
             "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
             path, port, authorization, body->len);
    buf_add(&out, buf_str(body), body->len);
    for (size_t at = 0; at < out.len;) {
        ssize_t n = send(fd, buf_str(&out) + at, out.len - at, MSG_NOSIGNAL);
        check(n > 0);
        at += (size_t)n;
    }
    buf_done(&out);
}

/* Reads an answer whole; it has a Content-Length. */
static void answer_read(int fd)
{
    size_t have = 0, want = SIZE_MAX;
    while (have < want) {
        ssize_t n = read(fd, answer + have, sizeof answer - 1 - have);
        check(n > 0);
        have += (size_t)n;
        answer[have] = '\0';
        const char *end = strstr(answer, "\r\n\r\n"),
                   *length = strcasestr(answer, "content-length:");
        if (end && length)
            want =
                (size_t)(end + 4 - answer) + strtoul(length + strlen("content-length:"), NULL, 10);
    }
    if (strncmp(answer, "HTTP/1.1 200", 12) != 0) {
        fprintf(stderr, "%s\n", answer);
        exit(1);
    }
}

static void run_create(int fd, const struct client *c)
{
    struct buf body;
    buf_init(&body, SIZE_MAX);
    buf_addf(&body,
             "{\"query\":\"mutation UpsertBucket { x }\",\"operationName\":\"UpsertBucket\","
             "\"variables\":{\"name\":\"load-%d\",\"entity\":\"e\",\"project\":\"p\"}}",
             c->number);
    request_send(fd, "/graphql", &body);
    answer_read(fd);
    check(!strstr(answer, "\"errors\""));
    buf_done(&body);
}

static void rows_send(int fd, struct client *c)
{
    struct buf body;
    char path[128];
    buf_init(&body, SIZE_MAX);
    buf_addf(&body, "{\"files\":{\"wandb-history.jsonl\":{\"offset\":%" PRIu64 ",\"content\":[",
             c->rows);
    for (uint64_t i = 0; i < rows_each; i++) {
        /* Constant but for the step: the client must not take the time. */
        buf_adds(&body, i ? ",\"{" : "\"{");
        buf_adds(&body,
                 "\\\"loss\\\":0.69314718055994529,\\\"accuracy\\\":0.91234567890123456,"
                 "\\\"_timestamp\\\":1795948516.9234,\\\"_runtime\\\":12.0625,\\\"_step\\\":");
        buf_addf(&body, "%" PRIu64, c->rows + i);
        buf_adds(&body, "}\"");
    }
    c->rows += rows_each;
    buf_adds(&body,
             "]},\"wandb-summary.json\":{\"offset\":0,\"content\":[\"{\\\"loss\\\":0.5}\"]}}}");
    snprintf(path, sizeof path, "/files/e/p/load-%d/file_stream", c->number);
    request_send(fd, path, &body);
    buf_done(&body);
}

static void load(size_t connections, double seconds)
{
    static struct pollfd fds[CONNECTIONS_MAX];
    static struct client clients[CONNECTIONS_MAX];
    size_t n = 0, i;
    for (i = 0; i < connections; i++) {
        clients[i].number = (int)i;
        fds[i] = (struct pollfd){.fd = client_connect(), .events = POLLIN};
        run_create(fds[i].fd, &clients[i]);
    }
    for (i = 0; i < connections; i++)
        rows_send(fds[i].fd, &clients[i]);
    double began = clock_now(), now = began;
    while ((now = clock_now()) < began + seconds) {
        check(poll(fds, connections, 10000) > 0);
        for (i = 0; i < connections; i++) {
            if (!fds[i].revents)
                continue;
            answer_read(fds[i].fd);
            rows_send(fds[i].fd, &clients[i]);
            n++;
        }
    }
    printf("%.1f\n", (double)n / (now - began));
    for (i = 0; i < connections; i++) {
        answer_read(fds[i].fd);
        close(fds[i].fd);
    }
}

int main(int argc, char **argv)
{
    struct buf key, text;
    check(argc == 6);
    port = (int)strtol(argv[1], NULL, 10);
    rows_each = strtoull(argv[5], NULL, 10);
    buf_init(&key, SIZE_MAX);
    buf_init(&text, SIZE_MAX);
    buf_addf(&key, "api:%s", argv[2]);
    base64_print(&text, buf_str(&key), key.len);
    snprintf(authorization, sizeof authorization, "%s", buf_str(&text));
    size_t connections = strtoul(argv[3], NULL, 10);
    check(connections > 0 && connections <= CONNECTIONS_MAX);
    load(connections, strtod(argv[4], NULL));
    buf_done(&key);
    buf_done(&text);
    return 0;
}
