/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <unistd.h>

#include "net/socket.h"
#include "tests/unit/net/tls_kit.h"

static struct kit k;

TEST(tls_client_takes_the_pinned_key)
{
    char pin[IDENTITY_FINGERPRINT_BYTES];
    kit_init(&k);
    for (size_t i = 0; i < sizeof pin; i++) /* the case does not matter */
        pin[i] = identity_fingerprint(k.server_id)[i];
    for (char *c = pin; *c; c++)
        *c = (char)(*c >= 'a' ? *c - 32 : *c);
    kit_connect(&k, pin, NULL);
    kit_until_up(&k);
    ASSERT_STR(k.client.key, identity_fingerprint(k.server_id));
    ASSERT_STR(k.server.key, ""); /* the client has none */
    kit_done(&k);
}

TEST(tls_client_refuses_another_key)
{
    struct identity *other = kit_identity("server", 10), *client = kit_identity("client", 10);
    kit_init(&k);
    kit_connect(&k, identity_fingerprint(other), client);
    stream_write(k.client.stream, "secret", 6, NULL, 0);
    kit_until_down(&k, &k.client);
    kit_until_down(&k, &k.server);
    ASSERT_EQ(k.client.code, ERR_IDENTITY);
    ASSERT(strstr(k.client.why, "the server's key is sha256:"));
    ASSERT(strstr(k.client.why, identity_fingerprint(k.server_id)));
    ASSERT(strstr(k.client.why, identity_fingerprint(other)));
    ASSERT(k.client.ups == 0 && k.server.ups == 0 && k.server.got.len == 0);
    ASSERT_STR(k.server.key, "");
    ASSERT(strstr(k.server.why, "the TLS handshake failed: "));
    ASSERT_EQ(k.server.code, 0);
    kit_done(&k);
    identity_free(other);
}

TEST(tls_server_is_told_the_clients_key)
{
    struct identity *client = kit_identity("agent", 30);
    kit_init(&k);
    kit_connect(&k, NULL, client);
    kit_until_up(&k);
    ASSERT_STR(k.server.key, identity_fingerprint(client));
    kit_done(&k);
}

/* The dates of a certificate that signs itself are its owner's word: the key is what counts. */
TEST(tls_takes_expired_certificates_and_tells_the_key)
{
    struct identity *client = kit_identity("agent", -1);
    kit_init(&k);
    identity_free(k.server_id);
    tls_server_free(k.server_kind);
    k.server_id = kit_identity("server", 0);
    ASSERT_EQ(tls_server_new(&k.loop, k.server_id, &k.server_kind, NULL), 0);
    kit_connect(&k, NULL, client);
    kit_until_up(&k);
    ASSERT_STR(k.server.key, identity_fingerprint(client));
    kit_done(&k);
}

TEST(tls_renewed_certificate_has_the_same_key)
{
    static const char *const hosts[] = {"other.example.org", NULL};
    struct identity *renewed;
    kit_init(&k);
    ASSERT_EQ(identity_renew(k.server_id, "other name", hosts, 1, &renewed, NULL), 0);
    tls_server_free(k.server_kind);
    ASSERT_EQ(tls_server_new(&k.loop, renewed, &k.server_kind, NULL), 0);
    kit_connect(&k, NULL, NULL);
    kit_until_up(&k);
    kit_done(&k);
    identity_free(renewed);
}

TEST(tls_without_a_pin_refuses_an_unknown_authority)
{
    kit_init(&k);
    struct stream_handler handler = kit_handler(&k.client);
    struct tls_trust trust = {.host = "localhost"};
    kit_accept(&k);
    int fd = k.up.to; /* the client takes the place of the wire */
    struct stream *below;
    struct stream_handler none = {0};
    k.up.stopped = k.down.stopped = true;
    ASSERT_EQ(socket_open(&k.loop, dup(fd), &none, &below, NULL), 0);
    ASSERT_EQ(tls_open(&k.loop, below, &trust, &handler, &k.client.stream, NULL), 0);
    kit_until_down(&k, &k.client);
    ASSERT_EQ(k.client.code, ERR_IDENTITY);
    ASSERT_STR(k.client.why, "the server's certificate is refused: self-signed certificate");
    kit_done(&k);
}

