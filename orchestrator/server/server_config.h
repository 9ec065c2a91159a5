/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What a server is started with. */
#include "net/tls/identity.h"
#include "orchestrator/driver.h"

struct server_config {
    struct uv_loop_s *loop;
    struct driver *driver;
    struct wandb_desk *desk;
    const char *dir;                 /* absolute: the store's */
    const char *address;             /* HOST:PORT, with HOST an IP address */
    const struct identity *identity; /* NULL: plain HTTP, on loopback alone */
    const char *const *hosts;        /* further names of this machine; ended by NULL; NULL: none */
};
