/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/desk_right.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "net/http/http_target.h"
#include "net/tls/secret.h"

enum { SIGN_CHARS = 2 * SECRET_HASH_BYTES };

static int key_fail(struct err *err, const char *path)
{
    return err_set(err, errno == ENOSPC ? ERR_FULL : ERR_IO, "cannot make %s: %s", path,
                   strerror(errno));
}

static bool key_read(const char *path, unsigned char key[DESK_RIGHT_KEY_BYTES])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, key, DESK_RIGHT_KEY_BYTES);
    if (fd >= 0)
        close(fd);
    return n == DESK_RIGHT_KEY_BYTES;
}

/* Two threads may make it at once: the first to give it its name wins. */
int desk_right_key(const char *dir, unsigned char key[DESK_RIGHT_KEY_BYTES], struct err *err)
{
    char path[PATH_MAX], fresh[PATH_MAX];
    snprintf(path, sizeof path, "%s/files/key", dir);
    if (key_read(path, key))
        return 0;
    snprintf(fresh, sizeof fresh, "%s/files", dir);
    if (mkdir(fresh, 0700) != 0 && errno != EEXIST)
        return key_fail(err, fresh);
    snprintf(fresh, sizeof fresh, "%s/files/key.XXXXXX", dir);
    int fd = mkostemp(fresh, O_CLOEXEC);
    if (fd < 0)
        return key_fail(err, path);
    secret_random(key, DESK_RIGHT_KEY_BYTES);
    bool good = write(fd, key, DESK_RIGHT_KEY_BYTES) == DESK_RIGHT_KEY_BYTES && fsync(fd) == 0;
    close(fd);
    int rc = good && (link(fresh, path) == 0 || errno == EEXIST) ? 0 : key_fail(err, path);
    unlink(fresh);
    if (rc == 0 && !key_read(path, key))
        rc = err_set(err, ERR_IO, "%s is damaged: delete it", path);
    return rc;
}

/* What is signed: no part can run into the next one, since only the last is free text. */
static void right_sign(const unsigned char key[DESK_RIGHT_KEY_BYTES], const struct desk_right *r,
                       char ret[SIGN_CHARS + 1])
{
    unsigned char mac[SECRET_HASH_BYTES];
    struct buf text;
    buf_init(&text, SIZE_MAX);
    buf_addf(&text, "%s %s %" PRId64 " %" PRId64 " %s", r->put ? "put" : "get", r->kind, r->n,
             r->until_ms, r->name);
    secret_mac(key, DESK_RIGHT_KEY_BYTES, buf_str(&text), text.len, mac);
    for (size_t i = 0; i < sizeof mac; i++)
        snprintf(ret + 2 * i, 3, "%02x", mac[i]);
    buf_done(&text);
}

char *desk_right_url(struct arena *a, const unsigned char key[DESK_RIGHT_KEY_BYTES],
                     const char *base, const struct desk_right *right)
{
    char sign[SIGN_CHARS + 1];
    struct buf name;
    buf_init(&name, SIZE_MAX);
    http_target_encode(&name, right->name, strlen(right->name));
    right_sign(key, right, sign);
    char *ret = arena_printf(a, "%s%s?of=%s&n=%" PRId64 "&until=%" PRId64 "&name=%s&sign=%s", base,
                             right->put ? DESK_RIGHT_PUT : DESK_RIGHT_GET, right->kind, right->n,
                             right->until_ms, buf_str(&name), sign);
    buf_done(&name);
    return ret;
}

static const char *query_text(struct arena *a, const char *query, const char *name)
{
    struct buf text;
    const char *ret = NULL;
    buf_init(&text, LIMIT_HTTP_URL_BYTES);
    if (http_target_query(query, name, &text) == 0 && !text.overflow &&
        strlen(buf_peek(&text)) == text.len)
        ret = arena_strndup(a, buf_peek(&text), text.len);
    buf_done(&text);
    return ret;
}

static bool query_number(const char *query, const char *name, int64_t *ret)
{
    uint64_t n = 0;
    bool good = http_target_number(query, name, &n) == 0;
    *ret = (int64_t)n;
    return good;
}

int desk_right_read(struct arena *a, const unsigned char key[DESK_RIGHT_KEY_BYTES],
                    const char *query, bool put, int64_t now_ms, struct desk_right *ret,
                    struct err *err)
{
    char sign[SIGN_CHARS + 1];
    *ret = (struct desk_right){.put = put};
    ret->kind = query_text(a, query, "of");
    ret->name = query_text(a, query, "name");
    const char *given = query_text(a, query, "sign");
    if (!ret->kind || !ret->name || !given || !query_number(query, "n", &ret->n) ||
        !query_number(query, "until", &ret->until_ms) || strlen(given) != SIGN_CHARS)
        return err_set(err, ERR_PERMISSION, "this URL was not made by this controller");
    right_sign(key, ret, sign);
    if (!secret_equal(sign, given, SIGN_CHARS))
        return err_set(err, ERR_PERMISSION, "this URL was not made by this controller");
    if (ret->until_ms < now_ms)
        return err_set(err, ERR_PERMISSION, "the time of this URL is over");
    return 0;
}
