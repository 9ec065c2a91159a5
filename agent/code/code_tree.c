/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/code/code_tree.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "agent/code/code_git.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/tls/secret.h"
#include "net/worker.h"

enum { WAITING_MAX = 64, COMMIT_CHARS_MAX = 64, DIFF_CHARS = 16 };

struct code_tree {
    struct worker *worker;
    code_tree_fn found;
    void *arg;
    bool closing;
};

struct look {
    struct code_tree *tree;
    char sweep[16], folder[PATH_MAX], code[CODE_TREE_TEXT_BYTES];
};

/* Files that git does not track are left out: the trials may have made them. */
static void code_add_diff(const struct code_git *g, char *code, size_t size)
{
    char hash[SECRET_HASH_TEXT_BYTES];
    struct buf diff;
    buf_init(&diff, LIMIT_CODE_DIFF_BYTES);
    if (code_git_diff(g, &diff, NULL) == 0 && diff.len > 0) {
        secret_hash_text(buf_peek(&diff), diff.len, hash);
        snprintf(code + strlen(code), size - strlen(code), "+%.*s", DIFF_CHARS, hash);
    }
    buf_done(&diff);
}

static void look_run(void *arg)
{
    struct look *l = arg;
    struct code_git g;
    if (code_git_open(l->folder, &g, NULL) == 0 && g.commit &&
        strlen(g.commit) <= COMMIT_CHARS_MAX) {
        snprintf(l->code, sizeof l->code, "%s", g.commit);
        code_add_diff(&g, l->code, sizeof l->code);
    }
    code_git_done(&g);
}

static void look_done(void *arg)
{
    struct look *l = arg;
    if (!l->tree->closing && l->code[0])
        l->tree->found(l->tree->arg, l->sweep, l->code);
    mem_free(l);
}

int code_tree_new(struct uv_loop_s *loop, code_tree_fn found, void *arg, struct code_tree **ret,
                  struct err *err)
{
    struct code_tree *t = mem_alloc(sizeof *t);
    t->found = found;
    t->arg = arg;
    int rc = worker_start(loop, &t->worker, err);
    if (rc != 0)
        mem_free(t);
    else
        *ret = t;
    return rc;
}

void code_tree_look(struct code_tree *t, const char *sweep, const char *folder)
{
    if (worker_waiting(t->worker) >= WAITING_MAX ||
        strlen(sweep) >= sizeof((struct look *)0)->sweep)
        return;
    struct look *l = mem_alloc(sizeof *l);
    l->tree = t;
    snprintf(l->sweep, sizeof l->sweep, "%s", sweep);
    if (snprintf(l->folder, sizeof l->folder, "%s", folder) >= (int)sizeof l->folder)
        l->folder[0] = '\0';
    worker_push(t->worker, look_run, look_done, l);
}

void code_tree_close(struct code_tree *t)
{
    t->closing = true;
    worker_close(t->worker);
}

void code_tree_free(struct code_tree *t)
{
    mem_free(t);
}
