/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/earlier/wandb_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/remote/remote.h"
#include "net/http/http_target.h"
#include "net/tls/digest.h"
#include "orchestrator/store/store.h"
#include "orchestrator/wandb/wandb_desk.h"

enum { PIECE_BYTES = 64 << 10 };
#define BASE "http://besom"

struct wandb_sink {
    struct remote *remote; /* NULL: the store of this machine */
    char dir[PATH_MAX];
    struct store *store;
    uv_loop_t loop;
    struct wandb_desk *desk;
};

struct answer {
    struct arena *a;
    struct value *document;
    int status;
    bool done;
};

static int store_begin(struct wandb_sink *s, const char *dir, struct err *err)
{
    snprintf(s->dir, sizeof s->dir, "%s", dir);
    int rc = store_open(dir, true, &s->store, err);
    if (rc == ERR_BUSY)
        return err_set(err, ERR_BUSY,
                       "%.180s: wait until it ends; or import by a controller: --server URL",
                       err->text);
    if (rc != 0)
        return rc;
    check(uv_loop_init(&s->loop) == 0);
    const struct wandb_desk_config config = {.loop = &s->loop, .dir = s->dir};
    return wandb_desk_start(&config, &s->desk, err);
}

int wandb_sink_open(const char *address, const char *dir, struct wandb_sink **ret, struct err *err)
{
    struct wandb_sink *s = mem_alloc(sizeof *s);
    *s = (struct wandb_sink){0};
    int rc = address ? remote_open(address, &s->remote, err) : store_begin(s, dir, err);
    if (rc != 0)
        wandb_sink_close(s);
    else
        *ret = s;
    return rc;
}

void wandb_sink_close(struct wandb_sink *s)
{
    if (!s)
        return;
    remote_close(s->remote);
    if (s->desk) {
        wandb_desk_close(s->desk);
        uv_run(&s->loop, UV_RUN_DEFAULT);
        wandb_desk_free(s->desk);
        check(uv_loop_close(&s->loop) == 0);
    }
    if (s->store)
        store_close(s->store);
    mem_free(s);
}

static void desk_on_answer(void *arg, const struct wandb_reply *reply)
{
    struct answer *r = arg;
    r->done = true;
    r->status = reply->status;
    if (reply->len == 0 || json_parse(r->a, reply->body, reply->len, &r->document, NULL) != 0)
        r->document = value_dict(r->a);
}

static int desk_ask(struct wandb_sink *s, struct wandb_ask *ask, struct arena *a,
                    struct value **ret, struct err *err)
{
    struct answer r = {.a = a};
    ask->base = BASE;
    ask->by = "import";
    ask->writes = true;
    wandb_desk_ask(s->desk, ask, desk_on_answer, &r);
    while (!r.done)
        uv_run(&s->loop, UV_RUN_ONCE);
    *ret = r.document;
    if (r.status < 400)
        return 0;
    const struct value *errors = value_get(r.document, "errors");
    const char *why = errors && errors->kind == VALUE_LIST && errors->list.n > 0
                          ? value_get_str(errors->list.items[0], "message", NULL)
                          : value_get_str(r.document, "error", NULL);
    return err_set(err, ERR_IO, "%s", why ? why : "the store does not take it");
}

/* An error of GraphQL comes with status 200. */
static int document_check(const struct value *document, struct err *err)
{
    const struct value *errors = value_get(document, "errors");
    if (!errors || errors->kind != VALUE_LIST || errors->list.n == 0)
        return 0;
    return err_set(err, ERR_STATE, "%s",
                   value_get_str(errors->list.items[0], "message", "it is refused"));
}

int wandb_sink_post(struct wandb_sink *s, const char *path, const char *body, size_t len,
                    struct arena *a, struct value **ret, struct err *err)
{
    struct wandb_ask ask = {
        .verb = WANDB_POST, .path = path, .query = "", .body = body, .len = len};
    struct buf target;
    buf_init(&target, SIZE_MAX);
    for (const char *at = path; *at == '/';) {
        size_t n = strcspn(++at, "/");
        buf_addc(&target, '/');
        http_target_encode(&target, at, n);
        at += n;
    }
    int rc = s->remote ? remote_post_bytes(s->remote, buf_str(&target), body, len, a, ret, err)
                       : desk_ask(s, &ask, a, ret, err);
    buf_done(&target);
    return rc ? rc : document_check(*ret, err);
}

/* The desk takes away a file that it is given, and the original must stay. */
static int file_copy(struct wandb_sink *s, int in, char path[PATH_MAX], struct digest *ret,
                     struct err *err)
{
    char bytes[PIECE_BYTES];
    struct digesting *digest = digest_new();
    ssize_t n = -1;
    snprintf(path, PATH_MAX, "%.*s/import.part", PATH_MAX - 16, s->dir);
    int out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    while (out >= 0 && (n = read(in, bytes, sizeof bytes)) > 0) {
        digest_add(digest, bytes, (size_t)n);
        if (write(out, bytes, (size_t)n) != n) {
            n = -1;
            break;
        }
    }
    int why = errno;
    digest_end(digest, ret);
    if (out >= 0)
        close(out);
    return n == 0 ? 0 : err_set(err, ERR_IO, "%s: %s", path, strerror(why));
}

static int desk_put(struct wandb_sink *s, char *target, int fd, uint64_t size, struct arena *a,
                    struct err *err)
{
    char copy[PATH_MAX], *path, *query;
    struct value *document;
    struct digest digest;
    if (!http_target_split(target, &path, &query))
        return err_set(err, ERR_PROTOCOL, "the URL for an upload cannot be read");
    int rc = file_copy(s, fd, copy, &digest, err);
    struct wandb_ask ask = {.verb = WANDB_PUT,
                            .path = path,
                            .query = query,
                            .body = "",
                            .file = copy,
                            .size = size,
                            .sha256 = digest.sha256,
                            .md5 = digest.md5};
    if (rc == 0)
        rc = desk_ask(s, &ask, a, &document, err);
    (void)unlink(copy);
    return rc;
}

int wandb_sink_put(struct wandb_sink *s, const char *url, const char *file, struct arena *a,
                   struct err *err)
{
    const char *host = strstr(url, "://"), *target = host ? strchr(host + 3, '/') : NULL;
    struct stat st;
    int fd = open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || !target) {
        if (fd >= 0)
            close(fd);
        return err_set(err, ERR_NOT_FOUND, "%s: %s", file,
                       fd < 0 ? strerror(errno) : "not a file that can be sent");
    }
    if (s->remote)
        return remote_put(s->remote, target, fd, (uint64_t)st.st_size, err);
    int rc = desk_put(s, arena_strdup(a, target), fd, (uint64_t)st.st_size, a, err);
    close(fd);
    return rc;
}
