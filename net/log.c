/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/utf8.h"

/* A line of a pipe is written whole up to PIPE_BUF bytes, 4096. */
enum { LINE_BYTES = 2048, VALUE_BYTES = 400 };

static const char *const level_words[LOG_LEVELS] = {
#define X(id, word) word,
    LOG_LEVEL_LIST(X)
#undef X
};

static struct {
    int fd;
    int level; /* -1: nothing is logged */
} the_log = {STDERR_FILENO, -1};

int log_level_find(const char *word)
{
    for (int i = 0; i < LOG_LEVELS; i++)
        if (strcmp(word, level_words[i]) == 0)
            return i;
    return -1;
}

int log_open(enum log_level level, const char *file, struct err *err)
{
    int fd = STDERR_FILENO;
    if (file)
        fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666);
    if (fd < 0)
        return err_set(err, ERR_IO, "the log %s cannot be opened: %s", file, strerror(errno));
    the_log.fd = fd;
    the_log.level = (int)level;
    return 0;
}

void log_close(void)
{
    if (the_log.fd != STDERR_FILENO)
        close(the_log.fd);
    the_log.fd = STDERR_FILENO;
    the_log.level = -1;
}

bool log_wants(enum log_level level)
{
    return (int)level <= the_log.level;
}

static void log_time(struct buf *out)
{
    struct timespec now;
    struct tm tm;
    char text[32];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &tm);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
    buf_addf(out, "%s.%03ldZ", text, now.tv_nsec / 1000000);
}

/* The C1 controls, line and paragraph separators and characters that reorder text are escaped like
 * C0. */
static bool log_is_harmless(uint32_t c)
{
    return c >= 0x20 && (c < 0x7f || c > 0x9f) && !(c >= 0x200e && c <= 0x200f) &&
           !(c >= 0x2028 && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069);
}

static bool log_is_plain(const char *s)
{
    for (const unsigned char *p = (const unsigned char *)s; *p; p++)
        if (*p <= ' ' || *p >= 0x7f || strchr("\"=\\", *p))
            return false;
    return *s != '\0' && strlen(s) <= VALUE_BYTES;
}

static void log_quote(struct buf *out, const char *s)
{
    size_t len = strlen(s), shown = len > VALUE_BYTES ? VALUE_BYTES : len;
    buf_addc(out, '"');
    for (size_t at = 0; at < shown;) {
        uint32_t c;
        size_t n = utf8_decode(s + at, len - at, &c);
        if (n == 0 || !log_is_harmless(c)) {
            buf_addf(out, "\\x%02x", (unsigned char)s[at]);
            at++;
            continue;
        }
        if (c == '"' || c == '\\')
            buf_addc(out, '\\');
        buf_add(out, s + at, n);
        at += n;
    }
    buf_adds(out, shown < len ? "…\"" : "\"");
}

void log_write(enum log_level level, const char *event, const struct log_field *fields)
{
    struct buf line;
    buf_init(&line, LINE_BYTES);
    log_time(&line);
    buf_addf(&line, " %s %s", level_words[level], event);
    for (const struct log_field *f = fields; f->key; f++) {
        buf_addf(&line, " %s=", f->key);
        if (!f->text)
            buf_addf(&line, "%lld", (long long)f->number);
        else if (log_is_plain(f->text))
            buf_adds(&line, f->text);
        else
            log_quote(&line, f->text);
    }
    if (line.len == LINE_BYTES)
        buf_peek(&line)[line.len - 1] = '\n';
    else
        buf_addc(&line, '\n');
    /* An unwritable log must not stop the process. */
    ssize_t n = write(the_log.fd, buf_peek(&line), line.len);
    (void)n;
    buf_done(&line);
}
