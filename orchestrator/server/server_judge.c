/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/server/server_judge.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/bytes/base64.h"
#include "base/limits.h"
#include "net/tls/secret.h"
#include "net/turn.h"
#include "orchestrator/core/books.h"
#include "orchestrator/server/page/page_session.h"
#include "sweep/trust/token_text.h"

#define OWN_ID "run"

void server_judge_start(struct server *s)
{
    const struct server_key *key = s->config.key;
    if (!key)
        return;
    s->own = (struct trust_credential){.n = UINT64_MAX, .id = OWN_ID, .scope = key->scope};
    memcpy(s->own.hash, key->hash, sizeof s->own.hash);
}

static bool name_is(const char *name, size_t len, const char *other)
{
    return strlen(other) == len && strncasecmp(name, other, len) == 0;
}

static bool name_is_address(const char *name, size_t len)
{
    unsigned char address[16];
    char text[64];
    if (len >= sizeof text)
        return false;
    memcpy(text, name, len);
    text[len] = '\0';
    return inet_pton(AF_INET, text, address) == 1;
}

/* The host of "HOST", "HOST:PORT", "[IPV6]" or "[IPV6]:PORT". */
static void host_split(const char *text, const char **ret, size_t *ret_len)
{
    const char *end = text[0] == '[' ? strchr(text, ']') : NULL;
    *ret = text;
    *ret_len = end ? (size_t)(end + 1 - text) : strcspn(text, ":");
}

/* Another site can make its name resolve to this machine (DNS rebinding), but then the header has its
 * name. Addresses cannot be taken over this way, so every address is accepted. */
static bool host_is_ours(const struct server *s, const char *text)
{
    char self[256] = "";
    const char *host;
    size_t len;
    host_split(text, &host, &len);
    if (len == 0 || host[0] == '[' || name_is_address(host, len) || name_is(host, len, "localhost"))
        return len > 0;
    for (size_t i = 0; s->config.hosts && s->config.hosts[i]; i++)
        if (name_is(host, len, s->config.hosts[i]))
            return true;
    return gethostname(self, sizeof self - 1) == 0 && self[0] &&
           (name_is(host, len, self) || name_is(host, strcspn(host, ".:"), self));
}

/* A link on another site may open the page, as the whole of a tab: there is nothing in it. */
static bool page_is_opened(const struct server_request *r)
{
    const char *mode = http_head_find(r->http->head, "sec-fetch-mode");
    const char *dest = http_head_find(r->http->head, "sec-fetch-dest");
    return (r->route->part == SERVER_PAGE || r->route->part == SERVER_PLAIN) &&
           r->route->method == HTTP_METHOD_GET && mode && strcmp(mode, "navigate") == 0 && dest &&
           strcmp(dest, "document") == 0;
}

/* Browsers send a cookie by themselves; what changes something has to come from our page, and says so. */
static bool session_is_used_here(const struct server_request *r)
{
    return !r->session || r->route->method == HTTP_METHOD_GET ||
           http_head_find(r->http->head, "origin");
}

/* Refuses Origin: null and all foreign pages. Browsers send these headers themselves; commands send
 * none. */
static bool origin_is_ours(const struct server_request *request)
{
    const struct http_request *r = request->http;
    const char *origin = http_head_find(r->head, "origin");
    const char *site = http_head_find(r->head, "sec-fetch-site");
    const char *host = http_head_find(r->head, "host"), *rest = origin;
    if (site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0)
        return !origin && page_is_opened(request);
    if (!origin)
        return true;
    const char *scheme = r->peer->tls ? "https://" : "http://";
    if (strncmp(rest, scheme, strlen(scheme)) != 0)
        return false;
    return host && strcasecmp(rest + strlen(scheme), host) == 0;
}

/* wandb's clients send "Basic " and base64 of "api:TOKEN". Browsers send such headers by themselves,
 * so they count on the paths of these clients alone. */
static const char *basic_read(struct server_request *r, const char *value)
{
    static const char scheme[] = "Basic ";
    struct buf text;
    bool wandb = r->route->part == SERVER_WANDB;
    if (!wandb || strncasecmp(value, scheme, strlen(scheme)) != 0)
        return NULL;
    buf_init(&text, LIMIT_HTTP_HEADER_BYTES);
    const char *key = value + strlen(scheme), *colon = NULL;
    if (base64_parse(&text, key, strlen(key)) && strlen(buf_peek(&text)) == text.len)
        colon = strchr(buf_peek(&text), ':');
    if (colon)
        snprintf(r->basic, sizeof r->basic, "%s", colon + 1);
    buf_done(&text);
    return r->basic;
}

/* The token of "Authorization: Bearer TOKEN"; NULL if there is none. */
static const char *bearer_of(struct server_request *r)
{
    static const char scheme[] = "Bearer ";
    const char *value = http_head_find(r->http->head, "authorization");
    if (value && strncasecmp(value, scheme, strlen(scheme)) == 0)
        return value + strlen(scheme);
    return value ? basic_read(r, value) : NULL;
}

