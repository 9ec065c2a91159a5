/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/wandb/wandb_left.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/launch/launch_attempt.h"
#include "agent/wandb/wandb_access.h"
#include "protocol/wandb/wandb_file.h"

#define OFFLINE "offline-"
#define RUN "run-"

static int left_compare(const void *a, const void *b)
{
    return strcmp(((const struct wandb_left *)a)->time, ((const struct wandb_left *)b)->time);
}

static bool left_parse(struct arena *a, const char *root, const char *name, const char *id,
                       struct wandb_left *ret)
{
    const char *run = strncmp(name, OFFLINE, strlen(OFFLINE)) == 0 ? name + strlen(OFFLINE) : name;
    size_t len = strlen(name), id_len = strlen(id);
    if (strncmp(run, RUN, strlen(RUN)) != 0 || len <= id_len || name[len - id_len - 1] != '-' ||
        strcmp(name + len - id_len, id) != 0)
        return false;
    ret->time = arena_strdup(a, run + strlen(RUN));
    ret->path = arena_printf(a, "%s/%s/" RUN "%s.wandb", root, name, id);
    ret->files = arena_printf(a, "%s/%s/files", root, name);
    return true;
}

size_t wandb_left_find(struct arena *a, const char *dir, const struct agent_key *key,
                       struct wandb_left ret[LIMIT_WANDB_FILES])
{
    const char *root = launch_attempt_wandb_dir(a, dir, key);
    const char *began = arena_printf(a, "%s/params.json", launch_attempt_dir(a, dir, key));
    char id[WANDB_RUN_BYTES];
    struct dirent *e;
    struct stat st;
    size_t n = 0;
    if (stat(began, &st) != 0)
        return 0;
    time_t since = st.st_mtime;
    DIR *folder = opendir(root);
    wandb_access_run(key, id);
    while (folder && n < LIMIT_WANDB_FILES && (e = readdir(folder)) != NULL)
        if (left_parse(a, root, e->d_name, id, &ret[n]) && stat(ret[n].path, &st) == 0 &&
            st.st_mtime >= since)
            n++;
    if (folder)
        closedir(folder);
    qsort(ret, n, sizeof *ret, left_compare);
    return n;
}

bool wandb_left_read(const char *path, int64_t *unread, bool *cut,
                     void (*fn)(void *arg, const void *record, size_t len), void *arg)
{
    unsigned char block[WANDB_FILE_BLOCK_BYTES];
    struct wandb_file file;
    struct stat st;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    bool is = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    wandb_file_init(&file);
    ssize_t n = is ? 1 : 0;
    off_t at = 0;
    while (n > 0 && at<LIMIT_WANDB_FILE_BYTES && * unread> 0 && !file.damaged) {
        n = pread(fd, block, sizeof block, at);
        if (n > 0) {
            *unread -= n;
            at += n;
            wandb_file_block(&file, block, (size_t)n, fn, arg);
        }
    }
    is = is && file.is_one;
    if (cut)
        *cut = is && (n < 0 || at < st.st_size);
    wandb_file_done(&file);
    if (fd >= 0)
        close(fd);
    return is;
}
