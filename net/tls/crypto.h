/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Sets up OpenSSL without the machine's openssl.cnf, which could load modules or turn off TLS 1.3,
 * and translates its errors. */
#include "base/err.h"

void crypto_begin(void); /* before the first use of OpenSSL; may be called again */
/* Fills err with `what` and the oldest error of OpenSSL's queue, and empties the queue. */
int crypto_fail(struct err *err, int code, const char *what, ...) PRINTF_LIKE(3, 4);
