/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests a second of the HTTP server on one thread, over loopback, on connections that are kept.
 * The client is a process of its own. Beside the rate: how many requests the server handles in a
 * second of its own CPU time, which does not depend on what else the machine does. */
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "net/http/http_server.h"
#include "net/socket.h"
#include "net/stream.h"

enum { CONNECTIONS_MAX = 1000, SECONDS = 2 };

static struct http_server *server;

static void server_on_head(void *arg, struct http_request *r)
{
    (void)arg;
    r->trusted = true;
}

static void server_on_request(void *arg, struct http_request *r)
{
    struct http_answer a = {.status = 200,
                            .type = "application/json",
                            .body = "{\"status\":\"ok\",\"trials\":12}",
                            .len = 27};
    (void)arg;
    if (r->body_len > 0) {
        a.body = r->body;
        a.len = r->body_len;
    }
    http_server_reply(server, r->id, &a);
}

static void server_on_stream(void *arg, struct stream *s)
{
    struct http_peer peer = {.tls = false};
    (void)arg;
    socket_peer(s, peer.address);
    http_server_accept(server, s, &peer);
}

static _Noreturn void server_run(int port_to)
{
    uv_loop_t loop;
    struct listener *l;
    struct http_config config = {.header_ms = 0};
    struct http_handler handler = {.head = server_on_head, .request = server_on_request};
    check(uv_loop_init(&loop) == 0);
    server = http_server_new(&loop, &config, &handler);
    check(socket_listen(&loop, "127.0.0.1:0", server_on_stream, NULL, &l, NULL) == 0);
    int port = socket_listener_port(l);
    check(write(port_to, &port, sizeof port) == sizeof port);
    uv_run(&loop, UV_RUN_DEFAULT);
    exit(0);
}

static double clock_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int client_connect(int port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                             .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    check(fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0);
    return fd;
}

/* Each connection asks again when its answer is there; an answer is read in one piece. */
static size_t client_run(int port, size_t connections, const char *request)
{
    static struct pollfd fds[CONNECTIONS_MAX];
    char answer[4096];
    size_t len = strlen(request), n = 0;
    for (size_t i = 0; i < connections; i++) {
        fds[i] = (struct pollfd){.fd = client_connect(port), .events = POLLIN};
        check(send(fds[i].fd, request, len, MSG_NOSIGNAL) == (ssize_t)len);
    }
    for (double end = clock_now() + SECONDS; clock_now() < end;) {
        check(poll(fds, connections, 1000) > 0);
        for (size_t i = 0; i < connections; i++) {
            if (!fds[i].revents)
                continue;
            check(read(fds[i].fd, answer, sizeof answer) > 0);
            check(send(fds[i].fd, request, len, MSG_NOSIGNAL) == (ssize_t)len);
            n++;
        }
    }
    for (size_t i = 0; i < connections; i++)
        close(fds[i].fd);
    return n;
}

static void measure(const char *what, size_t connections, const char *request)
{
    int fds[2], port, status;
    struct rusage use;
    check(pipe(fds) == 0);
    pid_t pid = fork();
    check(pid >= 0);
    if (pid == 0)
        server_run(fds[1]);
    check(read(fds[0], &port, sizeof port) == sizeof port);
    size_t n = client_run(port, connections, request);
    kill(pid, SIGTERM);
    check(wait4(pid, &status, 0, &use) == pid && WIFSIGNALED(status));
    close(fds[0]);
    close(fds[1]);
    double cpu = (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
                 (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
    printf("http: %s, %zu connections\t%.0f\trequests/s\t%.0f a CPU second of the server\n", what,
           connections, (double)n / SECONDS, (double)n / cpu);
    fflush(stdout);
}

int main(void)
{
    static const char get[] = "GET /api/v1/status HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                              "Authorization: Bearer bsm_viewer_0123456789\r\n\r\n";
    char post[512], body[201] = "";
    memset(body, 'x', sizeof body - 1);
    snprintf(post, sizeof post,
             "POST /api/v1/x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 200\r\n\r\n%s", body);
    measure("GET", 1, get);
    measure("GET", 64, get);
    measure("GET", CONNECTIONS_MAX, get);
    measure("POST of 200 bytes", 64, post);
    return 0;
}
