/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/trust/join_text.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"

#define HOST_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-"
#define IPV6_CHARS "0123456789abcdefABCDEF:."

bool join_text_is_loopback(const char *host)
{
    if (strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0)
        return true;
    return strncmp(host, "127.", 4) == 0 && host[strspn(host, "0123456789.")] == '\0';
}

void join_text_make(const struct join_text *j, char ret[JOIN_TEXT_BYTES])
{
    bool brackets = strchr(j->host, ':') != NULL;
    PRE(j->tls || join_text_is_loopback(j->host));
    int n = snprintf(ret, JOIN_TEXT_BYTES, "%s://%s%s%s:%u#%s%s,%s", j->tls ? "https" : "http",
                     brackets ? "[" : "", j->host, brackets ? "]" : "", j->port,
                     j->tls ? "sha256:" : "", j->tls ? j->fingerprint : "", j->token);
    POST(n > 0 && n < JOIN_TEXT_BYTES);
}

static int no_join(struct err *err, const char *why)
{
    return err_set(err, ERR_SYNTAX,
                   "this is not a join string, such as https://HOST:PORT#sha256:…,bsm_join_…: %s",
                   why);
}

/* Copies the host, without the brackets of an IPv6 address; returns the text after it. */
static const char *host_read(const char *at, char ret[JOIN_TEXT_HOST_BYTES])
{
    bool brackets = *at == '[';
    at += brackets;
    size_t len = strspn(at, brackets ? IPV6_CHARS : HOST_CHARS);
    if (len == 0 || len >= JOIN_TEXT_HOST_BYTES || (brackets && at[len] != ']'))
        return NULL;
    memcpy(ret, at, len);
    ret[len] = '\0';
    return at + len + brackets;
}

static const char *port_read(const char *at, uint16_t *ret)
{
    unsigned port = 0;
    size_t len = strspn(at, "0123456789");
    if (len == 0 || len > 5 || *at == '0')
        return NULL;
    for (size_t i = 0; i < len; i++)
        port = 10 * port + (unsigned)(at[i] - '0');
    *ret = (uint16_t)port;
    return port <= UINT16_MAX ? at + len : NULL;
}

static int fingerprint_read(const char *at, struct join_text *j, const char **ret, struct err *err)
{
    *ret = strchr(at, ',');
    if (!*ret)
        return no_join(err, "the part after # must be the fingerprint, a comma and the token");
    size_t len = (size_t)(*ret - at);
    if (!j->tls && len > 0)
        return no_join(err, "there is no fingerprint with http://: write #,TOKEN");
    if (!j->tls)
        return 0;
    bool fits = strncmp(at, "sha256:", 7) == 0 && len == 7 + CREDENTIAL_HASH_CHARS;
    if (fits)
        memcpy(j->fingerprint, at + 7, CREDENTIAL_HASH_CHARS);
    if (!fits || !credential_hash_is_valid(j->fingerprint))
        return no_join(err, "its fingerprint must be sha256: and 64 of 0-9 and a-f");
    return 0;
}

static int token_read(const char *at, struct join_text *j, struct err *err)
{
    struct token_text token;
    struct err why = {0};
    if (token_text_parse(at, &token, &why) != 0)
        return err_set(err, ERR_SYNTAX, "the token of the join string: %s", why.text);
    if (token.scope != CREDENTIAL_JOIN)
        return err_set(err, ERR_SYNTAX,
                       "the token of the join string has the scope %s: make one with `besom token "
                       "create --scope join`",
                       credential_scope_name(token.scope));
    memcpy(j->token, at, strlen(at) + 1);
    return 0;
}

static int text_read(const char *text, struct join_text *j, struct err *err)
{
    const char *at = text;
    int rc;
    j->tls = strncmp(at, "https://", 8) == 0;
    if (!j->tls && strncmp(at, "http://", 7) != 0)
        return no_join(err, "it must begin with https:// or http://");
    at = host_read(at + (j->tls ? 8 : 7), j->host);
    if (!at)
        return no_join(err, "the host must be a name or an address, IPv6 in [ ]");
    if (*at != ':' || !(at = port_read(at + 1, &j->port)))
        return no_join(err, "the host must be followed by : and a port from 1 to 65535");
    if (*at != '#')
        return no_join(err, "the port must be followed by #; put the string in quotes");
    if (!j->tls && !join_text_is_loopback(j->host))
        return no_join(err, "http:// is for this machine only, such as 127.0.0.1: use https://");
    if ((rc = fingerprint_read(at + 1, j, &at, err)) != 0)
        return rc;
    return token_read(at + 1, j, err);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

int join_text_parse(const char *text, size_t len, struct join_text *ret, struct err *err)
{
    char copy[JOIN_TEXT_BYTES];
    struct join_text j = {0};
    for (; len > 0 && is_blank(text[len - 1]); len--)
        ;
    for (; len > 0 && is_blank(*text); len--)
        text++;
    if (len == 0)
        return no_join(err, "it is empty");
    if (len >= sizeof copy || memchr(text, '\0', len))
        return no_join(err, "it is too long");
    memcpy(copy, text, len);
    copy[len] = '\0';
    int rc = text_read(copy, &j, err);
    if (rc == 0)
        *ret = j;
    return rc;
}
