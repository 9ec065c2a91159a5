/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/page/run_page.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "cli/page/last_words.h"
#include "cli/print/terminal.h"
#include "cli/trust/mint.h"
#include "orchestrator/server/page/page_assets.h"
#include "orchestrator/server/server.h"
#include "orchestrator/store/store_lock.h"

#define LOOPBACK "127.0.0.1"
#define RUN_PAGE_HOLDER "page-holder" /* who left the link */

/* Nobody who has the page open delays the end by more. */
enum { BYE_MS = 40 };

enum { FILE_BYTES = RUN_PAGE_LINK_BYTES + STORE_LOCK_HOLDER_BYTES };

struct run_page {
    struct run_page_config config;
    struct server_key key;
    struct server *server;
    char link[RUN_PAGE_LINK_BYTES];
};

static void file_forget(const char *dir, const char *name)
{
    char path[PATH_MAX + 16];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    (void)unlink(path);
}

void run_page_forget(const char *dir)
{
    file_forget(dir, RUN_PAGE_FILE);
    file_forget(dir, RUN_PAGE_HOLDER);
}

static int file_leave(const char *dir, const char *name, const char *text, struct err *err)
{
    char path[PATH_MAX + 16];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    int why = errno;
    if (fd >= 0)
        close(fd);
    return written ? 0 : err_set(err, ERR_IO, "%s: %s", path, strerror(why));
}

/* Beside the link, who holds the store's lock: a port of a dead process may be another user's by now.
 * Not synced: after a crash the key is worth nothing. */
static int link_leave(const struct run_page *p, struct err *err)
{
    char line[RUN_PAGE_LINK_BYTES + 2], holder[STORE_LOCK_HOLDER_BYTES];
    store_lock_holder(p->config.dir, holder);
    run_page_forget(p->config.dir);
    int rc = file_leave(p->config.dir, RUN_PAGE_HOLDER, holder, err);
    snprintf(line, sizeof line, "%s\n", p->link);
    if (rc == 0)
        rc = file_leave(p->config.dir, RUN_PAGE_FILE, line, err);
    secret_wipe(line, sizeof line);
    return rc;
}

static int page_start(struct run_page *p, struct err *err)
{
    const struct run_page_config *c = &p->config;
    const struct server_config server = {.loop = c->loop,
                                         .driver = c->driver,
                                         .desk = c->desk,
                                         .dir = c->dir,
                                         .address = LOOPBACK ":0",
                                         .key = &p->key};
    struct mint mint;
    mint_token(CREDENTIAL_OPERATOR, &mint);
    p->key.scope = CREDENTIAL_OPERATOR;
    memcpy(p->key.hash, mint.hash, sizeof p->key.hash);
    int rc = server_start(&server, &p->server, err);
    if (rc == 0) {
        snprintf(p->link, sizeof p->link, "http://" LOOPBACK ":%d/#token=%s",
                 server_port(p->server), mint.text);
        rc = link_leave(p, err);
    }
    mint_wipe(&mint);
    return rc;
}

struct run_page *run_page_open(const struct run_page_config *c)
{
    struct err err = {0};
    char text[sizeof err.text + 32];
    if (!page_assets_are_built())
        return NULL;
    struct run_page *p = mem_alloc(sizeof *p);
    p->config = *c;
    if (page_start(p, &err) != 0) {
        snprintf(text, sizeof text, "There is no page: %s", err.text);
        c->warned(c->arg, text);
        p->link[0] = '\0';
    }
    return p;
}

const char *run_page_link(const struct run_page *p)
{
    return p ? p->link : "";
}

static void page_say_bye(struct run_page *p, const char *sweep)
{
    struct buf text;
    if (!p->link[0] || !server_is_followed(p->server))
        return;
    buf_init(&text, SIZE_MAX);
    last_words_write(p->config.dir, sweep, &text);
    server_bye(p->server, buf_str(&text), text.len, BYE_MS);
    buf_done(&text);
}

void run_page_close(struct run_page *p, const char *sweep)
{
    if (!p)
        return;
    page_say_bye(p, sweep);
    if (p->link[0])
        run_page_forget(p->config.dir);
    server_close(p->server);
}

void run_page_free(struct run_page *p)
{
    if (!p)
        return;
    server_free(p->server);
    secret_wipe(p, sizeof *p);
    mem_free(p);
}

void run_page_say(const char *link, const char *sweep)
{
    int at = (int)strcspn(link, "#");
    if (link[0] && terminal_is(stderr))
        fprintf(stderr, "Page: %.*ss/%s%s\n", at, link, sweep, link + at);
}

static void file_read(const char *dir, const char *name, char out[FILE_BYTES])
{
    char path[PATH_MAX + 16];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, out, FILE_BYTES - 1) : 0;
    if (fd >= 0)
        close(fd);
    out[n > 0 ? n : 0] = '\0';
}

void run_page_find(const char *dir, char out[RUN_PAGE_LINK_BYTES])
{
    char text[FILE_BYTES], left_by[FILE_BYTES], holder[STORE_LOCK_HOLDER_BYTES];
    bool held = false;
    file_read(dir, RUN_PAGE_FILE, text);
    file_read(dir, RUN_PAGE_HOLDER, left_by);
    store_lock_holder(dir, holder);
    size_t len = strcspn(text, "\n");
    bool ours = holder[0] && strcmp(left_by, holder) == 0 &&
                store_lock_is_held(dir, &held, NULL) == 0 && held && len < RUN_PAGE_LINK_BYTES;
    snprintf(out, RUN_PAGE_LINK_BYTES, "%.*s", ours ? (int)len : 0, text);
    secret_wipe(text, sizeof text);
}
