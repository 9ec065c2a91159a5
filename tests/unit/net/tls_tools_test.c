/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server against the clients of others, and the HTTP client over TLS. */
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes/base64.h"
#include "net/http/http_client.h"
#include "net/socket.h"
#include "tests/unit/net/tls_kit.h"

static struct kit k;
static struct listener *listener;
static char output[16 << 10];

static void tool_on_up(void *arg)
{
    struct end *e = arg;
    tls_peer_key(e->stream, e->key);
    e->ups++;
}

static void tool_on_read(void *arg, const char *bytes, size_t len)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n";
    struct end *e = arg;
    (void)bytes;
    (void)len;
    stream_write(e->stream, answer, sizeof answer - 1, "", 0);
    stream_end(e->stream, "answered");
}

static void tool_on_down(void *arg, const char *why)
{
    struct end *e = arg;
    e->stream = NULL;
    e->downs = 1; /* of the last one */
    snprintf(e->why, sizeof e->why, "%s", why);
}

static void tool_on_accept(void *arg, struct stream *s)
{
    (void)arg;
    struct stream_handler handler = {
        .up = tool_on_up, .read = tool_on_read, .down = tool_on_down, .arg = &k.server};
    ASSERT(!k.server.stream);
    k.server.stream = tls_accept(k.server_kind, s);
    stream_begin(k.server.stream, &handler);
}

static int tool_port(void)
{
    kit_init(&k);
    ASSERT_EQ(socket_listen(&k.loop, "127.0.0.1:0", tool_on_accept, NULL, &listener, NULL), 0);
    return socket_listener_port(listener);
}

static void tool_done(void)
{
    socket_listener_close(listener);
    uv_run(&k.loop, UV_RUN_DEFAULT);
    ASSERT_EQ(uv_loop_close(&k.loop), 0);
    tls_server_free(k.server_kind);
    identity_free(k.server_id);
    buf_done(&k.client.got);
    buf_done(&k.server.got);
}

