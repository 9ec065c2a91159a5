/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* OpenSSL's headers, for the files of net/tls/ alone. One of its types has the name of our ERR_STATE. */
#define ERR_STATE OPENSSL_ERR_STATE
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#undef ERR_STATE
