/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The key of a controller and its certificate, in controller.pem of the store. Besom's own programs know the
 * key by its fingerprint, and ignore the certificate. Other clients, such as wandb's, look in the
 * certificate for the name or address by which they reach the controller. So the certificate is made
 * again when one of these is missing, and before it expires; the key stays. */
#include "base/err.h"

struct identity;

/* listen: the host of the address to listen on. hosts: further names, up to a NULL. A certificate that an
 * authority signed is left as it is. */
NODISCARD int controller_key_find(const char *dir, const char *listen, const char *const *hosts,
                                  struct identity **ret, struct err *err);
