/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "protocol/log_cause.h"

#include <string.h>

#include "base/buf.h"
#include "base/diag/display.h"
#include "base/utf8.h"

struct span {
    const char *at;
    size_t len;
};

/* The first one whose text is in the line counts. */
static const struct {
    const char *text, *says;
} known[] = {
    {"CUDA out of memory", "out of GPU memory"},
    {"HIP out of memory", "out of GPU memory"},
    {"OutOfMemoryError", "out of GPU memory"},
    {"CUDA_ERROR_OUT_OF_MEMORY", "out of GPU memory"},
    {"CUBLAS_STATUS_ALLOC_FAILED", "out of GPU memory"},
    {"RESOURCE_EXHAUSTED: Out of memory", "out of GPU memory"},
    {"insufficient shared memory", "out of shared memory"},
    {"MemoryError", "out of memory"},
    {"Cannot allocate memory", "out of memory"},
    {"DefaultCPUAllocator: can't allocate memory", "out of memory"},
    {"std::bad_alloc", "out of memory"},
    {"No space left on device", "no space left on the disk"},
    {"Disk quota exceeded", "disk quota exceeded"},
};

static bool span_has(struct span s, const char *text)
{
    size_t n = strlen(text);
    for (size_t i = 0; i + n <= s.len; i++)
        if (s.at[i] == *text && memcmp(s.at + i, text, n) == 0)
            return true;
    return false;
}

static bool span_begins(struct span s, const char *text)
{
    size_t n = strlen(text);
    return s.len >= n && memcmp(s.at, text, n) == 0;
}

static const char *span_known(struct span s)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (span_has(s, known[i].text))
            return known[i].says;
    return NULL;
}

static bool is_name(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' ||
           c == '.';
}

/* "torch.OutOfMemoryError: …", "error: …", "KeyboardInterrupt". */
static bool span_is_error(struct span s)
{
    static const char *const ends[] = {"Error", "Exception", "Interrupt", "Exit", "error", "ERROR"};
    size_t n = 0;
    while (n < s.len && is_name(s.at[n]))
        n++;
    if (n == 0 || (n < s.len && s.at[n] != ':'))
        return false;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t m = strlen(ends[i]);
        if (n >= m && memcmp(s.at + n - m, ends[i], m) == 0)
            return true;
    }
    return false;
}

/* Without the rank that torch puts before each line of a process: "[rank0]: ". */
static struct span span_without_rank(struct span s)
{
    size_t n = strlen("[rank");
    if (!span_begins(s, "[rank"))
        return s;
    while (n < s.len && s.at[n] >= '0' && s.at[n] <= '9')
        n++;
    if (n + 3 <= s.len && memcmp(s.at + n, "]: ", 3) == 0)
        return (struct span){s.at + n + 3, s.len - n - 3};
    return s;
}

static struct span span_without_escapes(struct span s)
{
    for (size_t n; (n = display_escape(s.at, s.len)) > 0;)
        s = (struct span){s.at + n, s.len - n};
    return s;
}

/* wandb prints where its files are after all that the script prints; its name may have a colour. */
static bool span_is_wandb(struct span s)
{
    size_t n = strlen("wandb");
    return span_begins(s, "wandb") &&
           span_begins(span_without_escapes((struct span){s.at + n, s.len - n}), ":");
}

/* The line that ends before *end, as a terminal would show it, without the space around it; moves *end before it.
 * *ret_indented: it is indented. */
static struct span span_back(const char *log, size_t *end, bool *ret_indented)
{
    size_t stop = *end, start;
    if (stop > 0 && log[stop - 1] == '\n')
        stop--;
    for (start = stop; start > 0 && log[start - 1] != '\n';)
        start--;
    *end = start;
    struct span s = {NULL, stop - start};
    s.at = display_redrawn(log + start, &s.len);
    while (s.len > 0 && (s.at[s.len - 1] == ' ' || s.at[s.len - 1] == '\r'))
        s.len--;
    s = span_without_escapes(span_without_rank(span_without_escapes(s)));
    *ret_indented = s.len > 0 && (*s.at == ' ' || *s.at == '\t');
    while (s.len > 0 && (*s.at == ' ' || *s.at == '\t')) {
        s.at++;
        s.len--;
    }
    return s;
}

/* The last line of the last traceback: the first one after its head that is not indented. */
static struct span traceback_end(const char *log, size_t len)
{
    struct span last = {NULL, 0};
    for (size_t end = len; end > 0;) {
        bool indented;
        struct span s = span_back(log, &end, &indented);
        if (span_begins(s, "Traceback (most recent call last):"))
            return last;
        if (s.len > 0 && !indented)
            last = s;
    }
    return (struct span){NULL, 0};
}

/* Where the traceback begins that ends at `end`; end: it has no head. */
static size_t wrapper_begin(const char *log, size_t end)
{
    for (size_t at = end; at > 0;) {
        bool indented;
        struct span s = span_back(log, &at, &indented);
        if (span_begins(s, "Traceback (most recent call last):"))
            return at;
    }
    return end;
}

/* Lines of programs that run the training come after the error: Hydra's hint after every one, and the
 * report of torchrun with a traceback of its own. */
static struct span cause_span(const char *log, size_t len, bool any_line)
{
    struct span last = {NULL, 0};
    size_t end = len;
    bool hint = false, wrapped = false;
    for (int i = 0; end > 0 && (i < LOG_CAUSE_LINES || !last.at); i++) {
        bool indented, late = i < LOG_CAUSE_LINES;
        struct span s = span_back(log, &end, &indented);
        if (late && !wrapped && span_has(s, "ChildFailedError:")) {
            wrapped = true;
            len = end = wrapper_begin(log, end);
            last = (struct span){NULL, 0};
            i = -1;
            continue;
        }
        if (span_has(s, "HYDRA_FULL_ERROR=1")) {
            hint = true;
            continue;
        }
        if (late && (span_is_error(s) || span_known(s) || (hint && span_has(s, "Could not "))))
            return s;
        if (s.len > 0 && !last.at && !span_is_wandb(s))
            last = s;
    }
    struct span traced = traceback_end(log, len);
    return traced.at ? traced : any_line ? last : (struct span){NULL, 0};
}

const char *log_cause_short(struct arena *a, const char *text, size_t max)
{
    size_t len = strlen(text), dots = strlen("…");
    size_t kept = len > max ? utf8_valid_prefix(text, max > dots ? max - dots : 0) : len;
    return arena_printf(a, "%.*s%s", (int)kept, text, kept < len ? "…" : "");
}

const char *log_cause_clean(struct arena *a, const char *text, size_t len)
{
    struct buf clean;
    size_t n = len < 2 * LOG_CAUSE_MAX ? len : 2 * LOG_CAUSE_MAX;
    buf_init(&clean, SIZE_MAX);
    display_clean(&clean, text, n);
    if (n < len)
        buf_adds(&clean, "…");
    const char *copy = log_cause_short(a, buf_str(&clean), LOG_CAUSE_MAX);
    buf_done(&clean);
    return copy;
}

const char *log_cause_find(struct arena *a, const char *log, size_t len, bool any_line)
{
    if (len > LOG_CAUSE_BYTES) {
        log += len - LOG_CAUSE_BYTES;
        len = LOG_CAUSE_BYTES;
    }
    struct span s = cause_span(log, len, any_line);
    return s.at ? log_cause_clean(a, s.at, s.len) : "";
}

bool log_cause_is_error(const char *line)
{
    return span_is_error((struct span){line, strlen(line)});
}

const char *log_cause_known(const char *line)
{
    return span_known((struct span){line, strlen(line)});
}
