/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/orchestrator/scratch.h"

#include <ftw.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "tests/test.h"

#define MEMORY "/dev/shm"
enum { MEMORY_BYTES_MIN = 1 << 30 };

static char path[200];
static pid_t owner;

static int remove_one(const char *name, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type;
    if (ftw->level > 0)
        ASSERT_EQ(remove(name), 0);
    return 0;
}

void scratch_clear(const char *dir)
{
    ASSERT_EQ(nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static void remove_all(void)
{
    if (getpid() != owner)
        return;
    chmod(path, 0700);
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    rmdir(path);
}

/* Whether there is a folder in memory that programs may be started from: nothing waits for a disk there. */
static bool memory_is_good(void)
{
    struct statvfs fs;
    return access(MEMORY, W_OK | X_OK) == 0 && statvfs(MEMORY, &fs) == 0 &&
           !(fs.f_flag & ST_NOEXEC) && (uint64_t)fs.f_bavail * fs.f_frsize >= MEMORY_BYTES_MIN;
}

const char *scratch_dir(void)
{
    if (path[0])
        return path;
    const char *tmp = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/besom-test-XXXXXX",
             tmp                ? tmp
             : memory_is_good() ? MEMORY
                                : "/tmp");
    ASSERT(mkdtemp(path));
    owner = getpid();
    atexit(remove_all);
    return path;
}
