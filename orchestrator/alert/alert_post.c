/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/alert/alert_post.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/diag/display.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/http/http_client.h"
#include "net/socket.h"
#include "net/tls/tls.h"

enum { SAID_BYTES = 100 /* of an answer that refuses the message */ };

struct alert_post {
    struct http_client *client;
    alert_done_fn done;
    void *arg;
};

static void post_on_done(void *arg, const struct http_response *r, const struct err *why)
{
    struct alert_post *p = arg;
    struct buf text;
    int status = r ? r->head->status : 0;
    buf_init(&text, SIZE_MAX);
    if (!r) {
        buf_adds(&text, why->text);
    } else if (status < 200 || status > 299) {
        buf_addf(&text, "status %d", status);
        if (r->body_len > 0)
            buf_adds(&text, ": ");
        display_clean(&text, r->body, r->body_len < SAID_BYTES ? r->body_len : SAID_BYTES);
    }
    p->done(p->arg, text.len > 0 ? buf_str(&text) : NULL);
    buf_done(&text);
    alert_post_leave(p);
}

int alert_post_begin(uv_loop_t *loop, const struct alert_url *url, const char *text,
                     alert_done_fn done, void *arg, struct alert_post **ret, struct err *err)
{
    const struct tls_trust trust = {0};
    struct stream *stream = NULL;
    int rc = url->tls ? tls_connect(loop, url->address, &trust, NULL, &stream, err)
                      : socket_connect(loop, url->address, NULL, &stream, err);
    if (rc != 0)
        return rc;
    struct alert_post *p = mem_alloc(sizeof *p);
    *p = (struct alert_post){
        .client = http_client_new(loop, stream, url->host), .done = done, .arg = arg};
    const struct http_call call = {.method = "POST",
                                   .target = url->target,
                                   .headers = "User-Agent: besom\r\nConnection: close\r\n",
                                   .type = "application/json",
                                   .body = text,
                                   .body_len = strlen(text),
                                   .response_limit = LIMIT_HTTP_BODY_BYTES,
                                   .done = post_on_done,
                                   .arg = p};
    http_client_send(p->client, &call);
    *ret = p;
    return 0;
}

void alert_post_leave(struct alert_post *p)
{
    http_client_close(p->client);
    mem_free(p);
}
