/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A file of certificates for programs that are not besom's, such as wandb's client: all that they trust
 * already, and the certificate of a controller. */
#include <limits.h>
#include <stdbool.h>
#include "base/err.h"

/* They trust what $SSL_CERT_FILE and $REQUESTS_CA_BUNDLE name, else the system's file. A certificate that an
 * earlier call has added is left out. The file is replaced atomically. ret_bare: nothing else was found. */
NODISCARD int trusted_write(const char *pem, const char *name, char ret_path[PATH_MAX],
                            bool *ret_bare, struct err *err);
