/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom try-report: shows what a sweep would read from each line of a log, by the code that reads
 * it. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/metrics/pattern.h"
#include "agent/shim/shim_line.h"
#include "base/diag/display.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "cli/cmd.h"
#include "cli/complain.h"
#include "cli/invocation.h"
#include "cli/spec_file.h"
#include "sweep/missing_metric.h"
#include "sweep/point.h"

enum { READ_BYTES = 64 << 10 };

struct trial {
    const struct spec *spec;
    struct patterns *patterns;
    struct shim_line *line;
    bool json;
    struct arena kept;
    struct value *names; /* metric -> how many points have it */
    int64_t next_step;
    uint64_t points, bad, too_long;
};

static void print_clean(const char *text, size_t len)
{
    struct buf shown;
    buf_init(&shown, SIZE_MAX);
    display_clean(&shown, text, len);
    fputs(buf_str(&shown), stdout);
    buf_done(&shown);
}

static void point_count(struct trial *t, const struct point *p)
{
    t->points++;
    for (size_t i = 0; i < p->n; i++)
        value_put(&t->kept, t->names, p->keys[i],
                  value_int(&t->kept, value_get_int(t->names, p->keys[i], 0) + 1));
}

static void point_print(struct trial *t, struct arena *a, const struct point *p)
{
    if (t->json) {
        struct value *v = value_dict(a), *metrics = value_dict(a);
        for (size_t i = 0; i < p->n; i++)
            value_put(a, metrics, p->keys[i], value_float(a, p->values[i]));
        value_put(a, v, "line", value_int(a, (int64_t)t->line->number));
        value_put(a, v, "step", value_int(a, p->step));
        value_put(a, v, "metrics", metrics);
        puts(json_text(a, v, JSON_COMPACT));
        return;
    }
    printf("line %" PRIu64 ": step %" PRId64, t->line->number, p->step);
    for (size_t i = 0; i < p->n; i++) {
        putchar(' ');
        print_clean(p->keys[i], strlen(p->keys[i]));
        printf("=%s", json_text(a, value_float(a, p->values[i]), JSON_PYTHON));
    }
    putchar('\n');
}

static void loss_print(struct trial *t, struct arena *a, const char *why)
{
    if (t->json) {
        struct value *v = value_dict(a);
        value_put(a, v, "line", value_int(a, (int64_t)t->line->number));
        value_put(a, v, "error", value_str(a, why));
        puts(json_text(a, v, JSON_COMPACT));
        return;
    }
    printf("line %" PRIu64 ": ", t->line->number);
    print_clean(why, strlen(why));
    putchar('\n');
}

/* Prints one line that was read: its points, or its error. */
static void found_print(struct trial *t, struct arena *a, const char *text, size_t len)
{
    struct points points = {0};
    struct point_names names = {NULL, t->spec->metric.name};
    points_parse(a, text, len, 0, &names, &t->next_step, &points);
    for (size_t i = 0; i < points.n; i++) {
        point_count(t, &points.items[i]);
        point_print(t, a, &points.items[i]);
    }
    t->bad += points.bad;
    if (points.bad > 0)
        loss_print(t, a,
                   points.bad_twice ? "a name twice, and only its last value counts"
                   : *text == '{'   ? "a JSON line without a metric"
                                    : arena_strndup(a, text, len));
}

static void line_read(struct trial *t, enum shim_line_event event)
{
    struct arena a;
    struct buf found;
    arena_init(&a);
    buf_init(&found, SIZE_MAX);
    if (event == SHIM_LINE_LONG) {
        t->too_long++;
        loss_print(t, &a, "longer than 64 KiB, and dropped");
    }
    /* A log holds both streams. */
    for (int i = 0; event == SHIM_LINE_ENDED && i < PATTERNS_STREAMS && found.len == 0; i++)
        patterns_apply(t->patterns, (enum patterns_stream)i, t->line->text, t->line->len, &found);
    const char *end = buf_str(&found) + found.len;
    for (const char *at = buf_str(&found); at < end;) {
        size_t len = strcspn(at, "\n");
        found_print(t, &a, at, len);
        at += len + 1;
    }
    buf_done(&found);
    arena_done(&a);
}

