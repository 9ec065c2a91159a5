/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/files/file_node.h"

#include "base/buf.h"
#include "base/bytes/base64.h"
#include "orchestrator/wandb/desk_mime.h"
#include "orchestrator/wandb/desk_right.h"
#include "protocol/wandb/wandb_id.h"
#include "protocol/wandb/wandb_value.h"

struct value *file_node_headers(struct desk_call *c)
{
    return value_list(c->arena);
}

static int key_need(struct desk_call *c, struct err *err)
{
    int rc = c->has_right_key ? 0 : desk_right_key(c->dir, c->right_key, err);
    c->has_right_key = rc == 0;
    return rc;
}

int file_node_url(struct desk_call *c, bool put, const char *kind, int64_t n, const char *name,
                  const char **ret, struct err *err)
{
    const struct desk_right right = {put, kind, n, name, c->now_ms + DESK_RIGHT_MS};
    int rc = key_need(c, err);
    if (rc == 0)
        *ret = desk_right_url(c->arena, c->right_key, c->ask->base ? c->ask->base : "", &right);
    return rc;
}

int file_node(struct desk_call *c, const char *kind, const struct runs_file *f, struct value **ret,
              struct err *err)
{
    struct value *v = wandb_value_typed(c->arena, "File");
    const char *url = NULL;
    struct buf md5;
    int rc = file_node_url(c, false, kind, f->owner, f->name, &url, err);
    buf_init(&md5, SIZE_MAX);
    if (f->has_md5)
        base64_print(&md5, f->md5, sizeof f->md5);
    wandb_value_text(c->arena, v, "id", wandb_id_print(c->arena, "File", f->n));
    wandb_value_text(c->arena, v, "name", f->name);
    wandb_value_text(c->arena, v, "displayName", f->name);
    wandb_value_text(c->arena, v, "url", url);
    wandb_value_text(c->arena, v, "directUrl", url);
    wandb_value_int(c->arena, v, "sizeBytes", f->size);
    wandb_value_text(c->arena, v, "mimetype", desk_mime(f->name));
    wandb_value_text(c->arena, v, "updatedAt", wandb_value_time(c->arena, f->updated));
    wandb_value_text(c->arena, v, "md5", f->has_md5 ? buf_str(&md5) : NULL);
    wandb_value_text(c->arena, v, "digest", f->has_md5 ? buf_str(&md5) : NULL);
    wandb_value_text(c->arena, v, "storagePath", f->hash);
    buf_done(&md5);
    *ret = v;
    return rc;
}
