/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/pace/causes.h"

#include <inttypes.h>
#include <string.h>

#include "base/diag/display.h"
#include "protocol/log_cause.h"
#include "protocol/log_kind.h"

void causes_init(struct causes *c, struct arena *a)
{
    *c = (struct causes){.arena = a};
}

static const char *cause_how(struct arena *a, const struct cause_end *end)
{
    if (end->reason == REASON_SIGNAL)
        return arena_printf(a, "signal %d", end->signal);
    if (end->reason == REASON_EXIT)
        return arena_printf(a, "exit %d", end->code);
    if (end->reason == REASON_TIMEOUT)
        return "over its time limit";
    return end->reason == REASON_LAUNCH ? "could not start" : trial_reason_name(end->reason);
}

static const char out_of_memory[] = "out of memory";

/* A few words that say it, whatever the details are. */
static const char *cause_known(const struct cause_end *end)
{
    if (end->reason == REASON_OOM)
        return out_of_memory;
    bool own = end->reason == REASON_EXIT || end->reason == REASON_SIGNAL;
    return own && end->text ? log_cause_known(end->text) : NULL;
}

const char *cause_text(struct arena *a, const struct cause_end *end)
{
    const char *known = cause_known(end), *how = cause_how(a, end);
    if (known || !end->text || !*end->text)
        return known ? known : how;
    const char *text = log_cause_clean(a, end->text, strlen(end->text));
    bool says_all =
        end->reason == REASON_HOST || (end->reason == REASON_EXIT && log_cause_is_error(text));
    return says_all ? text : arena_printf(a, "%s: %s", how, text);
}

const char *cause_says(struct arena *a, const struct cause_end *end)
{
    const char *text = end->text ? end->text : "";
    size_t known = strlen(out_of_memory); /* the shim's text begins with it */
    if (strncmp(text, out_of_memory, known) == 0 && text[known] == ':')
        text += known + strspn(text + known, ": ");
    return cause_known(end) ? log_cause_clean(a, text, strlen(text)) : "";
}

struct cause_end cause_of_attempt(const struct value *attempt)
{
    int reason = trial_reason_find(value_get_str(attempt, "reason", ""));
    return (struct cause_end){reason < 0 ? REASON_NONE : (enum trial_reason)reason,
                              (int)value_get_int(attempt, "code", -1),
                              (int)value_get_int(attempt, "signal", 0),
                              value_get_str(attempt, "text", NULL)};
}

static const char *cause_key(struct arena *a, const char *text)
{
    char *key = arena_strdup(a, text);
    size_t how = strcspn(text, ":"); /* "exit 1" is not "exit 2" */
    log_kind(key + how, strlen(text) - how + 1, text + how);
    return key;
}

struct cause *causes_add(struct causes *c, uint64_t trial, const struct cause_end *end)
{
    const char *text = cause_text(c->arena, end), *key = cause_key(c->arena, text);
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
        cause->text = text;
        cause->says = cause_says(c->arena, end);
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

/* As much of the text as fits, with "…" if it is cut. */
static void print_cut(struct buf *out, const char *text, size_t columns)
{
    size_t len = strlen(text), fits = display_fit(text, len, columns);
    if (fits < len)
        fits = display_fit(text, len, columns > 0 ? columns - 1 : 0);
    buf_addf(out, "%.*s%s", (int)fits, text, fits < len ? "…" : "");
}

void cause_print(struct buf *out, const struct cause *cause, size_t columns)
{
    size_t before = out->len;
    buf_addf(out, "%" PRIu64 " failed%s: ", cause->n, cause->n > 1 ? " alike" : "");
    size_t used = out->len - before;
    print_cut(out, cause->text, columns > used ? columns - used : 0);
    used += display_width(cause->text, strlen(cause->text)) + strlen(", ''");
    if (!*cause->says || used + 8 > columns)
        return;
    char quote = strchr(cause->says, '\'') ? '"' : '\'';
    buf_addf(out, ", %c", quote);
    print_cut(out, cause->says, columns - used);
    buf_addc(out, quote);
}

bool cause_fits(const struct cause *cause, size_t columns)
{
    struct buf cut, whole;
    buf_init(&cut, SIZE_MAX);
    buf_init(&whole, SIZE_MAX);
    cause_print(&cut, cause, columns);
    cause_print(&whole, cause, CAUSE_LOG_BYTES * 2);
    bool fits = cut.len == whole.len && display_width(buf_peek(&whole), whole.len) <= columns;
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
