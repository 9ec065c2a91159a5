/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/spec_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"

enum { READ_BYTES = 64 << 10 };

static int read_text(const char *path, struct buf *text, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(err,
                       errno == ENOENT   ? ERR_NOT_FOUND
                       : errno == EACCES ? ERR_PERMISSION
                                         : ERR_IO,
                       "%s cannot be opened: %s", path, strerror(errno));
    ssize_t n = 1;
    int rc = 0;
    while (n > 0 && rc == 0) {
        char *room = buf_reserve(text, READ_BYTES);
        n = room ? read(fd, room, READ_BYTES) : 0;
        if (!room || (n > 0 && text->len + (size_t)n > LIMIT_SPEC_BYTES))
            rc = err_set(err, ERR_SPEC, "%s is larger than a spec may be (%d bytes)", path,
                         LIMIT_SPEC_BYTES);
        else if (n < 0 && errno == EISDIR)
            rc = err_set(err, ERR_USAGE, "%s is a folder; name the sweep's YAML file", path);
        else if (n < 0)
            rc = err_set(err, ERR_IO, "%s cannot be read: %s", path, strerror(errno));
        else
            buf_commit(text, (size_t)n);
    }
    close(fd);
    return rc;
}

int spec_file_read(const char *path, struct spec **ret, struct err *err)
{
    struct buf text;
    buf_init(&text, LIMIT_SPEC_BYTES + READ_BYTES);
    int rc = read_text(path, &text, err);
    if (rc == 0) {
        struct arena arena;
        struct diags diags;
        arena_init(&arena);
        diags_init(&diags, &arena, path);
        *ret = spec_read(text.data, text.len, &diags);
        struct buf said;
        buf_init(&said, SIZE_MAX);
        diags_print(&said, &diags, DIAG_WARNING);
        fputs(said.data, stderr);
        buf_done(&said);
        if (!*ret)
            rc = err_set(err, ERR_SPEC, "%s: %zu error%s; nothing was done", path, diags.errors,
                         diags.errors == 1 ? "" : "s");
        arena_done(&arena);
    }
    buf_done(&text);
    return rc;
}