static struct trust_verdict own_verdict(const struct server *s)
{
    return (struct trust_verdict){TRUST_OK, &s->own};
}

struct trust_verdict server_judge_token(const struct server *s, const char *text)
{
    struct token_text token;
    char hash[SECRET_HASH_TEXT_BYTES];
    struct err err = {0};
    if (token_text_parse(text, &token, &err) != 0)
        return (struct trust_verdict){.reason = TRUST_UNKNOWN};
    secret_hash_text(text, strlen(text), hash);
    if (s->config.key)
        return secret_equal(hash, s->own.hash, sizeof hash)
                   ? own_verdict(s)
                   : (struct trust_verdict){TRUST_UNKNOWN, NULL};
    return trust_check(&driver_books(s->config.driver)->trust, driver_store_id(s->config.driver),
                       token.id, hash, turn_wall_ms());
}

/* A token takes precedence over the key of the connection, which may belong to somebody else, and
 * over a browser's cookie. */
static struct trust_verdict sender_find(const struct server *s, struct server_request *request)
{
    const struct trust *trust = &driver_books(s->config.driver)->trust;
    const struct http_request *r = request->http;
    char id[PAGE_SESSION_ID_BYTES];
    if (request->bearer[0])
        return server_judge_token(s, request->bearer);
    if (r->peer->fingerprint[0] && !s->config.key)
        return trust_check_key(trust, r->peer->fingerprint, turn_wall_ms());
    request->session = page_session_find(s, r, id);
    if (request->session && s->config.key)
        return own_verdict(s);
    if (request->session)
        return trust_check_session(trust, id, turn_wall_ms());
    return (struct trust_verdict){.reason = TRUST_UNKNOWN};
}

static const char *refusal_text(const struct server_request *r, enum trust_reason reason)
{
    switch (reason) {
    case TRUST_EXPIRED:
        return "this credential has expired";
    case TRUST_REVOKED:
        return "this credential is revoked";
    case TRUST_USED:
        return "this credential has been used";
    case TRUST_COPIED:
        return "this credential was made before the store was copied";
    case TRUST_OK:
    case TRUST_UNKNOWN:
        break;
    }
    return r->bearer[0] || r->http->peer->fingerprint[0]
               ? "this controller does not know this credential: make one with besom token create "
                 "on its machine"
               : "a credential is needed: set $BESOM_TOKEN to a token of this controller";
}

static const char *need_text(enum credential_scope need)
{
    static const char *const texts[CREDENTIAL_SCOPE_COUNT] = {
        [CREDENTIAL_ADMIN] = "this needs a token of scope admin",
        [CREDENTIAL_OPERATOR] = "this needs a token of scope operator or admin",
        [CREDENTIAL_VIEWER] = "this needs a token of scope viewer, operator or admin",
        [CREDENTIAL_JOIN] = "this needs a join token",
        [CREDENTIAL_AGENT] = "only an agent may do this",
        [CREDENTIAL_TRIAL] = "only a trial may do this",
    };
    return texts[need];
}

int server_judge(const struct server *s, struct server_request *r, const char **ret_why)
{
    const char *host = http_head_find(r->http->head, "host");
    r->id = r->by = r->agent = r->bearer = "";
    if (!host || !host_is_ours(s, host)) {
        *ret_why = "this controller has no such name: besom serve --host NAME adds it";
        return 421;
    }
    if (!origin_is_ours(r)) {
        *ret_why = "a page of another site cannot use this controller";
        return 403;
    }
    if (r->route->need == SERVER_ANYBODY || r->route->need == SERVER_SIGNED)
        return 0;
    const char *bearer = bearer_of(r);
    r->bearer = bearer ? bearer : "";
    const struct trust_verdict verdict = sender_find(s, r);
    /* An agent whose answer was lost joins again: the controller's core knows whether it is that
     * agent. */
    bool again = verdict.reason == TRUST_USED && r->route->need == CREDENTIAL_JOIN;
    r->id = verdict.credential ? verdict.credential->id : "";
    r->by = !verdict.credential ? ""
            : s->config.key     ? driver_user(s->config.driver)
                                : verdict.credential->id;
    r->sender = verdict.credential ? verdict.credential->n : 0;
    if (verdict.reason != TRUST_OK && !again) {
        *ret_why = refusal_text(r, verdict.reason);
        return 401;
    }
    if (!session_is_used_here(r)) {
        *ret_why = "a request with a cookie and without Origin can only look";
        return 403;
    }
    r->scope = verdict.credential->scope;
    if (verdict.credential->scope == CREDENTIAL_AGENT && verdict.credential->name)
        r->agent = verdict.credential->name;
    if (credential_may(verdict.credential->scope, (enum credential_scope)r->route->need))
        return 0;
    *ret_why = need_text((enum credential_scope)r->route->need);
    return 403;
}
