/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/lint/lint_mend.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/diag/display.h"
#include "base/diag/source.h"
#include "cli/print/terminal.h"
#include "language/spec_fix.h"

static int write_all(int fd, const struct buf *text)
{
    for (size_t at = 0; at < text->len;) {
        ssize_t n = write(fd, buf_str(text) + at, text->len - at);
        if (n < 0 && errno != EINTR)
            return -1;
        at += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

static int file_fill(int fd, const struct stat *st, const struct buf *text)
{
    if (write_all(fd, text) != 0 || fchmod(fd, st->st_mode & 07777) != 0)
        return -1;
    /* The file may be of another user: if we may not keep its owner, we become it, which is
     * harmless. */
    if ((st->st_uid != geteuid() || st->st_gid != getegid()) &&
        fchown(fd, st->st_uid, st->st_gid) != 0 && errno != EPERM)
        return -1;
    return fsync(fd);
}

/* Writes a new file beside a link's target, so that the link stays one, and renames it. */
static int file_replace(const char *named, const struct buf *text, struct err *err)
{
    char path[PATH_MAX], temp[PATH_MAX + 16];
    struct stat st;
    int fd = -1, rc = -1;
    if (realpath(named, path) && stat(path, &st) == 0 && access(path, W_OK) == 0) {
        snprintf(temp, sizeof temp, "%s.XXXXXX", path);
        fd = mkstemp(temp);
    }
    if (fd >= 0) {
        rc = file_fill(fd, &st, text);
        if (close(fd) != 0 || rc != 0 || rename(temp, path) != 0)
            rc = -1;
        if (rc != 0) {
            int why = errno;
            unlink(temp);
            errno = why;
        }
    }
    if (rc == 0)
        return 0;
    return err_set(err,
                   errno == EACCES || errno == EPERM || errno == EROFS ? ERR_PERMISSION : ERR_IO,
                   "%s cannot be written: %s", named, strerror(errno));
}

static void print_line(FILE *to, char mark, const char *text, size_t len)
{
    struct buf line;
    buf_init(&line, SIZE_MAX);
    buf_addc(&line, mark);
    for (size_t tab; len > 0; text += tab, len -= tab) {
        const char *at = memchr(text, '\t', len);
        tab = at ? (size_t)(at - text) : len;
        display_clean(&line, text, tab);
        if (at) {
            buf_addc(&line, '\t');
            tab++;
        }
    }
    fprintf(to, "%s\n", buf_str(&line));
    buf_done(&line);
}

/* Fixes change lines and add none, so the n-th line of one text is the n-th of the other. */
static void print_changes(FILE *to, const struct lint_file *f, const struct buf *text)
{
    struct source old = source_of(buf_peek(&f->text), f->text.len),
                  new = source_of(buf_str(text), text->len);
    size_t a, a_end, b, b_end;
    for (int line = 1; source_line(&old, line, &a, &a_end) && source_line(&new, line, &b, &b_end);
         line++) {
        if (a_end - a == b_end - b && memcmp(old.text + a, new.text + b, b_end - b) == 0)
            continue;
        terminal_print(to, "%s:%d: fixed\n", f->shown, line);
        print_line(to, '-', old.text + a, a_end - a);
        print_line(to, '+', new.text + b, b_end - b);
    }
}

int lint_mend(struct lint_file *f, const char *root, bool aside, struct err *err)
{
    struct buf text;
    bool is_stdin = strcmp(f->named, "-") == 0;
    int rc = 0;
    buf_init(&text, SIZE_MAX);
    size_t mended = spec_fix(&text, buf_peek(&f->text), f->text.len, root);
    if (is_stdin)
        fwrite(buf_str(&text), 1, text.len, stdout);
    else if (mended > 0)
        rc = file_replace(f->named, &text, err);
    if (rc == 0 && mended > 0) {
        print_changes(aside || is_stdin ? stderr : stdout, f, &text);
        buf_clear(&f->text);
        buf_add(&f->text, buf_str(&text), text.len);
    }
    buf_done(&text);
    return rc;
}
