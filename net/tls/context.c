/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tls/context.h"

#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "net/tls/crypto.h"
#include "net/tls/identity_parts.h"

enum { CERTIFICATES_BYTES = 16 << 10 /* that a peer may show */ };

/* In the form of RFC 7301: each name after its length. */
static const unsigned char protocols[] = "\x08http/1.1";

/* Replaces OpenSSL's verification: only the key is checked. */
static int context_judge_key(X509_STORE_CTX *store, void *arg)
{
    (void)arg;
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct context_peer *peer = SSL_get_app_data(ssl);
    identity_parts_fingerprint(X509_STORE_CTX_get0_cert(store), peer->key);
    if (!peer->pin[0] || strcmp(peer->pin, peer->key) == 0)
        return 1;
    X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
    return 0;
}

static int context_choose_protocol(SSL *ssl, const unsigned char **ret, unsigned char *ret_len,
                                   const unsigned char *offered, unsigned offered_len, void *arg)
{
    (void)ssl;
    (void)arg;
    unsigned char *chosen;
    if (SSL_select_next_proto(&chosen, ret_len, protocols, sizeof protocols - 1, offered,
                              offered_len) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *ret = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static SSL_CTX *context_new(void)
{
    crypto_begin();
    SSL_CTX *c = SSL_CTX_new(TLS_method());
    check(c);
    SSL_CTX_set_min_proto_version(c, TLS1_3_VERSION);
    SSL_CTX_set_options(c, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
    SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(c, 0);
    /* Buffers of 16 KiB are freed whenever they are empty. */
    SSL_CTX_set_mode(c, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                            SSL_MODE_ENABLE_PARTIAL_WRITE);
    SSL_CTX_set_max_cert_list(c, CERTIFICATES_BYTES);
    check(SSL_CTX_set1_groups_list(c, "X25519:P-256:P-384") == 1);
    return c;
}

/* A browser asks its user for a certificate where one of its own is signed by a name in this list,
 * or where the list is empty. Our clients show theirs whatever the list says. */
static void context_name_authority(SSL_CTX *c)
{
    X509_NAME *name = X509_NAME_new();
    STACK_OF(X509_NAME) *names = sk_X509_NAME_new_null();
    check(name && names);
    check(X509_NAME_add_entry_by_NID(name, NID_organizationName, MBSTRING_ASC,
                                     (const unsigned char *)"besom agents", -1, -1, 0) == 1);
    check(sk_X509_NAME_push(names, name) > 0);
    SSL_CTX_set_client_CA_list(c, names);
}

int context_server(const struct identity *id, SSL_CTX **ret, struct err *err)
{
    SSL_CTX *c = context_new();
    int rc = identity_parts_use(id, c, err);
    if (rc != 0) {
        SSL_CTX_free(c);
        return rc;
    }
    SSL_CTX_set_verify(c, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_verify_callback(c, context_judge_key, NULL);
    /* The type of keys that clients have; others, which cost more to verify, are refused. */
    check(SSL_CTX_set1_client_sigalgs_list(c, "ECDSA+SHA256:ed25519:ECDSA+SHA384") == 1);
    SSL_CTX_set_alpn_select_cb(c, context_choose_protocol, NULL);
    context_name_authority(c);
    *ret = c;
    return 0;
}

const char *context_authorities(void)
{
    static const char *const files[] = {"/etc/ssl/certs/ca-certificates.crt",
                                        "/etc/pki/tls/certs/ca-bundle.crt",
                                        "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (access(files[i], R_OK) == 0)
            return files[i];
    return NULL;
}

/* OpenSSL, if linked statically, knows only Debian's folder. */
static void context_trust_system(SSL_CTX *c)
{
    const char *file = context_authorities();
    SSL_CTX_set_default_verify_paths(c);
    if (file && access(X509_get_default_cert_dir(), R_OK) != 0)
        SSL_CTX_load_verify_file(c, file);
}

int context_client(bool pinned, const struct identity *id, SSL_CTX **ret, struct err *err)
{
    SSL_CTX *c = context_new();
    int rc = id ? identity_parts_use(id, c, err) : 0;
    if (rc != 0) {
        SSL_CTX_free(c);
        return rc;
    }
    SSL_CTX_set_verify(c, SSL_VERIFY_PEER, NULL);
    if (pinned)
        SSL_CTX_set_cert_verify_callback(c, context_judge_key, NULL);
    else
        context_trust_system(c);
    check(SSL_CTX_set_alpn_protos(c, protocols, sizeof protocols - 1) == 0);
    *ret = c;
    return 0;
}
