/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/wandb/wandb_recover.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/wandb/wandb_access.h"
#include "agent/wandb/wandb_left.h"
#include "protocol/wandb/wandb_operation.h"
#include "protocol/wandb/wandb_replay.h"

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

/* The file may be a link to one elsewhere: wandb.save() makes such. False: nothing is left of it. */
static bool file_copy(const char *from, const char *to, uint64_t max, uint64_t *ret_size)
{
    struct stat st;
    int in = open(from, O_RDONLY | O_NONBLOCK | O_CLOEXEC), out = -1;
    bool whole =
        in >= 0 && fstat(in, &st) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_size <= max;
    if (whole)
        out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    whole = out >= 0;
    for (off_t left = whole ? st.st_size : 0; left > 0 && whole;) {
        ssize_t n = copy_file_range(in, NULL, out, NULL, (size_t)left, 0);
        whole = n > 0 || (n < 0 && errno == EINTR);
        left -= n > 0 ? n : 0;
    }
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    if (out >= 0 && !whole)
        (void)unlink(to);
    *ret_size = whole ? (uint64_t)st.st_size : 0;
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
    const char *kept = wandb_spool_file(&r->a, r->spool, &to);
    uint64_t size;
    if (!name_is_inside(name) ||
        !file_copy(arena_printf(&r->a, "%s/%s", r->files, name), to, r->unread, &size))
        return;
    r->unread -= size;
    if (wandb_spool_add_file(r->spool, r->entity, r->project, name, kept, size) != 0)
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
        if (wandb_left_read(left[i].path, &unread, record_replay, &r))
            wandb_replay_end(&replay, code);
        first = replay.row;
        wandb_replay_done(&replay);
    }
    s->complete = s->complete || n > 0;
    arena_done(&r.a);
}
