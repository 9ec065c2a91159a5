/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/server/page/page_session.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "net/tls/secret.h"
#include "net/turn.h"
#include "orchestrator/core/books.h"
#include "orchestrator/server/page/page_zone.h"
#include "orchestrator/server/reply/server_reply.h"

enum { KEY_BYTES = 32, MAC_CHARS = 2 * SECRET_HASH_BYTES, NAME_BYTES = 64, TEXT_BYTES = 128 };

struct page_session {
    unsigned char key[KEY_BYTES];
    /* Cookies of a host are sent to all its ports, so two controllers on one need two names. */
    char name[NAME_BYTES];
};

static int key_make(const char *path, unsigned char key[KEY_BYTES], struct err *err)
{
    char fresh[PATH_MAX + 8];
    snprintf(fresh, sizeof fresh, "%s.new", path);
    secret_random(key, KEY_BYTES);
    (void)unlink(fresh);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && write(fd, key, KEY_BYTES) == KEY_BYTES && fsync(fd) == 0;
    if (fd >= 0)
        ok = close(fd) == 0 && ok;
    if (!ok || rename(fresh, path) != 0)
        return err_set(err, ERR_IO, "%s cannot be written", path);
    return 0;
}

int page_session_start(struct server *s, struct err *err)
{
    char path[PATH_MAX];
    struct page_session *p = s->session = mem_alloc(sizeof *p);
    snprintf(p->name, sizeof p->name, "besom_%.32s", driver_store_id(s->config.driver));
    if (s->config.key) {
        secret_random(p->key, KEY_BYTES);
        return 0;
    }
    snprintf(path, sizeof path, "%s/page.key", s->config.dir);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool whole = fd >= 0 && read(fd, p->key, KEY_BYTES) == KEY_BYTES;
    if (fd >= 0)
        close(fd);
    return whole ? 0 : key_make(path, p->key, err);
}

void page_session_free(struct server *s)
{
    if (s->session)
        secret_wipe(s->session, sizeof *s->session);
    mem_free(s->session);
    s->session = NULL;
}

static void session_sign(const struct page_session *p, const char *id, int64_t until_s,
                         char out[MAC_CHARS + 1])
{
    unsigned char mac[SECRET_HASH_BYTES];
    char text[TEXT_BYTES];
    int len = snprintf(text, sizeof text, "besom session 1\n%s\n%" PRId64, id, until_s);
    secret_mac(p->key, KEY_BYTES, text, (size_t)len, mac);
    for (size_t i = 0; i < SECRET_HASH_BYTES; i++)
        snprintf(out + 2 * i, 3, "%02x", mac[i]);
}

/* Where the value of our cookie begins in the header; NULL if it is not there. A browser keeps the
 * name with "__Host-" for TLS alone. */
static const char *cookie_value(const struct page_session *p, bool tls, const char *header)
{
    char name[NAME_BYTES + 8];
    int len = snprintf(name, sizeof name, "%s%s=", tls ? "__Host-" : "", p->name);
    for (const char *at = header; at; at = strchr(at, ';')) {
        at += strspn(at, "; ");
        if (strncmp(at, name, (size_t)len) == 0)
            return at + len;
        if (!*at)
            break;
    }
    return NULL;
}

/* ID.SECONDS.MAC */
static bool cookie_parse(const struct page_session *p, const char *text,
                         char id[PAGE_SESSION_ID_BYTES], int64_t *ret_until_s)
{
    char mac[MAC_CHARS + 1], *end;
    size_t n = strcspn(text, ".;");
    if (n == 0 || n >= PAGE_SESSION_ID_BYTES || text[n] != '.')
        return false;
    memcpy(id, text, n);
    id[n] = '\0';
    text += n + 1;
    if (*text < '0' || *text > '9')
        return false;
    *ret_until_s = strtoll(text, &end, 10);
    if (*end != '.' || strcspn(end + 1, "; ") != MAC_CHARS)
        return false;
    session_sign(p, id, *ret_until_s, mac);
    return secret_equal(mac, end + 1, MAC_CHARS);
}

bool page_session_find(const struct server *s, const struct http_request *r,
                       char id[PAGE_SESSION_ID_BYTES])
{
    const char *header = http_head_find(r->head, "cookie");
    const char *text = header ? cookie_value(s->session, r->peer->tls, header) : NULL;
    int64_t until_s;
    return text && cookie_parse(s->session, text, id, &until_s) && turn_wall_ms() / 1000 < until_s;
}

enum { AGE_OF_BROWSER = -1 }; /* until the browser exits */

static void cookie_print(const struct server *s, bool tls, const char *value, int age_s,
                         struct buf *out)
{
    buf_addf(out, "Set-Cookie: %s%s=%s; Path=/; HttpOnly; SameSite=Strict", tls ? "__Host-" : "",
             s->session->name, value);
    if (age_s != AGE_OF_BROWSER)
        buf_addf(out, "; Max-Age=%d", age_s);
    buf_addf(out, "%s\r\n", tls ? "; Secure" : "");
}

void page_session_cookie(const struct server *s, bool tls, const char *id, struct buf *out)
{
    char mac[MAC_CHARS + 1], value[TEXT_BYTES];
    int64_t until_s = turn_wall_ms() / 1000 + PAGE_SESSION_S;
    session_sign(s->session, id, until_s, mac);
    snprintf(value, sizeof value, "%s.%" PRId64 ".%s", id, until_s, mac);
    cookie_print(s, tls, value, s->config.key ? AGE_OF_BROWSER : PAGE_SESSION_S, out);
}

void page_session_answer(struct server *s, const struct server_request *r)
{
    const struct trust_credential *c = trust_find(&driver_books(s->config.driver)->trust, r->by);
    const struct http_peer *peer = r->http->peer;
    struct arena a;
    struct buf headers, body;
    char zone_text[PAGE_ZONE_BYTES];
    bool open = r->route->method == HTTP_METHOD_POST;
    if (open && !r->bearer[0]) { /* a cookie cannot make another that lasts longer */
        server_reply_error(s, r->http->id, 0, ERR_USAGE,
                           "the header Authorization with the token is missing");
        return;
    }
    arena_init(&a);
    buf_init(&headers, SIZE_MAX);
    buf_init(&body, SIZE_MAX);
    struct value *v = value_dict(&a);
    value_put(&a, v, "id", value_str(&a, r->id));
    value_put(&a, v, "scope", value_str(&a, credential_scope_name(r->scope)));
    value_put(&a, v, "name",
              s->config.key  ? value_str(&a, r->by)
              : c && c->name ? value_str(&a, c->name)
                             : value_null(&a));
    value_put(&a, v, "run", value_bool(&a, s->config.key != NULL));
    const char *zone = page_zone_name(zone_text);
    value_put(&a, v, "zone", zone ? value_str(&a, zone) : value_null(&a));
    value_put(&a, v, "expires",
              c && c->expires_ms ? value_float(&a, (double)c->expires_ms / 1000) : value_null(&a));
    json_print(&body, v, JSON_COMPACT);
    buf_addc(&body, '\n');
    buf_adds(&headers, "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n");
    if (open)
        page_session_cookie(s, peer->tls, r->id, &headers);
    else if (r->route->method == HTTP_METHOD_DELETE)
        cookie_print(s, peer->tls, "", 0, &headers);
    const struct http_answer answer = {.status = 200,
                                       .type = "application/json",
                                       .headers = buf_str(&headers),
                                       .body = buf_str(&body),
                                       .len = body.len};
    if (!s->closing)
        http_server_reply(s->http, r->http->id, &answer);
    buf_done(&body);
    buf_done(&headers);
    arena_done(&a);
}
