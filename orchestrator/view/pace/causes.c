/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/pace/causes.h"

#include <inttypes.h>
#include <string.h>

#include "base/diag/display.h"

void causes_init(struct causes *c, struct arena *a)
{
    *c = (struct causes){.arena = a};
}

const char *cause_how(struct arena *a, enum trial_reason reason, int code, int signal)
{
    if (reason == REASON_SIGNAL)
        return arena_printf(a, "signal %d", signal);
    if (reason == REASON_EXIT)
        return arena_printf(a, "exit %d", code);
    if (reason == REASON_OOM)
        return "out of memory";
    if (reason == REASON_TIMEOUT)
        return "over its time limit";
    return reason == REASON_LAUNCH ? "could not start" : trial_reason_name(reason);
}

static bool is_name(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' ||
           c == '.';
}

/* "torch.OutOfMemoryError: …", "error: …", "KeyboardInterrupt". */
static bool names_an_error(const char *line, size_t len)
{
    static const char *const ends[] = {"Error", "Exception", "Interrupt", "Exit", "error", "ERROR"};
    size_t n = 0;
    while (n < len && is_name(line[n]))
        n++;
    if (n == 0 || (n < len && line[n] != ':'))
        return false;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t m = strlen(ends[i]);
        if (n >= m && memcmp(line + n - m, ends[i], m) == 0)
            return true;
    }
    return false;
}

static bool line_has(const char *line, size_t len, const char *text)
{
    size_t n = strlen(text);
    for (size_t i = 0; i + n <= len; i++)
        if (memcmp(line + i, text, n) == 0)
            return true;
    return false;
}

/* Hydra's last line after every error, which does not name the cause. */
static bool is_hint(const char *line, size_t len)
{
    return line_has(line, len, "HYDRA_FULL_ERROR=1");
}

/* The line that ends before *end, as a terminal would show it; moves *end before it. */
static const char *line_back(const char *log, size_t *end, size_t *ret_len)
{
    size_t stop = *end, start;
    if (stop > 0 && log[stop - 1] == '\n')
        stop--;
    for (start = stop; start > 0 && log[start - 1] != '\n';)
        start--;
    *end = start;
    *ret_len = stop - start;
    const char *line = display_redrawn(log + start, ret_len);
    while (*ret_len > 0 && (line[*ret_len - 1] == ' ' || line[*ret_len - 1] == '\r'))
        --*ret_len;
    return line;
}

const char *cause_line(struct arena *a, const char *log, size_t len)
{
    const char *found = NULL;
    size_t found_len = 0, end = len, n;
    bool hint = false;
    for (int i = 0; i < CAUSE_LOG_LINES && end > 0; i++) {
        const char *line = line_back(log, &end, &n);
        while (n > 0 && (*line == ' ' || *line == '\t')) {
            line++;
            n--;
        }
        bool error = names_an_error(line, n) || (hint && line_has(line, n, "Could not "));
        if (is_hint(line, n)) {
            hint = true;
            continue;
        }
        if (n > 0 && (error || !found)) {
            found = line;
            found_len = n;
        }
        if (error)
            break;
    }
    struct buf clean;
    buf_init(&clean, CAUSE_LOG_BYTES);
    if (found)
        display_clean(&clean, found, found_len);
    const char *copy = arena_strndup(a, buf_peek(&clean), clean.len);
    buf_done(&clean);
    return copy;
}

static const char *cause_key(struct arena *a, const char *how, const char *says)
{
    char *key = arena_printf(a, "%s|%s", how, says), *to = key + strlen(how);
    for (const char *from = to; *from;) {
        size_t digits = strspn(from, "0123456789");
        if (digits > 0) {
            *to++ = '#';
            from += digits;
        } else {
            *to++ = *from++;
        }
    }
    *to = '\0';
    return key;
}

struct cause *causes_add(struct causes *c, uint64_t trial, const char *how, const char *says)
{
    const char *key = cause_key(c->arena, how, says);
    struct cause *cause = NULL;
    for (size_t i = 0; i < c->n && !cause; i++)
        if (strcmp(c->items[i].key, key) == 0)
            cause = &c->items[i];
    if (!cause && c->n == CAUSES_MAX) {
        c->others++;
        return NULL;
    }
    if (!cause) {
        cause = &c->items[c->n++];
        *cause = (struct cause){.key = key};
    }
    if (cause->n == 0 || trial >= cause->trial) {
        cause->how = arena_strdup(c->arena, how);
        cause->says = arena_strdup(c->arena, says);
        cause->trial = trial;
    }
    cause->n++;
    return cause;
}

const struct cause *causes_largest(const struct causes *c)
{
    const struct cause *largest = NULL;
    for (size_t i = 0; i < c->n; i++)
        if (!largest || c->items[i].n > largest->n)
            largest = &c->items[i];
    return largest;
}

void cause_print(struct buf *out, const struct cause *cause, size_t columns)
{
    size_t before = out->len;
    buf_addf(out, "%" PRIu64 " failed%s: %s", cause->n, cause->n > 1 ? " alike" : "", cause->how);
    size_t used = out->len - before + strlen(", ''"), len = strlen(cause->says);
    if (len == 0 || used + 8 > columns)
        return;
    size_t fits = display_fit(cause->says, len, columns - used);
    if (fits < len)
        fits = display_fit(cause->says, len, columns - used - 1);
    char quote = memchr(cause->says, '\'', fits) ? '"' : '\'';
    buf_addf(out, ", %c%.*s%s%c", quote, (int)fits, cause->says, fits < len ? "…" : "", quote);
}

bool cause_fits(const struct cause *cause, size_t columns)
{
    struct buf cut, whole;
    buf_init(&cut, SIZE_MAX);
    buf_init(&whole, SIZE_MAX);
    cause_print(&cut, cause, columns);
    cause_print(&whole, cause, CAUSE_LOG_BYTES * 2);
    bool fits = cut.len == whole.len && cut.len <= columns;
    buf_done(&cut);
    buf_done(&whole);
    return fits;
}

void cause_print_log(struct buf *out, const char *log, size_t len)
{
    for (const char *at = log, *end = log + len; at < end;) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t n = newline ? (size_t)(newline - at) : (size_t)(end - at);
        const char *next = at + n + 1;
        at = display_redrawn(at, &n);
        buf_adds(out, "  ");
        for (size_t from = 0; from <= n;) {
            const char *tab = memchr(at + from, '\t', n - from);
            size_t to = tab ? (size_t)(tab - at) : n;
            display_clean(out, at + from, to - from);
            buf_adds(out, tab ? "    " : "");
            from = to + 1;
        }
        buf_addc(out, '\n');
        at = next;
    }
}
