/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/server/wandb/server_upload.h"

#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "net/turn.h"
#include "orchestrator/runs/files/files.h"
#include "orchestrator/server/reply/server_reply.h"
#include "orchestrator/server/wandb/server_wandb.h"
#include "orchestrator/wandb/desk_right.h"
#include "orchestrator/wandb/wandb_desk.h"

enum { UPLOADS_MAX = 256 };

struct server_upload {
    struct map parts; /* request -> path of its part */
};

struct sending {
    struct server *server;
    uint64_t request;
    char *part;
};

void server_upload_start(struct server *s)
{
    s->upload = mem_alloc(sizeof *s->upload);
    map_init(&s->upload->parts);
}

static int right_check(struct server *s, const char *query, struct err *err)
{
    unsigned char key[DESK_RIGHT_KEY_BYTES];
    struct desk_right right;
    struct arena a;
    int rc = desk_right_key(s->config.dir, key, err); /* of now: files/ may have been removed */
    if (rc != 0)
        return rc;
    arena_init(&a);
    rc = desk_right_read(&a, key, query, true, turn_wall_ms(), &right, err);
    arena_done(&a);
    return rc;
}

void server_upload_head(struct server *s, struct http_request *http)
{
    struct server_upload *u = s->upload;
    struct files *files = wandb_desk_files(s->config.desk);
    char path[FILES_PATH_BYTES];
    struct err err = {0};
    int rc = right_check(s, http->head->query, &err);
    http->trusted = rc == 0;
    if (rc == 0 && u->parts.live >= UPLOADS_MAX)
        rc = err_set(&err, ERR_BUSY, "too many files are being sent at once");
    if (rc == 0)
        rc = files_check_room(files, http->head->has_length ? http->head->length : 0,
                              &http->body_limit, &err);
    if (rc == 0)
        rc = files_begin(files, path, &http->fd, &err);
    if (rc != 0) {
        server_reply_error(s, http->id, 0, rc, err.text);
        return;
    }
    http->to_file = true;
    map_put(&u->parts, &http->id, sizeof http->id, mem_strdup(path));
}

void server_upload_gone(struct server *s, uint64_t request)
{
    char *part = map_remove(&s->upload->parts, &request, sizeof request);
    if (part)
        files_drop(part);
    mem_free(part);
}

static void sending_answered(void *arg, const struct wandb_reply *reply)
{
    struct sending *q = arg;
    files_drop(q->part); /* it is there yet where it was refused */
    server_wandb_reply(q->server, q->request, reply);
    mem_free(q->part);
    mem_free(q);
}

void server_upload_answer(struct server *s, const struct server_request *r)
{
    const struct http_request *http = r->http;
    char *part = map_remove(&s->upload->parts, &http->id, sizeof http->id);
    if (!part || !http->digest) {
        server_reply_error(s, http->id, 400, ERR_USAGE, "the request has no body");
        mem_free(part);
        return;
    }
    struct sending *q = mem_alloc(sizeof *q);
    *q = (struct sending){s, http->id, part};
    const struct wandb_ask ask = {.verb = WANDB_PUT,
                                  .path = http->head->path,
                                  .query = http->head->query,
                                  .file = part,
                                  .size = http->body_len,
                                  .sha256 = http->digest->sha256,
                                  .md5 = http->digest->md5,
                                  .writes = true};
    wandb_desk_ask(s->config.desk, &ask, sending_answered, q);
}

void server_upload_free(struct server *s)
{
    void *part;
    for (size_t at = 0; map_next(&s->upload->parts, &at, &part);) {
        files_drop(part);
        mem_free(part);
    }
    map_done(&s->upload->parts);
    mem_free(s->upload);
}
