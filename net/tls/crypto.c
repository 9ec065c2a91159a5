/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tls/crypto.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/check.h"
#include "net/tls/openssl.h"

void crypto_begin(void)
{
    /* NO_ATEXIT: threads may still run while the process exits. */
    check(OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NULL) == 1);
}

int crypto_fail(struct err *err, int code, const char *what, ...)
{
    char text[ERR_TEXT_BYTES / 2];
    va_list ap;
    va_start(ap, what);
    vsnprintf(text, sizeof text, what, ap);
    va_end(ap);
    unsigned long error = ERR_peek_error();
    const char *reason = ERR_reason_error_string(error);
    ERR_clear_error();
    if (reason)
        return err_set(err, code, "%s: %s", text, reason);
    return err_set(err, code, "%s", text);
}
