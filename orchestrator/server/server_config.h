/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What a server is started with. */
#include "net/tls/identity.h"
#include "orchestrator/driver.h"
#include "sweep/trust/credential.h"

/* A credential that no store has, and that ends with the process. Its holder acts as the user of
 * this process. */
struct server_key {
    char hash[CREDENTIAL_HASH_CHARS + 1]; /* SHA-256 of the token's text */
    enum credential_scope scope;
};

struct server_config {
    struct uv_loop_s *loop;
    struct driver *driver;
    struct wandb_desk *desk;
    const char *dir;                 /* absolute: the store's */
    const char *address;             /* HOST:PORT, with HOST an IP address */
    const struct identity *identity; /* NULL: plain HTTP, on loopback alone */
    const char *const *hosts;        /* further names of this machine; ended by NULL; NULL: none */
    /* If it is not NULL, no other credential is accepted, and browsers' sessions end with the
     * process too. Copied. */
    const struct server_key *key;
};