/* Runs a program while the server serves; its exit status. Skips the test where it is missing. */
static int tool_run(const char *const argv[])
{
    int fds[2], status = 0;
    size_t got = 0;
    ASSERT_EQ(pipe(fds), 0);
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_RDONLY);
        dup2(null, 0);
        dup2(fds[1], 1);
        dup2(fds[1], 2);
        close(fds[0]);
        execvp(argv[0], (char *const *)argv);
        _exit(127);
    }
    close(fds[1]);
    ASSERT_EQ(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
    for (ssize_t n = -1; n != 0;) {
        uv_run(&k.loop, UV_RUN_NOWAIT);
        n = read(fds[0], output + got, sizeof output - 1 - got);
        got += n > 0 ? (size_t)n : 0;
    }
    output[got] = '\0';
    close(fds[0]);
    ASSERT_EQ(waitpid(pid, &status, 0), pid);
    while (k.server.stream)
        uv_run(&k.loop, UV_RUN_ONCE);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        test_skip("curl or openssl is not installed");
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void pin_of(const char *fingerprint, char out[64])
{
    unsigned char bytes[32];
    struct buf text;
    buf_init(&text, SIZE_MAX);
    for (size_t i = 0; i < sizeof bytes; i++) {
        char hex[3] = {fingerprint[2 * i], fingerprint[2 * i + 1], '\0'};
        bytes[i] = (unsigned char)strtoul(hex, NULL, 16);
    }
    base64_print(&text, bytes, sizeof bytes);
    snprintf(out, 64, "sha256//%s", buf_str(&text));
    buf_done(&text);
}

TEST(tls_serves_curl)
{
    char url[64], pin[64], plain[64];
    int port = tool_port();
    snprintf(url, sizeof url, "https://127.0.0.1:%d/", port);
    snprintf(plain, sizeof plain, "http://127.0.0.1:%d/", port);
    pin_of(identity_fingerprint(k.server_id), pin);
    const char *good[] = {"curl", "-sSk", "-m", "20", "--pinnedpubkey", pin, url, NULL};
    if (tool_run(good) != 0)
        FAIL("%s", output);
    ASSERT_STR(output, "hello\n");
    ASSERT_STR(k.server.why, "answered");
    pin[10] = pin[10] == 'A' ? 'B' : 'A';
    ASSERT_EQ(tool_run(good), 90); /* curl's status for another key */
    const char *old[] = {"curl", "-sSk", "-m", "20", "--tls-max", "1.2", url, NULL};
    ASSERT_EQ(tool_run(old), 35);
    ASSERT(strstr(k.server.why, "unsupported protocol"));
    const char *http[] = {"curl", "-sS", "-m", "20", "-w", "%{http_code}", plain, NULL};
    ASSERT_EQ(tool_run(http), 0);
    ASSERT_STR(output, "this port speaks TLS: use https://\n400");
    tool_done();
}

TEST(tls_serves_openssl)
{
    char folder[] = "/tmp/besom-tls-XXXXXX", path[64], at[64];
    struct identity *client = kit_identity("client", 30);
    int port = tool_port();
    ASSERT(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/client.pem", folder);
    snprintf(at, sizeof at, "127.0.0.1:%d", port);
    ASSERT_EQ(identity_write(client, path, NULL), 0);
    const char *good[] = {"openssl",     "s_client", "-connect",    at,  "-cert", path, "-alpn",
                          "h2,http/1.1", "-brief",   "-no_ign_eof", NULL};
    tool_run(good);
    ASSERT(strstr(output, "Protocol version: TLSv1.3"));
    ASSERT_STR(k.server.key, identity_fingerprint(client));
    ASSERT_STR(k.server.why, "the peer closed it");
    const char *other[] = {"openssl", "s_client", "-connect", at, "-alpn", "h2", "-brief", NULL};
    ASSERT(tool_run(other) != 0);
    ASSERT(strstr(output, "no application protocol"));
    const char *resume[] = {"openssl", "s_client", "-connect", at, NULL};
    tool_run(resume);
    ASSERT(strstr(output, "ALPN") || strstr(output, "No ALPN negotiated"));
    ASSERT(!strstr(output, "New Session Ticket arrived") && strstr(output, "Compression: NONE"));
    ASSERT(strstr(output, "Acceptable client certificate CA names\nO = besom agents"));
    ASSERT_EQ(unlink(path), 0);
    ASSERT_EQ(rmdir(folder), 0);
    identity_free(client);
    tool_done();
}

struct response {
    size_t dones;
    int status;
    char body[64], why[200];
};

static void response_on_done(void *arg, const struct http_response *r, const struct err *why)
{
    struct response *got = arg;
    got->dones++;
    got->status = r ? r->head->status : 0;
    snprintf(got->body, sizeof got->body, "%s", r ? r->body : "");
    snprintf(got->why, sizeof got->why, "%s", why ? why->text : "");
}

/* A body that ends with the connection is whole only if the server says so. */
TEST(tls_cut_is_not_the_end_of_a_body)
{
    for (int cut = 0; cut < 2; cut++) {
        struct response got = {0};
        kit_init(&k);
        kit_connect(&k, NULL, NULL);
        struct http_client *client = http_client_new(&k.loop, k.client.stream, "localhost");
        struct http_call call = {.method = "GET",
                                 .target = "/",
                                 .response_limit = 100,
                                 .limit_ms = 20000,
                                 .done = response_on_done,
                                 .arg = &got};
        k.client.stream = NULL;
        http_client_send(client, &call);
        kit_until_got(&k, &k.server, 1);
        stream_write(k.server.stream, "HTTP/1.0 200 OK\r\n\r\nhalf", 23, "", 0);
        kit_step(&k);
        kit_step(&k);
        if (cut)
            k.down.cut = k.down.passed;
        else
            stream_end(k.server.stream, "done");
        while (got.dones == 0)
            kit_step(&k);
        ASSERT_EQ(got.status, cut ? 0 : 200);
        ASSERT_STR(got.body, cut ? "" : "half");
        ASSERT_STR(got.why, cut ? "the peer closed it" : "");
        http_client_close(client);
        kit_done(&k);
    }
}