static int input_read(struct trial *t, struct err *err)
{
    static char bytes[READ_BYTES];
    enum shim_line_event event;
    ssize_t n;
    while ((n = read(STDIN_FILENO, bytes, sizeof bytes)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set(err, ERR_IO, "stdin cannot be read: %s", strerror(errno));
        for (size_t at = 0; at < (size_t)n;) {
            at += shim_line_take(t->line, bytes + at, (size_t)n - at, &event);
            if (event != SHIM_LINE_OPEN)
                line_read(t, event);
        }
    }
    event = shim_line_finish(t->line);
    if (event != SHIM_LINE_OPEN)
        line_read(t, event);
    return 0;
}

static void sum_print_json(struct trial *t, bool found)
{
    struct value *v = value_dict(&t->kept);
    value_put(&t->kept, v, "lines", value_int(&t->kept, (int64_t)t->line->number));
    value_put(&t->kept, v, "points", value_int(&t->kept, (int64_t)t->points));
    value_put(&t->kept, v, "bad_lines", value_int(&t->kept, (int64_t)t->bad));
    value_put(&t->kept, v, "long_lines", value_int(&t->kept, (int64_t)t->too_long));
    value_put(&t->kept, v, "metrics", t->names);
    value_put(&t->kept, v, "metric",
              t->spec->metric.name ? value_str(&t->kept, t->spec->metric.name)
                                   : value_null(&t->kept));
    value_put(&t->kept, v, "found", value_bool(&t->kept, found));
    puts(json_text(&t->kept, v, JSON_COMPACT));
}

static void sum_print(struct trial *t, bool found)
{
    struct buf out;
    size_t n = t->names->dict.n;
    const char *metric = t->spec->metric.name;
    const char **names = mem_alloc((n + 1) * sizeof *names);
    buf_init(&out, SIZE_MAX);
    for (size_t i = 0; i < n; i++)
        names[i] = t->names->dict.entries[i].key;
    printf("%s%" PRIu64 " line%s: %" PRIu64 " point%s", t->points + t->bad > 0 ? "\n" : "",
           t->line->number, t->line->number == 1 ? "" : "s", t->points, t->points == 1 ? "" : "s");
    if (t->bad + t->too_long > 0)
        printf(", %" PRIu64 " lost", t->bad + t->too_long);
    putchar('\n');
    for (size_t i = 0; i < n; i++) {
        fputs("  ", stdout);
        print_clean(names[i], strlen(names[i]));
        printf(": %" PRId64 "\n", value_get_int(t->names, names[i], 0));
    }
    if (metric && found)
        buf_addf(&out, "the sweep's metric %s is among them", metric);
    if (metric && !found) {
        buf_addf(&out, "the sweep's metric %s is not among them: the log ", metric);
        missing_metric_print(&out, metric, names, n);
    }
    print_clean(buf_str(&out), out.len);
    if (metric)
        putchar('\n');
    buf_done(&out);
    mem_free(names);
}

int cmd_try_report(struct invocation *inv)
{
    static struct shim_line line = {.mode = SHIM_LINE_ALL, .max = LIMIT_METRIC_LINE_BYTES};
    struct err err = {0};
    struct spec *spec = NULL;
    struct trial t = {.line = &line, .json = invocation_flag(inv, "json")};
    const char *named = invocation_arg(inv, 0);
    arena_init(&t.kept);
    t.names = value_dict(&t.kept);
    int rc = spec_file_read(named, invocation_option(inv, "root"), &spec, &err);
    t.spec = spec;
    if (rc == 0 && !spec->report)
        rc =
            err_set(&err, ERR_SPEC,
                    "%s: without `report` nothing is read from output: add report: {stdout: json}, "
                    "or the name of a reader, or patterns",
                    named);
    if (rc == 0)
        rc = patterns_new(spec->report, &t.patterns, &err);
    if (rc == 0 && isatty(STDIN_FILENO))
        fputs("reading a log from the terminal; Ctrl-D ends it\n", stderr);
    if (rc == 0)
        rc = input_read(&t, &err);
    const char *metric = rc == 0 ? spec->metric.name : NULL;
    bool found = t.points > 0 && (!metric || value_get(t.names, metric));
    if (rc == 0 && t.json)
        sum_print_json(&t, found);
    else if (rc == 0)
        sum_print(&t, found);
    patterns_free(t.patterns);
    spec_free(spec);
    arena_done(&t.kept);
    return rc != 0 ? complain(&err) : found ? COMPLAIN_DONE : COMPLAIN_FAILED;
}
