/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/wandb/wandb_route.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/bytes/base64.h"
#include "base/limits.h"

#define PREFIX "/besom/"
#define UPLOADS "/upload"

/* wandb sends "Basic " and base64 of "api:KEY". */
static bool header_read(const struct wandb_access *w, const struct http_head *head,
                        struct agent_key *ret)
{
    static const char scheme[] = "Basic ";
    const char *value = http_head_find(head, "authorization");
    struct buf text;
    bool known = false;
    buf_init(&text, LIMIT_HTTP_HEADER_BYTES);
    if (value && strncasecmp(value, scheme, strlen(scheme)) == 0 &&
        base64_parse(&text, value + strlen(scheme), strlen(value + strlen(scheme))) &&
        strlen(buf_peek(&text)) == text.len) {
        const char *colon = strchr(buf_peek(&text), ':');
        known = colon && wandb_access_read(w, colon + 1, ret);
    }
    buf_done(&text);
    return known;
}

/* Moves the path to what follows the key in it. */
static bool path_read(const struct wandb_access *w, const char **path, struct agent_key *ret)
{
    char key[WANDB_KEY_BYTES];
    const char *begin = *path + strlen(PREFIX), *end = strchr(begin, '/');
    size_t len = end ? (size_t)(end - begin) : strlen(begin);
    if (!end || len >= sizeof key)
        return false;
    snprintf(key, sizeof key, "%.*s", (int)len, begin);
    *path = end;
    return wandb_access_read(w, key, ret);
}

/* run: of /files/ENTITY/PROJECT/RUN/file_stream, cut at its size. */
static bool is_stream(const char *path, char run[WANDB_RUN_BYTES])
{
    static const char end[] = "/file_stream", files[] = "/files/";
    size_t len = strlen(path);
    if (strncmp(path, files, strlen(files)) != 0 || len < strlen(files) + strlen(end) ||
        strcmp(path + len - strlen(end), end) != 0)
        return false;
    const char *name_end = path + len - strlen(end), *name = name_end;
    while (name > path && name[-1] != '/')
        name--;
    snprintf(run, WANDB_RUN_BYTES, "%.*s", (int)(name_end - name), name);
    return true;
}

struct wandb_route wandb_route_find(const struct wandb_access *w, const struct http_head *head)
{
    struct wandb_route r = {.path = head->path};
    enum http_head_method method = head->method;
    bool has_prefix = strncmp(r.path, PREFIX, strlen(PREFIX)) == 0;
    r.known = has_prefix ? path_read(w, &r.path, &r.key) : header_read(w, head, &r.key);
    if (method == HTTP_METHOD_POST && strcmp(r.path, "/graphql") == 0)
        r.kind = WANDB_ROUTE_GRAPHQL;
    else if (method == HTTP_METHOD_POST && strncmp(r.path, "/sdk/otel/", 10) == 0)
        r.kind = WANDB_ROUTE_TELEMETRY;
    else if (method == HTTP_METHOD_POST && is_stream(r.path, r.run))
        r.kind = WANDB_ROUTE_STREAM;
    else if (method == HTTP_METHOD_PUT && has_prefix && strcmp(r.path, UPLOADS) == 0)
        r.kind = WANDB_ROUTE_UPLOAD;
    else if (has_prefix && strcmp(r.path, "/graphql") != 0 &&
             (method == HTTP_METHOD_GET || method == HTTP_METHOD_PUT))
        r.kind = WANDB_ROUTE_PASS;
    return r;
}

char *wandb_route_base(struct arena *a, const struct wandb_access *w, const struct agent_key *key)
{
    char text[WANDB_KEY_BYTES];
    wandb_access_key(w, key, text);
    return arena_printf(a, "%s" PREFIX "%s", w->url, text);
}

char *wandb_route_uploads(struct arena *a, const struct wandb_access *w,
                          const struct agent_key *key)
{
    return arena_printf(a, "%s" UPLOADS, wandb_route_base(a, w, key));
}
