/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/tls/crypto.h"
#include "net/tls/identity.h"
#include "net/tls/identity_parts.h"

static int file_fail(struct err *err, const char *what, const char *path)
{
    int code = errno == ENOENT                     ? ERR_NOT_FOUND
               : errno == EACCES || errno == EPERM ? ERR_PERMISSION
               : errno == ENOSPC                   ? ERR_FULL
                                                   : ERR_IO;
    return err_set(err, code, "cannot %s %s: %s", what, path, strerror(errno));
}

/* Refuses a file that others can read; ret holds the text, which is wiped when freed. */
static int file_read(const char *path, BIO **ret, struct err *err)
{
    char bytes[4096];
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return file_fail(err, "open", path);
    int rc = fstat(fd, &st) < 0 ? file_fail(err, "read", path) : 0;
    if (rc == 0 && !S_ISREG(st.st_mode))
        rc = err_set(err, ERR_USAGE, "%s is not a file", path);
    else if (rc == 0 && (st.st_mode & 077))
        rc = err_set(err, ERR_PERMISSION,
                     "%s holds a private key, but others can access it: chmod 600 %s", path, path);
    else if (rc == 0 && st.st_size > LIMIT_IDENTITY_BYTES)
        rc = err_set(err, ERR_LIMIT, "%s is larger than %d KiB", path, LIMIT_IDENTITY_BYTES >> 10);
    BIO *text = BIO_new(BIO_s_mem());
    check(text);
    ssize_t n = rc == 0 ? 1 : 0;
    for (size_t got = 0; n > 0 && got <= LIMIT_IDENTITY_BYTES; got += (size_t)n) {
        n = read(fd, bytes, sizeof bytes);
        if (n < 0)
            rc = file_fail(err, "read", path);
        else if (n > 0)
            check(BIO_write(text, bytes, (int)n) == n);
        n = n > 0 ? n : 0;
    }
    secret_wipe(bytes, sizeof bytes);
    close(fd);
    if (rc == 0)
        *ret = text;
    else
        BIO_free(text);
    return rc;
}

/* For an encrypted key: nobody can be asked for the passphrase. */
static int file_no_password(char *out, int size, int writing, void *arg)
{
    (void)out;
    (void)size;
    (void)writing;
    (void)arg;
    return -1;
}

/* Reads the key and all certificates, and skips everything else. */
static EVP_PKEY *file_parse(BIO *text, STACK_OF(X509) * certificates)
{
    char *bytes = NULL;
    long len = BIO_get_mem_data(text, &bytes);
    BIO *again = BIO_new_mem_buf(bytes ? bytes : "", (int)len);
    check(again);
    for (X509 *x; (x = PEM_read_bio_X509(again, NULL, file_no_password, NULL)) != NULL;)
        check(sk_X509_push(certificates, x) > 0);
    BIO_free(again);
    ERR_clear_error();
    return PEM_read_bio_PrivateKey(text, NULL, file_no_password, NULL);
}

int identity_read(const char *path, struct identity **ret, struct err *err)
{
    BIO *text;
    crypto_begin();
    int rc = file_read(path, &text, err);
    if (rc != 0)
        return rc;
    STACK_OF(X509) *certificates = sk_X509_new_null();
    EVP_PKEY *key = file_parse(text, certificates);
    X509 *first = sk_X509_shift(certificates);
    BIO_free(text);
    if (!key)
        rc = crypto_fail(err, ERR_SYNTAX, "%s holds no private key that can be read", path);
    else if (!first)
        rc = err_set(err, ERR_SYNTAX, "%s holds no certificate", path);
    else if (X509_check_private_key(first, key) != 1)
        rc = crypto_fail(err, ERR_SYNTAX, "%s: the first certificate is not that of the key", path);
    if (rc == 0) {
        *ret = identity_parts_join(key, first, certificates);
        return 0;
    }
    EVP_PKEY_free(key);
    X509_free(first);
    sk_X509_pop_free(certificates, X509_free);
    return rc;
}

static int file_write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno != EINTR)
            return -1;
        if (n > 0) {
            bytes += n;
            len -= (size_t)n;
        }
    }
    return fsync(fd);
}

/* The new name is durable when its folder is. */
static int file_sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? mem_strdup(path) : mem_strdup(".");
    if (slash)
        folder[slash == path ? 1 : slash - path] = '\0';
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    mem_free(folder);
    int rc = fd < 0 ? -1 : fsync(fd);
    if (fd >= 0)
        close(fd);
    return rc;
}

static int file_replace(const char *path, const char *bytes, size_t len, struct err *err)
{
    size_t room = strlen(path) + sizeof ".XXXXXX";
    char *other = mem_alloc(room);
    snprintf(other, room, "%s.XXXXXX", path);
    int fd = mkstemp(other); /* mode 0600 */
    int rc = fd < 0 ? file_fail(err, "create", other) : 0;
    if (fd >= 0)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    if (rc == 0 && file_write_all(fd, bytes, len) < 0)
        rc = file_fail(err, "write", other);
    if (fd >= 0)
        close(fd);
    if (rc == 0 && (rename(other, path) < 0 || file_sync_folder(path) < 0))
        rc = file_fail(err, "replace", path);
    if (rc != 0 && fd >= 0)
        unlink(other);
    mem_free(other);
    return rc;
}

int identity_write(const struct identity *id, const char *path, struct err *err)
{
    BIO *text = BIO_new(BIO_s_mem());
    char *bytes = NULL;
    check(text);
    bool made = PEM_write_bio_PrivateKey(text, id->key, NULL, NULL, 0, NULL, NULL) == 1 &&
                PEM_write_bio_X509(text, id->certificate) == 1;
    for (int i = 0; made && i < sk_X509_num(id->chain); i++)
        made = PEM_write_bio_X509(text, sk_X509_value(id->chain, i)) == 1;
    long len = BIO_get_mem_data(text, &bytes);
    int rc = made ? file_replace(path, bytes, (size_t)len, err)
                  : crypto_fail(err, ERR_IO, "the key of %s cannot be written", path);
    BIO_free(text);
    return rc;
}
