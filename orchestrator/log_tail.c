/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/log_tail.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes/base64.h"
#include "base/limits.h"
#include "net/log.h"
#include "protocol/log_fold.h"

/* logs/SWEEP/TRIAL-ATTEMPT.tail: a line with the offsets, then base64. */
static bool tail_path(char path[PATH_MAX], const char *dir, const struct message *m)
{
    static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    if (!*m->sweep || m->sweep[strspn(m->sweep, letters)]) /* it must not lead elsewhere */
        return false;
    int n = snprintf(path, PATH_MAX, "%s/logs/%s/%" PRIu64 "-%" PRIu64 ".tail", dir, m->sweep,
                     m->trial, m->attempt);
    return n > 0 && n < PATH_MAX;
}

static void tail_make_folder(const char *dir, const char *sweep)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/logs", dir) < (int)sizeof path)
        mkdir(path, 0777);
    if (snprintf(path, sizeof path, "%s/logs/%s", dir, sweep) < (int)sizeof path)
        mkdir(path, 0777);
}

static bool tail_is_of(const struct controller *core, uint32_t link, const struct message *m)
{
    const struct fleet_agent *agent = fleet_of_link(&core->fleet, link);
    const struct book_sweep *s = agent ? books_sweep(&core->books, m->sweep) : NULL;
    const struct book_trial *t = s ? books_trial(s, m->trial) : NULL;
    return t && t->attempt.number == m->attempt && strcmp(t->attempt.agent, agent->name) == 0;
}

void log_tail_keep(const char *dir, const struct controller *core, uint32_t link,
                   const struct message *m)
{
    struct buf bytes;
    char path[PATH_MAX];
    if (m->error[0] || m->to < m->from || m->to - m->from > LIMIT_LOG_KEPT_BYTES ||
        !tail_is_of(core, link, m) || !tail_path(path, dir, m))
        return;
    buf_init(&bytes, LIMIT_LOG_KEPT_BYTES);
    bool good = base64_parse(&bytes, m->bytes, strlen(m->bytes)) && bytes.len == m->to - m->from;
    buf_done(&bytes);
    if (!good)
        return;
    tail_make_folder(dir, m->sweep);
    FILE *f = fopen(path, "we");
    bool written = f && fprintf(f, "%" PRIu64 " %" PRIu64 "\n%s", m->from, m->to, m->bytes) > 0;
    if (f && fclose(f) != 0)
        written = false;
    if (written)
        return;
    unlink(path);
    LOG(LOG_WARN, "log.tail", log_text("error", "the end of a log cannot be kept"),
        log_text("sweep", m->sweep), log_int("trial", (int64_t)m->trial));
}

static bool tail_read(const char *path, struct buf *ret, uint64_t *ret_from)
{
    static const size_t most = LIMIT_LOG_KEPT_BYTES / 3 * 4 + 64;
    struct buf text;
    uint64_t to;
    int at = 0;
    FILE *f = fopen(path, "re");
    buf_init(&text, SIZE_MAX);
    char *room = f ? buf_reserve(&text, most) : NULL;
    if (room)
        buf_commit(&text, fread(room, 1, most, f));
    if (f)
        fclose(f);
    const char *line = buf_str(&text);
    bool read = sscanf(line, "%" SCNu64 " %" SCNu64 "%n", ret_from, &to, &at) == 2 &&
                line[at] == '\n' && base64_parse(ret, line + at + 1, text.len - (size_t)at - 1) &&
                ret->len == to - *ret_from;
    buf_done(&text);
    return read;
}

/* Where the last lines begin. */
static size_t tail_lines(const struct buf *bytes, uint64_t lines)
{
    size_t at = bytes->len;
    const char *text = buf_peek(bytes);
    uint64_t seen = 0;
    if (at > 0 && text[at - 1] == '\n') /* it begins no line */
        at--;
    while (at > 0 && !(text[at - 1] == '\n' && ++seen == lines))
        at--;
    return at;
}

bool log_tail_answer(struct arena *a, const char *dir, const struct message *ask,
                     struct message *answer)
{
    char path[PATH_MAX];
    struct buf bytes, text;
    uint64_t begin = 0;
    buf_init(&bytes, LIMIT_LOG_KEPT_BYTES);
    buf_init(&text, SIZE_MAX);
    bool found = tail_path(path, dir, ask) && tail_read(path, &bytes, &begin);
    if (found && ask->fold) {
        log_fold_answer(a, buf_peek(&bytes), bytes.len, begin, ask, answer);
    } else if (found) {
        size_t skip = ask->lines > 0       ? tail_lines(&bytes, ask->lines)
                      : ask->from <= begin ? 0
                                           : (size_t)(ask->from - begin);
        skip = skip < bytes.len ? skip : bytes.len;
        size_t n = bytes.len - skip < ask->max ? bytes.len - skip : (size_t)ask->max;
        answer->from = begin + skip;
        answer->to = answer->from + n;
        answer->end = skip + n == bytes.len;
        answer->size = begin + bytes.len;
        base64_print(&text, buf_peek(&bytes) + skip, n);
        answer->bytes = arena_strdup(a, buf_str(&text));
    }
    buf_done(&text);
    buf_done(&bytes);
    return found;
}
