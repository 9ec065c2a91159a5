/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tls/certificate.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/check.h"
#include "net/tls/secret.h"

/* Certificates begin a day early: clocks of hosts differ. */
enum { DAY_S = 24 * 60 * 60, NAME_BYTES = 64 /* of a common name, in X.509 */ };

/* 4 or 16 bytes of an address; 0 of a name. */
static size_t host_address(const char *host, unsigned char ret[16])
{
    return inet_pton(AF_INET, host, ret) == 1 ? 4 : inet_pton(AF_INET6, host, ret) == 1 ? 16 : 0;
}

static void names_add(GENERAL_NAMES *names, const char *host)
{
    unsigned char ip[16];
    size_t ip_len = host_address(host, ip);
    GENERAL_NAME *name = GENERAL_NAME_new();
    ASN1_STRING *text = ip_len > 0 ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();
    check(name && text); /* no memory, here and below */
    check(ASN1_STRING_set(text, ip_len > 0 ? (const void *)ip : host,
                          (int)(ip_len > 0 ? ip_len : strlen(host))));
    GENERAL_NAME_set0_value(name, ip_len > 0 ? GEN_IPADD : GEN_DNS, text);
    check(sk_GENERAL_NAME_push(names, name) > 0);
}

/* Verifiers look for host names only in this extension. */
static bool certificate_add_hosts(X509 *x, const char *const *hosts)
{
    GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
    check(names);
    for (; *hosts; hosts++)
        names_add(names, *hosts);
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

X509 *certificate_make(EVP_PKEY *key, const char *common_name, const char *const *hosts, int days)
{
    X509 *x = X509_new();
    check(x);
    if (X509_set_version(x, X509_VERSION_3) == 1 && certificate_number(x) &&
        X509_gmtime_adj(X509_getm_notBefore(x), -DAY_S) &&
        X509_time_adj_ex(X509_getm_notAfter(x), days, 0, NULL) && X509_set_pubkey(x, key) == 1 &&
        certificate_name(x, common_name) && certificate_add_uses(x) &&
        certificate_add_hosts(x, hosts) && X509_sign(x, key, EVP_sha256()) > 0)
        return x;
    X509_free(x);
    return NULL;
}

bool certificate_is_own(X509 *x)
{
    bool own = X509_self_signed(x, 1) == 1;
    ERR_clear_error();
    return own;
}

bool certificate_is_for(X509 *x, const char *host)
{
    unsigned char ip[16];
    size_t ip_len = host_address(host, ip);
    unsigned flags = X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
    return ip_len > 0 ? X509_check_ip(x, ip, ip_len, 0) == 1
                      : X509_check_host(x, host, strlen(host), flags, NULL) == 1;
}

void certificate_print(X509 *x, struct buf *out)
{
    BIO *text = BIO_new(BIO_s_mem());
    char *bytes = NULL;
    check(text && PEM_write_bio_X509(text, x) == 1);
    long len = BIO_get_mem_data(text, &bytes);
    buf_add(out, bytes, (size_t)len);
    BIO_free(text);
}
