/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/wandb/trusted.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/fleet/state_dir.h"
#include "net/tls/tls.h"

/* The certificates after this line are ours. */
#define MARK "# besom controller\n"

enum { FILE_BYTES_MAX = 16 << 20 };

/* Appends what is in the file before the mark. */
static bool file_add(const char *path, struct buf *out)
{
    char bytes[16384];
    struct stat st;
    size_t began = out->len;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool good =
        fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size < FILE_BYTES_MAX;
    for (ssize_t n = 1; good && n > 0 && out->len - began < FILE_BYTES_MAX;) {
        n = read(fd, bytes, sizeof bytes);
        good = n >= 0;
        if (n > 0)
            buf_add(out, bytes, (size_t)n);
    }
    if (fd >= 0)
        close(fd);
    const char *mark = good ? strstr(buf_str(out) + began, MARK) : buf_str(out) + began;
    if (mark)
        buf_truncate(out, (size_t)(mark - buf_str(out)));
    if (out->len > began && buf_str(out)[out->len - 1] != '\n')
        buf_adds(out, "\n");
    return out->len > began;
}

static void authorities_add(struct buf *out)
{
    const char *one = getenv("SSL_CERT_FILE"), *two = getenv("REQUESTS_CA_BUNDLE");
    bool found = one && file_add(one, out);
    if (two && (!one || strcmp(one, two) != 0))
        found = file_add(two, out) || found;
    one = tls_authorities();
    if (!found && one)
        file_add(one, out);
}

static int file_replace(const char *path, const struct buf *text, struct err *err)
{
    char other[PATH_MAX + 16];
    snprintf(other, sizeof other, "%s.XXXXXX", path);
    int fd = mkstemp(other); /* mode 0600 */
    size_t at = 0;
    bool good = fd >= 0;
    while (good && at < text->len) {
        ssize_t n = write(fd, buf_peek(text) + at, text->len - at);
        good = n > 0 || (n < 0 && errno == EINTR);
        at += n > 0 ? (size_t)n : 0;
    }
    good = good && fsync(fd) == 0;
    if (fd >= 0 && close(fd) != 0)
        good = false;
    if (good && rename(other, path) == 0)
        return 0;
    int rc = err_set(err, errno == ENOSPC ? ERR_FULL : ERR_IO, "%s cannot be written: %s", path,
                     strerror(errno));
    if (fd >= 0)
        unlink(other);
    return rc;
}

int trusted_write(const char *pem, const char *name, char ret_path[PATH_MAX], bool *ret_bare,
                  struct err *err)
{
    char dir[PATH_MAX];
    struct buf text;
    int rc = state_dir_make(NULL, "besom-wandb", dir, err);
    if (rc != 0)
        return rc;
    if (snprintf(ret_path, PATH_MAX, "%s/%s.pem", dir, name) >= PATH_MAX)
        return err_set(err, ERR_USAGE, "the path of %s is too long", dir);
    buf_init(&text, SIZE_MAX);
    authorities_add(&text);
    *ret_bare = text.len == 0;
    buf_adds(&text, MARK);
    buf_adds(&text, pem);
    rc = file_replace(ret_path, &text, err);
    buf_done(&text);
    return rc;
}
