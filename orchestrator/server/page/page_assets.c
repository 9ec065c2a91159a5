/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/server/page/page_assets.h"

#include <stdio.h>
#include <string.h>

#include "orchestrator/server/reply/server_reply.h"

#define SAFE                                                                                    \
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "        \
    "connect-src 'self'; img-src 'self' data:; media-src 'self'; frame-src 'self'; "            \
    "frame-ancestors 'none'; base-uri 'none'; "                                                 \
    "form-action 'none'\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n" \
    "Cross-Origin-Opener-Policy: same-origin\r\nCross-Origin-Resource-Policy: same-origin\r\n"

static const struct page_asset *asset_find(const char *name)
{
    for (const struct page_asset *f = page_assets; f->name; f++)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

bool page_assets_are_built(void)
{
    return asset_find("index.html") != NULL;
}

void page_assets_answer(struct server *s, const struct server_request *r)
{
    bool page = r->route->op != NULL;
    const struct page_asset *f = asset_find(page ? r->route->op : r->name);
    const char *known = http_head_find(r->http->head, "if-none-match");
    char headers[1024];
    const char *accept = http_head_find(r->http->head, "accept");
    if (r->route->key && !(accept && strstr(accept, "text/html"))) { /* a client of wandb's */
        server_reply_error(s, r->http->id, 404, ERR_NOT_FOUND, "there is no such path");
        return;
    }
    if (!f && page) { /* built without node: the tables are the page */
        const struct http_answer away = {
            .status = 303, .type = "text/plain", .headers = SAFE "Location: /plain\r\n"};
        if (!s->closing)
            http_server_reply(s->http, r->http->id, &away);
        return;
    }
    if (!f) {
        server_reply_error(s, r->http->id, 404, ERR_NOT_FOUND, "there is no such file");
        return;
    }
    snprintf(headers, sizeof headers,
             SAFE "ETag: %s\r\nCache-Control: %s\r\nContent-Encoding: gzip\r\n", f->etag,
             page ? "no-cache" : "public, max-age=31536000, immutable");
    bool same = known && strstr(known, f->etag);
    const struct http_answer answer = {.status = same ? 304 : 200,
                                       .type = same ? NULL : f->type,
                                       .headers = headers,
                                       .body = same ? NULL : f->bytes,
                                       .len = same ? 0 : (size_t)f->len};
    if (!s->closing)
        http_server_reply(s->http, r->http->id, &answer);
}