/* Without a pin, to a server whose certificate the system trusts; why it was refused, "" if up. */
static const char *connect_by_name(const char *common_name, int days, const char *host)
{
    static char why[200];
    char path[] = "/tmp/besom-trust-XXXXXX";
    struct stream_handler handler = kit_handler(&k.client), none = {0};
    struct tls_trust trust = {.host = host};
    struct stream *below;
    int fd = mkstemp(path);
    ASSERT(fd >= 0);
    close(fd);
    kit_init(&k);
    identity_free(k.server_id);
    tls_server_free(k.server_kind);
    k.server_id = kit_identity(common_name, days);
    ASSERT_EQ(tls_server_new(&k.loop, k.server_id, &k.server_kind, NULL), 0);
    ASSERT_EQ(identity_write(k.server_id, path, NULL), 0);
    ASSERT_EQ(setenv("SSL_CERT_FILE", path, 1), 0);
    kit_accept(&k);
    k.up.stopped = k.down.stopped = true;
    ASSERT_EQ(socket_open(&k.loop, dup(k.up.to), &none, &below, NULL), 0);
    ASSERT_EQ(tls_open(&k.loop, below, &trust, &handler, &k.client.stream, NULL), 0);
    while (k.client.ups == 0 && k.client.downs == 0)
        kit_step(&k);
    snprintf(why, sizeof why, "%s", k.client.why);
    ASSERT_EQ(k.client.code, k.client.ups == 0 ? ERR_IDENTITY : 0);
    kit_done(&k);
    ASSERT_EQ(unlink(path), 0);
    return why;
}

TEST(tls_without_a_pin_checks_authority_name_and_dates)
{
    ASSERT_STR(connect_by_name("gpu0.example.org", 1, "gpu0.example.org"), "");
    ASSERT_STR(connect_by_name("127.0.0.1", 1, "127.0.0.1"), "");
    ASSERT_STR(connect_by_name("::1", 1, "::1"), "");
    ASSERT_STR(connect_by_name("gpu0.example.org", 1, "gpu1.example.org"),
               "the server's certificate is refused: hostname mismatch");
    ASSERT_STR(connect_by_name("127.0.0.1", 1, "127.0.0.2"),
               "the server's certificate is refused: IP address mismatch");
    ASSERT_STR(connect_by_name("gpu0.example.org", 0, "gpu0.example.org"),
               "the server's certificate is refused: certificate has expired");
}

TEST(tls_trust_that_is_wrong)
{
    static const char *const pins[] = {
        "", "abc", "zz00000000000000000000000000000000000000000000000000000000000000"};
    struct stream_handler handler = kit_handler(&k.client);
    struct err err = {0};
    kit_init(&k);
    for (size_t i = 0; i < sizeof pins / sizeof *pins; i++) {
        struct tls_trust trust = {.pin = pins[i]};
        ASSERT_EQ(tls_connect(&k.loop, "127.0.0.1:1", &trust, &handler, &k.client.stream, &err),
                  ERR_USAGE);
        ASSERT(strstr(err.text, "64 hexadecimal digits"));
    }
    struct tls_trust none = {0};
    ASSERT_EQ(tls_connect(&k.loop, "unix:/nowhere", &none, &handler, &k.client.stream, &err),
              ERR_USAGE);
    ASSERT_EQ(tls_connect(&k.loop, "nonsense", &none, &handler, &k.client.stream, &err), ERR_USAGE);
    ASSERT(!k.client.stream);
    kit_accept(&k);
    kit_done(&k);
}

static void server_on_accept(void *arg, struct stream *s)
{
    (void)arg;
    struct stream_handler handler = kit_handler(&k.server);
    char peer[SOCKET_PEER_BYTES];
    k.server.stream = tls_accept(k.server_kind, s);
    socket_peer(k.server.stream, peer);
    ASSERT_STR(peer, "127.0.0.1");
    stream_begin(k.server.stream, &handler);
}

TEST(tls_over_tcp)
{
    struct listener *l = NULL;
    struct stream_handler handler = kit_handler(&k.client);
    char address[64], key[IDENTITY_FINGERPRINT_BYTES];
    kit_init(&k);
    struct tls_trust trust = {.pin = identity_fingerprint(k.server_id)};
    ASSERT_EQ(socket_listen(&k.loop, "127.0.0.1:0", server_on_accept, NULL, &l, NULL), 0);
    snprintf(address, sizeof address, "localhost:%d", socket_listener_port(l));
    ASSERT_EQ(tls_connect(&k.loop, address, &trust, &handler, &k.client.stream, NULL), 0);
    tls_peer_key(k.client.stream, key);
    ASSERT_STR(key, "");
    stream_write(k.client.stream, "hello", 5, NULL, 0);
    kit_until_got(&k, &k.server, 5);
    tls_peer_key(k.client.stream, key);
    ASSERT_STR(key, identity_fingerprint(k.server_id));
    tls_peer_key(k.client.stream->below, key); /* not TLS */
    ASSERT_STR(key, "");
    socket_listener_close(l);
    kit_done(&k);
}

TEST(tls_finds_nobody)
{
    kit_init(&k);
    struct stream_handler handler = kit_handler(&k.client);
    struct tls_trust trust = {.pin = identity_fingerprint(k.server_id)};
    ASSERT_EQ(tls_connect(&k.loop, "127.0.0.1:1", &trust, &handler, &k.client.stream, NULL), 0);
    kit_until_down(&k, &k.client);
    ASSERT_EQ(k.client.code, 0); /* trouble with the network */
    ASSERT_STR(k.client.why, "no connection to 127.0.0.1:1: connection refused");
    kit_accept(&k);
    kit_done(&k);
}
