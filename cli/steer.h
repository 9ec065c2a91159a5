/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Steering a sweep: one line to the process that writes its store, through the socket in the store.
 * Must not know what an operation does. */
#include <stdbool.h>
#include "base/buf.h"

enum { STEER_SOCKET_BYTES_MAX = 64 << 10 };

/* The address of STORE/control.sock, however long STORE's path is; *ret_dir is a descriptor that
 * must stay open until the address has been used. For whoever listens, too. */
struct sockaddr_un;
NODISCARD int steer_address(const char *store, struct sockaddr_un *ret, int *ret_dir,
                            struct err *err);

/* Sends {"op":…,"sweep":…} and appends the answer's message to `message`. Where the answer is an
 * error, that is returned. *ret_nobody: nobody listens, and nothing was sent. */
NODISCARD int steer_send(const char *store, const char *op, const char *sweep, struct buf *message,
                         bool *ret_nobody, struct err *err);
