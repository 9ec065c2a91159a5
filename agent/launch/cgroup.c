/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/launch/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/value.h"

enum { CPU_PERIOD_US = 100000 };

/* Finds where the tree of v2 is mounted, and which of its groups is at that place. The fields of a
 * line: id, parent, device, root, mount point, options…, "-", type. */
static bool mount_find(char ret_root[CGROUP_PATH_BYTES], char ret_at[CGROUP_PATH_BYTES])
{
    char line[3 * CGROUP_PATH_BYTES];
    FILE *f = fopen("/proc/self/mountinfo", "re");
    bool found = false;
    while (f && !found && fgets(line, sizeof line, f))
        found = strstr(line, " - cgroup2 ") &&
                sscanf(line, "%*s %*s %*s %4095s %4095s", ret_root, ret_at) == 2;
    if (f)
        fclose(f);
    return found;
}

/* The line of v2 is "0::PATH". */
static bool own_path_find(char ret[CGROUP_PATH_BYTES])
{
    FILE *f = fopen("/proc/self/cgroup", "re");
    bool found = false;
    while (f && !found && fgets(ret, CGROUP_PATH_BYTES, f))
        found = strncmp(ret, "0::/", 4) == 0;
    if (f)
        fclose(f);
    if (found) {
        memmove(ret, ret + 3, strlen(ret + 3) + 1);
        ret[strcspn(ret, "\n")] = '\0';
    }
    return found;
}

/* The folder of this process's group; "" if it cannot be known. */
static void own_folder_find(char ret[CGROUP_PATH_BYTES])
{
    char root[CGROUP_PATH_BYTES], at[CGROUP_PATH_BYTES], path[CGROUP_PATH_BYTES];
    const char *given = getenv("BESOM_CGROUP");
    int n = 0;
    ret[0] = '\0';
    if (given) {
        n = snprintf(ret, CGROUP_PATH_BYTES, "%s", given);
    } else if (mount_find(root, at) && own_path_find(path)) {
        size_t above = strcmp(root, "/") == 0 ? 0 : strlen(root);
        if (strncmp(path, root, above) == 0 && path[above] == '/')
            n = snprintf(ret, CGROUP_PATH_BYTES, "%s%s", at, path + above);
    }
    if (n >= CGROUP_PATH_BYTES)
        ret[0] = '\0';
}

static bool file_write(const char *folder, const char *name, const char *text)
{
    char path[CGROUP_PATH_BYTES + 64];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    int failed = errno;
    close(fd);
    errno = failed;
    return done;
}

/* Which controllers a group may divide. */
static void controllers_read(struct cgroup *c)
{
    char path[CGROUP_PATH_BYTES + 64], text[1024] = "", *save = NULL;
    snprintf(path, sizeof path, "%s/cgroup.controllers", c->path);
    FILE *f = fopen(path, "re");
    if (f && !fgets(text, sizeof text, f))
        text[0] = '\0';
    if (f)
        fclose(f);
    for (char *s = strtok_r(text, " \n", &save); s; s = strtok_r(NULL, " \n", &save)) {
        c->memory = c->memory || strcmp(s, "memory") == 0;
        c->cpu = c->cpu || strcmp(s, "cpu") == 0;
    }
}

int cgroup_init(struct cgroup *c, struct err *err)
{
    *c = (struct cgroup){0};
    own_folder_find(c->path);
    char *leaf = strrchr(c->path, '/');
    if (!leaf || strcmp(leaf + 1, CGROUP_LEAF) != 0 || leaf == c->path) {
        c->path[0] = '\0';
        return 0;
    }
    *leaf = '\0';
    controllers_read(c);
    const char *enable = c->memory && c->cpu ? "+memory +cpu"
                         : c->memory         ? "+memory"
                         : c->cpu            ? "+cpu"
                                             : NULL;
    if (enable && access(c->path, W_OK | X_OK) == 0 &&
        file_write(c->path, "cgroup.subtree_control", enable))
        return 0;
    int rc = err_set(err, ERR_PERMISSION,
                     "trials may use more memory and cores than they were granted: the control "
                     "group %s cannot be divided: %s",
                     c->path, enable ? strerror(errno) : "it has neither controller");
    *c = (struct cgroup){0};
    return rc;
}

static uint64_t grant_amount(const struct value *grant, const char *key, bool limited)
{
    int64_t n = limited ? value_get_int(grant, key, 0) : 0;
    return n > 0 ? (uint64_t)n : 0;
}

static char *path_of(struct arena *a, const struct cgroup *c, const char *attempt_dir)
{
    return arena_printf(a, "%s%s", c->path, strrchr(attempt_dir, '/'));
}

const char *cgroup_path(struct arena *a, const struct cgroup *c, const char *attempt_dir,
                        const struct value *grant)
{
    bool limited = c->path[0] && (grant_amount(grant, "memory", c->memory) > 0 ||
                                  grant_amount(grant, "cpus", c->cpu) > 0);
    return limited ? path_of(a, c, attempt_dir) : NULL;
}

int cgroup_make(struct arena *a, const char *path, const struct cgroup *c,
                const struct value *grant, struct err *err)
{
    uint64_t memory = grant_amount(grant, "memory", c->memory),
             cpus = grant_amount(grant, "cpus", c->cpu);
    bool made = mkdir(path, 0777) == 0 || errno == EEXIST;
    if (made && memory > 0) {
        made = file_write(path, "memory.max", arena_printf(a, "%" PRIu64, memory));
        int failed = errno;
        file_write(path, "memory.swap.max", "0"); /* absent in a kernel without swap */
        errno = failed;
    }
    if (made && cpus > 0)
        made =
            file_write(path, "cpu.max",
                       arena_printf(a, "%" PRIu64 " %d", cpus * CPU_PERIOD_US, (int)CPU_PERIOD_US));
    return made ? 0
                : err_set(err, ERR_IO,
                          "a trial may use more memory and cores than it was granted: the control "
                          "group %s cannot be set up: %s",
                          path, strerror(errno));
}

void cgroup_kill(struct arena *a, const struct cgroup *c, const char *attempt_dir)
{
    if (c->path[0])
        file_write(path_of(a, c, attempt_dir), "cgroup.kill", "1");
}

void cgroup_remove(struct arena *a, const struct cgroup *c, const char *attempt_dir)
{
    if (c->path[0])
        rmdir(path_of(a, c, attempt_dir));
}

void cgroup_clean(const struct cgroup *c, bool (*is_of_past)(void *arg, const char *name),
                  void *arg)
{
    DIR *folder = c->path[0] ? opendir(c->path) : NULL;
    for (struct dirent *entry; folder && (entry = readdir(folder)) != NULL;)
        if (is_of_past(arg, entry->d_name))
            unlinkat(dirfd(folder), entry->d_name, AT_REMOVEDIR);
    if (folder)
        closedir(folder);
}
