/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/wandb/wandb_recover.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/wandb/wandb_access.h"
#include "agent/wandb/wandb_left.h"
#include "protocol/wandb/wandb_operation.h"
#include "protocol/wandb/wandb_replay.h"

enum { PIECE_BYTES = 64 << 10 };

struct recovering {
    struct wandb_spool *spool;
    struct arena a;
    struct wandb_replay *replay;
    const char *files;            /* a folder */
    const char *entity, *project; /* of the last UpsertBucket; in `a` */
    char run[WANDB_RUN_BYTES];
    uint64_t unread; /* bytes of uploads that may be copied yet */
};

static void record_replay(void *arg, const void *record, size_t len)
{
    struct recovering *r = arg;
    wandb_replay_record(r->replay, record, len);
}

static void upsert_add(void *arg, const char *body, size_t len)
{
    struct recovering *r = arg;
    struct wandb_operation op;
    if (wandb_operation_parse(&r->a, body, len, &op, NULL) != 0)
        return;
    r->entity = value_get_str(op.variables, "entity", "besom");
    r->project = value_get_str(op.variables, "project", "uncategorized");
    (void)!wandb_spool_add(r->spool, WANDB_FRAME_CALL, "", body, len);
}

static void stream_add(void *arg, const char *body, size_t len)
{
    struct recovering *r = arg;
    const char *path = wandb_spool_stream_path(&r->a, r->entity, r->project, r->run);
    (void)!wandb_spool_add(r->spool, WANDB_FRAME_STREAM, path, body, len);
}

static bool bytes_copy(int in, int out, uint64_t max, struct wandb_upload *ret)
{
    char bytes[PIECE_BYTES];
    struct digesting *digest = digest_new();
    ssize_t n;
    while ((n = read(in, bytes, sizeof bytes)) > 0 && ret->size + (uint64_t)n <= max &&
           write(out, bytes, (size_t)n) == n) {
        digest_add(digest, bytes, (size_t)n);
        ret->size += (uint64_t)n;
    }
    digest_end(digest, &ret->digest);
    return n == 0;
}

/* The file may be a link to one elsewhere: wandb.save() makes such. False: nothing is left of it. */
static bool file_copy(const char *from, const char *to, uint64_t max, struct wandb_upload *ret)
{
    struct stat st;
    int in = open(from, O_RDONLY | O_NONBLOCK | O_CLOEXEC), out = -1;
    if (in >= 0 && fstat(in, &st) == 0 && S_ISREG(st.st_mode))
        out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool whole = out >= 0 && bytes_copy(in, out, max, ret);
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    if (out >= 0 && !whole)
        (void)unlink(to);
    return whole;
}

static bool name_is_inside(const char *name)
{
    for (const char *at = name; at; at = strchr(at, '/') ? strchr(at, '/') + 1 : NULL)
        if (strcmp(at, "..") == 0 || strncmp(at, "../", 3) == 0)
            return false;
    return name[0] != '/' && name[0] != '\0';
}

static void file_add(void *arg, const char *name)
{
    struct recovering *r = arg;
    const char *to;
    struct wandb_upload u = {.entity = r->entity, .project = r->project, .name = name};
    u.file = wandb_spool_file(&r->a, r->spool, &to);
    if (!name_is_inside(name) ||
        !file_copy(arena_printf(&r->a, "%s/%s", r->files, name), to, r->unread, &u))
        return;
    r->unread -= u.size;
    if (wandb_spool_add_file(r->spool, &u) != 0)
        (void)unlink(to);
}

void wandb_recover(struct wandb_spool *s, const char *dir, const struct agent_key *key,
                   uint64_t rows, int code)
{
    struct wandb_left left[LIMIT_WANDB_FILES];
    struct wandb_replay replay;
    struct recovering r = {.spool = s, .replay = &replay, .unread = LIMIT_WANDB_FILES_BYTES};
    const struct wandb_replay_handler handler = {upsert_add, stream_add, file_add, &r};
    int64_t unread = LIMIT_WANDB_FILES_BYTES;
    uint64_t first = 0;
    arena_init(&r.a);
    wandb_access_run(key, r.run);
    size_t n = wandb_left_find(&r.a, dir, key, left);
    for (size_t i = 0; i < n; i++) {
        const struct wandb_replay_options options = {.id = r.run,
                                                     .sweep = key->sweep,
                                                     .fallback_entity = "besom",
                                                     .fallback_project = "uncategorized",
                                                     .first = first,
                                                     .rows = rows};
        r.files = left[i].files;
        wandb_replay_init(&replay, &options, &handler);
        if (wandb_left_read(left[i].path, &unread, NULL, record_replay, &r))
            wandb_replay_end(&replay, code);
        first = replay.row;
        wandb_replay_done(&replay);
    }
    s->complete = s->complete || n > 0;
    arena_done(&r.a);
}
