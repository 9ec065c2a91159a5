/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tls/identity.h"

#include "base/check.h"
#include "base/mem.h"
#include "net/tls/certificate.h"
#include "net/tls/crypto.h"
#include "net/tls/identity_parts.h"

static int identity_certify(EVP_PKEY *key, const char *common_name, const char *const *hosts,
                            int days, struct identity **ret, struct err *err)
{
    X509 *x = certificate_make(key, common_name, hosts, days);
    if (x) {
        *ret = identity_parts_join(key, x, sk_X509_new_null());
        return 0;
    }
    EVP_PKEY_free(key);
    return crypto_fail(err, ERR_USAGE, "no certificate can be made for '%s'", common_name);
}

int identity_make(const char *common_name, int days, struct identity **ret, struct err *err)
{
    crypto_begin();
    EVP_PKEY *key = EVP_EC_gen("P-256");
    if (!key)
        return crypto_fail(err, ERR_IO, "no key can be made");
    return identity_certify(key, common_name, (const char *const[]){common_name, NULL}, days, ret,
                            err);
}

int identity_renew(const struct identity *id, const char *common_name, const char *const *hosts,
                   int days, struct identity **ret, struct err *err)
{
    EVP_PKEY_up_ref(id->key);
    return identity_certify(id->key, common_name, hosts, days, ret, err);
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
    return (int64_t)days * (24 * 60 * 60) + seconds;
}

bool identity_is_own(const struct identity *id)
{
    return certificate_is_own(id->certificate);
}

bool identity_is_for(const struct identity *id, const char *host)
{
    return certificate_is_for(id->certificate, host);
}
