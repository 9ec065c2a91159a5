/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom report: appends one line to the trial's metrics file. Training calls it in its loop, so it
 * opens no store and does not wait. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/number/number.h"
#include "base/utf8.h"
#include "cli/cmd.h"
#include "cli/complain.h"
#include "cli/invocation.h"

static int add_value(struct buf *line, const char *key, const char *text, struct err *err)
{
    static const struct {
        const char *word, *json;
    } words[] = {{"true", "true"},
                 {"false", "false"},
                 {"nan", "\"NaN\""},
                 {"inf", "\"Infinity\""},
                 {"+inf", "\"Infinity\""},
                 {"-inf", "\"-Infinity\""},
                 {"infinity", "\"Infinity\""},
                 {"-infinity", "\"-Infinity\""}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcasecmp(text, words[i].word) == 0) {
            buf_adds(line, words[i].json);
            return 0;
        }
    double number;
    if (!number_parse(text, strlen(text), &number))
        return err_set(err, ERR_USAGE,
                       "report: %.60s=%.60s: a value is a number, true, false, nan or inf", key,
                       text);
    if (isinf(number)) {
        buf_adds(line, number > 0 ? "\"Infinity\"" : "\"-Infinity\"");
        return 0;
    }
    char shortest[NUMBER_BYTES];
    number_format(shortest, number);
    buf_adds(line, shortest);
    return 0;
}

static int add_metric(struct buf *line, const char *word, struct err *err)
{
    const char *equals = strchr(word, '=');
    if (!equals || equals == word)
        return err_set(err, ERR_USAGE,
                       "report: '%.60s' is not KEY=VALUE: write besom report loss=0.31", word);
    size_t len = (size_t)(equals - word);
    char *key = strndup(word, len);
    int rc = 0;
    if (utf8_valid_prefix(word, len) != len)
        rc = err_set(err, ERR_USAGE, "report: a key is not UTF-8");
    else if (strcmp(key, "step") == 0 || strcmp(key, "_time") == 0)
        rc = err_set(err, ERR_USAGE, "report: %s is not a metric%s", key,
                     key[0] == 's' ? ": give it as --step N" : "");
    if (!rc) {
        buf_addc(line, ',');
        json_print_str(line, key, len);
        buf_addc(line, ':');
        rc = add_value(line, key, equals + 1, err);
    }
    free(key);
    return rc;
}

static int line_build(struct buf *line, const struct invocation *inv, struct err *err)
{
    uint64_t step = 0;
    int rc = invocation_number(inv, "step", 0, INT64_MAX, &step, err);
    if (rc)
        return rc;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    buf_addf(line, "{\"_time\":%lld.%06ld", (long long)now.tv_sec, now.tv_nsec / 1000);
    if (invocation_option(inv, "step"))
        buf_addf(line, ",\"step\":%llu", (unsigned long long)step);
    for (size_t i = 0; i < inv->n_args; i++)
        if ((rc = add_metric(line, inv->args[i], err)))
            return rc;
    buf_adds(line, "}\n");
    if (line->overflow)
        return err_set(err, ERR_LIMIT, "report: more than %d bytes at once; report in parts",
                       LIMIT_METRIC_LINE_BYTES);
    return 0;
}

static int line_append(const struct buf *line, struct err *err)
{
    const char *path = getenv("BESOM_METRICS");
    if (!path || !*path)
        return err_set(err, ERR_USAGE,
                       "report: not in a trial: $BESOM_METRICS is not set. Call it from a script "
                       "that besom runs, or by hand: BESOM_METRICS=metrics.jsonl besom report …");
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0)
        return err_set(err, ERR_IO, "report: cannot open %s: %s", path, strerror(errno));
    /* A single write, so that lines of concurrent processes never mix. */
    ssize_t n = write(fd, buf_peek(line), line->len);
    int rc = 0;
    if (n < 0)
        rc = err_set(err, ERR_IO, "report: cannot write to %s: %s", path, strerror(errno));
    else if ((size_t)n < line->len)
        rc = err_set(err, ERR_FULL, "report: only %zd of %zu bytes fitted into %s", n, line->len,
                     path);
    close(fd);
    return rc;
}

int cmd_report(struct invocation *inv)
{
    struct buf line;
    struct err err = {0};
    buf_init(&line, LIMIT_METRIC_LINE_BYTES);
    int rc = line_build(&line, inv, &err);
    if (!rc)
        rc = line_append(&line, &err);
    buf_done(&line);
    return rc ? complain(&err) : COMPLAIN_DONE;
}
