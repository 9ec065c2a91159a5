/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/store/earlier/store_borrow.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"

enum { HEADER_BYTES = 20, HEADER_READ_VERSION = 19, VERSION_WAL = 2, COPY_BYTES = 64 << 10 };

static const char *const names[] = {"", "-wal", "-shm"}; /* of the files of a database */

/* The size of the database's file with this ending; -1: there is none. */
static int64_t borrow_size(const char *path, const char *ending)
{
    char name[PATH_MAX];
    struct stat st;
    int n = snprintf(name, sizeof name, "%s%s", path, ending);
    return n < (int)sizeof name && stat(name, &st) == 0 ? st.st_size : -1;
}

static bool borrow_is_wal(const char *path)
{
    unsigned char header[HEADER_BYTES];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool wal = fd >= 0 && pread(fd, header, sizeof header, 0) == sizeof header &&
               header[HEADER_READ_VERSION] == VERSION_WAL;
    if (fd >= 0)
        close(fd);
    return wal;
}

static int bytes_copy(int from, int to)
{
    char bytes[COPY_BYTES];
    ssize_t n;
    for (size_t all = 0; (n = read(from, bytes, sizeof bytes)) > 0; all += (size_t)n)
        if (all > LIMIT_IMPORT_BYTES || write(to, bytes, (size_t)n) != n)
            return -1;
    return n == 0 ? 0 : -1;
}

static int file_copy(const char *from, const char *to, struct err *err)
{
    int in = open(from, O_RDONLY | O_CLOEXEC), out = -1, rc = -1;
    if (in >= 0)
        out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (out >= 0)
        rc = bytes_copy(in, out);
    if (out >= 0)
        close(out);
    if (in >= 0)
        close(in);
    return rc == 0 ? 0 : err_set(err, ERR_IO, "%s: cannot be copied to %s", from, to);
}

/* The database and its log, which nobody has open: SQLite would make a -shm beside them. */
static int borrow_copy(struct store_borrow *b, char path[PATH_MAX], struct err *err)
{
    char from[PATH_MAX + 8], to[PATH_MAX + 16];
    const char *tmp = getenv("TMPDIR");
    int n = snprintf(b->folder, sizeof b->folder, "%s/besom-import-XXXXXX",
                     tmp && *tmp ? tmp : "/tmp"),
        rc = 0;
    if (n >= (int)sizeof b->folder - 16 || !mkdtemp(b->folder)) {
        b->folder[0] = '\0';
        return err_set(err, ERR_IO, "no folder for a copy: %s", strerror(errno));
    }
    for (size_t i = 0; rc == 0 && i < 2; i++) {
        snprintf(from, sizeof from, "%s%s", path, names[i]);
        snprintf(to, sizeof to, "%s/db%s", b->folder, names[i]);
        rc = file_copy(from, to, err);
    }
    if (rc == 0)
        snprintf(path, PATH_MAX, "%.*s/db", PATH_MAX - 4, b->folder);
    return rc;
}

static void uri_print(struct buf *uri, const char *path, bool immutable)
{
    buf_adds(uri, "file:");
    for (const char *p = path; *p; p++)
        if (strchr("%?#", *p))
            buf_addf(uri, "%%%02x", (unsigned char)*p);
        else
            buf_addc(uri, *p);
    buf_adds(uri, immutable ? "?immutable=1" : "");
}

int store_borrow_open(struct store_borrow *b, const char *path, struct err *err)
{
    char real[PATH_MAX];
    struct buf uri;
    *b = (struct store_borrow){0};
    if (!realpath(path, real))
        return err_set(err, ERR_IO, "%s", strerror(errno));
    /* Without a log, the file alone is the database. */
    bool wal = borrow_is_wal(real), logged = borrow_size(real, "-wal") > 0,
         open_elsewhere = borrow_size(real, "-shm") >= 0 && borrow_size(real, "-wal") >= 0;
    int rc = wal && logged && !open_elsewhere ? borrow_copy(b, real, err) : 0;
    if (rc != 0)
        return rc;
    buf_init(&uri, SIZE_MAX);
    uri_print(&uri, real, wal && !logged && !open_elsewhere);
    int code = sqlite3_open_v2(buf_str(&uri), &b->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
    buf_done(&uri);
    return code == SQLITE_OK ? 0 : store_sql_error(b->db, code, err);
}

void store_borrow_close(struct store_borrow *b)
{
    char name[PATH_MAX + 16];
    sqlite3_close(b->db);
    if (!b->folder[0])
        return;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(name, sizeof name, "%s/db%s", b->folder, names[i]);
        unlink(name);
    }
    rmdir(b->folder);
}
