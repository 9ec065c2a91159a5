/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/earlier/results_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "orchestrator/store/earlier/store_optuna.h"

#define SQLITE_MAGIC "SQLite format 3"

static int bytes_read(struct results_file *f, int fd, size_t size, struct err *err)
{
    char *room = buf_reserve(&f->text, size);
    ssize_t n = 1;
    for (size_t at = 0; n > 0 && at < size; at += (size_t)n) {
        n = read(fd, room + at, size - at);
        if (n < 0)
            return err_set(err, ERR_IO, "%s: %s", f->path, strerror(errno));
        buf_commit(&f->text, (size_t)n);
    }
    return 0;
}

static int file_load(struct results_file *f, struct err *err)
{
    char magic[sizeof SQLITE_MAGIC];
    struct stat st;
    int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return err_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", f->path,
                       strerror(errno));
    int rc = fstat(fd, &st) == 0 && S_ISREG(st.st_mode)
                 ? 0
                 : err_set(err, ERR_USAGE, "%s: not a regular file", f->path);
    if (rc == 0 && st.st_size > LIMIT_IMPORT_BYTES)
        rc =
            err_set(err, ERR_LIMIT,
                    "%s: larger than %d MiB: split the file, or leave out columns that are neither "
                    "parameters nor metrics",
                    f->path, LIMIT_IMPORT_BYTES >> 20);
    if (rc == 0 && pread(fd, magic, sizeof magic, 0) == sizeof magic &&
        memcmp(magic, SQLITE_MAGIC, sizeof magic) == 0)
        f->format = RESULTS_OPTUNA_SQLITE;
    else if (rc == 0)
        rc = bytes_read(f, fd, (size_t)st.st_size, err);
    close(fd);
    return rc;
}

static bool name_ends(const char *name, const char *end)
{
    size_t n = strlen(name), e = strlen(end);
    return n >= e && strcmp(name + n - e, end) == 0;
}

static enum results_format format_guess(const struct results_file *f)
{
    const char *p = buf_peek(&f->text);
    size_t len = f->text.len, at = 0;
    while (at < len && p[at] && strchr(" \t\r\n", p[at]))
        at++;
    const char *newline = memchr(p, '\n', len);
    size_t first = newline ? (size_t)(newline - p) : len;
    if (at < len && p[at] == '{' && memmem(p, first, "\"op_code\"", strlen("\"op_code\"")))
        return RESULTS_OPTUNA_JOURNAL;
    if (at < len && (p[at] == '{' || p[at] == '[') && !name_ends(f->path, ".csv"))
        return RESULTS_JSON;
    return RESULTS_CSV;
}

int results_file_open(struct results_file *f, const char *path, const char *study, struct err *err)
{
    *f = (struct results_file){.path = path, .study = study};
    buf_init(&f->text, LIMIT_IMPORT_BYTES);
    int rc = file_load(f, err);
    if (rc != 0 || f->format == RESULTS_OPTUNA_SQLITE)
        return rc;
    f->format = format_guess(f);
    if (study && f->format != RESULTS_OPTUNA_JOURNAL)
        return err_set(err, ERR_USAGE, "%s: --study is for files of Optuna", path);
    return 0;
}

int results_file_read(const struct results_file *f, struct earlier *e, struct err *err)
{
    const char *text = buf_peek(&f->text);
    int rc = 0;
    switch (f->format) {
    case RESULTS_OPTUNA_SQLITE:
        rc = store_optuna_read(e, f->path, f->study, err);
        break;
    case RESULTS_OPTUNA_JOURNAL:
        rc = earlier_optuna_read(e, text, f->text.len, f->study, err);
        break;
    case RESULTS_JSON:
        rc = earlier_json_read(e, text, f->text.len, err);
        break;
    case RESULTS_CSV:
        rc = earlier_csv_read(e, text, f->text.len, err);
        break;
    }
    return rc == 0 ? 0 : err_wrap(err, "%s", f->path);
}

void results_file_close(struct results_file *f)
{
    buf_done(&f->text);
}
