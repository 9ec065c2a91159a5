/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tls/identity.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "net/tls/crypto.h"
#include "net/tls/identity_parts.h"

/* Certificates begin a day early: clocks of hosts differ. */
enum { DAY_S = 24 * 60 * 60, NAME_BYTES = 64 /* of a common name, in X.509 */ };

/* Verifiers look for host names only in this extension. */
static bool certificate_add_host(X509 *x, const char *host)
{
    unsigned char ip[16];
    size_t ip_len = inet_pton(AF_INET, host, ip) == 1    ? 4
                    : inet_pton(AF_INET6, host, ip) == 1 ? 16
                                                         : 0;
    GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
    GENERAL_NAME *name = GENERAL_NAME_new();
    ASN1_STRING *text = ip_len > 0 ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();
    check(names && name && text); /* no memory, here and below */
    check(ASN1_STRING_set(text, ip_len > 0 ? (const void *)ip : host,
                          (int)(ip_len > 0 ? ip_len : strlen(host))));
    GENERAL_NAME_set0_value(name, ip_len > 0 ? GEN_IPADD : GEN_DNS, text);
    check(sk_GENERAL_NAME_push(names, name) > 0);
    bool added = X509_add1_ext_i2d(x, NID_subject_alt_name, names, 0, 0) == 1;
    GENERAL_NAMES_free(names);
    return added;
}

static bool certificate_add_uses(X509 *x)
{
    BASIC_CONSTRAINTS *constraints = BASIC_CONSTRAINTS_new(); /* not a certificate authority */
    check(constraints);
    bool added = X509_add1_ext_i2d(x, NID_basic_constraints, constraints, 1, 0) == 1;
    BASIC_CONSTRAINTS_free(constraints);
    return added;
}

static bool certificate_name(X509 *x, const char *common_name)
{
    X509_NAME *name = X509_get_subject_name(x);
    int len = (int)strnlen(common_name, NAME_BYTES);
    return X509_NAME_add_entry_by_NID(name, NID_organizationName, MBSTRING_ASC,
                                      (const unsigned char *)"besom", -1, -1, 0) == 1 &&
           X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
                                      (const unsigned char *)common_name, len, -1, 0) == 1 &&
           X509_set_issuer_name(x, name) == 1;
}

static bool certificate_number(X509 *x)
{
    unsigned char bytes[20];
    secret_random(bytes, sizeof bytes);
    bytes[0] = (bytes[0] & 0x7f) | 0x40; /* positive, and 20 bytes long */
    BIGNUM *number = BN_bin2bn(bytes, sizeof bytes, NULL);
    check(number);
    bool set = BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x)) != NULL;
    BN_free(number);
    return set;
}

static int identity_certify(EVP_PKEY *key, const char *common_name, int days, struct identity **ret,
                            struct err *err)
{
    X509 *x = X509_new();
    check(x);
    if (X509_set_version(x, X509_VERSION_3) == 1 && certificate_number(x) &&
        X509_gmtime_adj(X509_getm_notBefore(x), -DAY_S) &&
        X509_time_adj_ex(X509_getm_notAfter(x), days, 0, NULL) && X509_set_pubkey(x, key) == 1 &&
        certificate_name(x, common_name) && certificate_add_uses(x) &&
        certificate_add_host(x, common_name) && X509_sign(x, key, EVP_sha256()) > 0) {
        *ret = identity_parts_join(key, x, sk_X509_new_null());
        return 0;
    }
    X509_free(x);
    EVP_PKEY_free(key);
    return crypto_fail(err, ERR_USAGE, "no certificate can be made for '%s'", common_name);
}

int identity_make(const char *common_name, int days, struct identity **ret, struct err *err)
{
    crypto_begin();
    EVP_PKEY *key = EVP_EC_gen("P-256");
    if (!key)
        return crypto_fail(err, ERR_IO, "no key can be made");
    return identity_certify(key, common_name, days, ret, err);
}

int identity_renew(const struct identity *id, const char *common_name, int days,
                   struct identity **ret, struct err *err)
{
    EVP_PKEY_up_ref(id->key);
    return identity_certify(id->key, common_name, days, ret, err);
}

void identity_free(struct identity *id)
{
    if (!id)
        return;
    EVP_PKEY_free(id->key);
    X509_free(id->certificate);
    sk_X509_pop_free(id->chain, X509_free);
    mem_free(id);
}

const char *identity_fingerprint(const struct identity *id)
{
    return id->fingerprint;
}

int64_t identity_expires_s(const struct identity *id)
{
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    int days = 0, seconds = 0;
    check(epoch);
    ASN1_TIME_diff(&days, &seconds, epoch, X509_get0_notAfter(id->certificate));
    ASN1_TIME_free(epoch);
    return (int64_t)days * DAY_S + seconds;
}
