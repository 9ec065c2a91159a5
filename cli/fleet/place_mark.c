/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/fleet/place_mark.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/attempt_owner.h"
#include "agent/small_file.h"

enum { HOST_BYTES = 256, BOOT_BYTES = 64, TEXT_BYTES = PATH_MAX + HOST_BYTES + BOOT_BYTES + 64 };

static int mark_stat(const char *dir, const char *of, struct stat *ret, struct err *err)
{
    char path[PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/%s", dir, of);
    return stat(path, ret) == 0 ? 0 : err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
}

int place_mark_judge(const char *dir, const char *mark, const char *of, struct err *err)
{
    char text[TEXT_BYTES], boot[BOOT_BYTES], host[HOST_BYTES];
    unsigned long long inode, device;
    struct stat st;
    int at = 0, rc = small_file_read(dir, mark, text, sizeof text, err);
    if (rc != 0)
        return rc == ERR_NOT_FOUND ? 0 : rc;
    if (sscanf(text, "%llu %llu %63s %255s %n", &inode, &device, boot, host, &at) != 4 || at == 0)
        return err_set(err, ERR_DAMAGED, "%s/%s is damaged: remove it", dir, mark);
    rc = mark_stat(dir, of, &st, err);
    if (rc != 0)
        return rc;
    bool here = inode == st.st_ino && (device == st.st_dev || !attempt_owner_same_boot(boot));
    return here ? 0 : err_set(err, ERR_STATE, "%s is a copy of %s on %s", dir, text + at, host);
}

static void boot_read(char ret[BOOT_BYTES])
{
    struct err none = {0};
    if (small_file_read("/proc/sys/kernel/random", "boot_id", ret, BOOT_BYTES, &none) != 0 ||
        !ret[0])
        snprintf(ret, BOOT_BYTES, "unknown");
}

int place_mark_leave(const char *dir, const char *mark, const char *of, struct err *err)
{
    char text[TEXT_BYTES], boot[BOOT_BYTES], host[HOST_BYTES] = "";
    struct stat st;
    struct err none = {0};
    if (small_file_read(dir, mark, text, sizeof text, &none) == 0 &&
        place_mark_judge(dir, mark, of, &none) == 0)
        return 0;
    int rc = mark_stat(dir, of, &st, err);
    if (gethostname(host, sizeof host - 1) != 0 || !host[0])
        snprintf(host, sizeof host, "localhost");
    boot_read(boot);
    snprintf(text, sizeof text, "%llu %llu %s %s %s", (unsigned long long)st.st_ino,
             (unsigned long long)st.st_dev, boot, host, dir);
    return rc ? rc : small_file_write(dir, mark, text, err);
}
