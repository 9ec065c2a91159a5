/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory of a server for each connection: 2,000 clients in a process of their own connect over
 * loopback, each with a key, and each sends a message that the server returns. */
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "net/socket.h"
#include "net/tls/tls.h"

enum { CONNECTIONS = 2000, AT_ONCE = 32, MESSAGE_BYTES = 200 };

struct party {
    uv_loop_t loop;
    bool tls;
    struct tls_server *server;
    struct tls_trust trust;
    struct identity *identity;
    char address[64];
    struct listener *listener;
    struct end *ends;
    size_t begun, answered;
};

struct end {
    struct party *party;
    struct stream *stream;
    size_t bytes;
};

static char message[MESSAGE_BYTES];

static long rss_kib(void)
{
    long total = 0, resident = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f || fscanf(f, "%ld %ld", &total, &resident) != 2)
        exit(2);
    fclose(f);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static void end_on_down(void *arg, const char *why)
{
    struct end *e = arg;
    e->stream = NULL;
    if (e->party->answered == CONNECTIONS)
        return;
    fprintf(stderr, "tls_bench: %s\n", why);
    exit(2);
}

static void server_on_read(void *arg, const char *bytes, size_t len)
{
    struct end *e = arg;
    stream_write(e->stream, bytes, len, "", 0);
    e->bytes += len;
    if (e->bytes == MESSAGE_BYTES && ++e->party->answered == CONNECTIONS)
        uv_stop(&e->party->loop);
}

static void server_on_accept(void *arg, struct stream *s)
{
    struct party *p = arg;
    struct end *e = &p->ends[p->begun++];
    struct stream_handler handler = {.read = server_on_read, .down = end_on_down, .arg = e};
    e->party = p;
    e->stream = p->tls ? tls_accept(p->server, s) : s;
    stream_begin(e->stream, &handler);
}

static void client_open(struct party *p);

static void client_on_up(void *arg)
{
    struct end *e = arg;
    stream_write(e->stream, message, sizeof message, "", 0);
}

static void client_on_read(void *arg, const char *bytes, size_t len)
{
    struct end *e = arg;
    (void)bytes;
    e->bytes += len;
    if (e->bytes != MESSAGE_BYTES)
        return;
    e->party->answered++;
    client_open(e->party);
}

static void client_open(struct party *p)
{
    if (p->begun == CONNECTIONS)
        return;
    struct end *e = &p->ends[p->begun++];
    struct stream_handler handler = {client_on_up, client_on_read, end_on_down, e, NULL};
    struct err err = {0};
    e->party = p;
    int rc = p->tls ? tls_connect(&p->loop, p->address, &p->trust, &handler, &e->stream, &err)
                    : socket_connect(&p->loop, p->address, &handler, &e->stream, &err);
    if (rc != 0) {
        fprintf(stderr, "tls_bench: %s\n", err.text);
        exit(2);
    }
}

/* Until the server, its parent, closes the pipe. */
static void client_run(bool tls, int pipe_fd)
{
    struct party p = {.tls = tls, .ends = mem_alloc(CONNECTIONS * sizeof(struct end))};
    char pin[IDENTITY_FINGERPRINT_BYTES] = "";
    int port;
    FILE *f = fdopen(pipe_fd, "r");
    if (!f || fscanf(f, "%d %64s", &port, pin) < 1)
        exit(2);
    uv_loop_init(&p.loop);
    snprintf(p.address, sizeof p.address, "127.0.0.1:%d", port);
    p.trust.pin = pin;
    if (tls && identity_make("client", 1, &p.identity, NULL) != 0)
        exit(2);
    p.trust.identity = p.identity;
    for (int i = 0; i < AT_ONCE; i++)
        client_open(&p);
    while (p.answered < CONNECTIONS)
        uv_run(&p.loop, UV_RUN_ONCE);
    while (fgetc(f) != EOF)
        ;
    _exit(0);
}

static void server_fail(const struct err *err)
{
    fprintf(stderr, "tls_bench: %s\n", err->text);
    exit(2);
}

static void server_run(bool tls)
{
    struct party p = {.tls = tls, .ends = mem_alloc(CONNECTIONS * sizeof(struct end))};
    struct err err = {0};
    int fds[2], status;
    if (pipe(fds) < 0)
        exit(2);
    pid_t pid = fork();
    if (pid == 0) {
        close(fds[1]);
        client_run(tls, fds[0]);
    }
    close(fds[0]);
    uv_loop_init(&p.loop);
    if (tls && (identity_make("server", 1, &p.identity, &err) != 0 ||
                tls_server_new(&p.loop, p.identity, &p.server, &err) != 0))
        server_fail(&err);
    if (socket_listen(&p.loop, "127.0.0.1:0", server_on_accept, &p, &p.listener, &err) != 0)
        server_fail(&err);
    dprintf(fds[1], "%d %s\n", socket_listener_port(p.listener),
            tls ? identity_fingerprint(p.identity) : "-");
    long before = rss_kib();
    uint64_t begun = uv_hrtime();
    uv_run(&p.loop, UV_RUN_DEFAULT);
    double seconds = (double)(uv_hrtime() - begun) / 1e9;
    printf("memory of a server for a connection, %s\t%.1f\tKiB\t%s\n",
           tls ? "TLS with a client's key" : "without TLS",
           (double)(rss_kib() - before) / CONNECTIONS, tls ? "at most 64" : "at most 32");
    printf("new connections, %s, client on the same machine\t%.0f\tper second\t\n",
           tls ? "TLS with a client's key" : "without TLS", CONNECTIONS / seconds);
    fflush(stdout);
    close(fds[1]);
    waitpid(pid, &status, 0);
}

int main(void)
{
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_cur < CONNECTIONS + 50) {
        fprintf(stderr, "tls_bench: too few open files are allowed: ulimit -n %d\n",
                CONNECTIONS + 50);
        return 77;
    }
    for (int tls = 0; tls < 2; tls++) { /* each in a process of its own: the memory is fresh */
        int status;
        fflush(stdout);
        pid_t pid = fork();
        if (pid == 0) {
            server_run(tls);
            return 0;
        }
        if (waitpid(pid, &status, 0) != pid || status != 0)
            return 1;
    }
    return 0;
}
