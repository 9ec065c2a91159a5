/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom ask: the strategy alone, on stdin and stdout. Each line is answered before the next is
 * read. While no line comes, it makes the next proposal ahead. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "cli/cmd.h"
#include "cli/complain.h"
#include "cli/earlier/prior_find.h"
#include "cli/invocation.h"
#include "cli/spec_file.h"
#include "cli/store_path.h"
#include "strategies/ask.h"

/* A line that comes sooner than this after an answer is one of a series, such as many results told in
 * a row: a proposal made before the last of them would be void. */
enum { QUIET_MS = 2 };

struct input {
    char bytes[1 << 16];
    size_t at, n; /* bytes[at … n - 1] were not used yet */
    int failed;   /* errno of a read that failed, or 0 */
};

/* False at the end of the input. */
static bool input_fill(struct input *in)
{
    ssize_t n;
    do
        n = read(STDIN_FILENO, in->bytes, sizeof in->bytes);
    while (n < 0 && errno == EINTR);
    in->failed = n < 0 ? errno : 0;
    in->at = 0;
    in->n = n > 0 ? (size_t)n : 0;
    return n > 0;
}

static bool input_is_quiet(const struct input *in)
{
    struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};
    return in->at == in->n && poll(&fd, 1, QUIET_MS) == 0;
}

static void print_answer(void *to, const char *line, size_t len)
{
    (void)to;
    fwrite(line, 1, len, stdout);
    putchar('\n');
}

/* False at the end of the input. A line that is too long is read but not kept: line->overflow. */
static bool input_next_line(struct input *in, struct buf *line)
{
    buf_clear(line);
    while (in->at < in->n || input_fill(in)) {
        const char *from = in->bytes + in->at;
        const char *end = memchr(from, '\n', in->n - in->at);
        size_t len = end ? (size_t)(end - from) : in->n - in->at;
        buf_add(line, from, len);
        in->at += len + (end != NULL);
        if (end)
            return true;
    }
    return line->len > 0 || line->overflow;
}

static int ask_converse(struct ask *ask, struct err *err)
{
    struct input in = {.at = 0};
    struct buf line;
    buf_init(&line, LIMIT_FRAME_BYTES);
    while (!ferror(stdout)) {
        if (input_is_quiet(&in))
            ask_prepare(ask);
        if (!input_next_line(&in, &line))
            break;
        if (line.overflow)
            print_answer(NULL, "{\"error\":\"the line is too long\"}",
                         strlen("{\"error\":\"the line is too long\"}"));
        else
            ask_line(ask, buf_peek(&line), line.len, print_answer, NULL);
        fflush(stdout);
    }
    buf_done(&line);
    return in.failed ? err_set(err, ERR_IO, "cannot read the input: %s", strerror(in.failed)) : 0;
}

/* Tells the strategy what the spec's `prior` names in the store. */
static int ask_tell_prior(struct ask *ask, const struct spec *spec, struct err *err)
{
    char dir[PATH_MAX];
    struct view *view = NULL;
    struct arena a;
    struct value *prior = NULL;
    if (!spec->prior)
        return 0;
    int rc = store_path_find(getenv("BESOM_STORE"), dir, err);
    if (rc == 0)
        rc = view_open(dir, &view, err);
    arena_init(&a);
    if (rc == 0)
        rc = prior_find(view, spec, &a, &prior, err);
    if (rc == 0)
        ask_set_prior(ask, prior);
    view_close(view);
    arena_done(&a);
    return rc;
}

int cmd_ask(struct invocation *inv)
{
    struct spec *spec = NULL;
    struct ask *ask = NULL;
    struct err err = {0};
    int rc = spec_file_read_for(invocation_arg(inv, 0), invocation_option(inv, "root"), OBEYED_ASK,
                                &spec, &err);
    uint64_t seed = rc == 0 && spec->has_seed ? spec->seed : 0;
    if (rc == 0)
        rc = invocation_number(inv, "seed", 0, UINT64_MAX, &seed, &err);
    if (rc == 0)
        rc = ask_new(spec, seed, &ask, &err);
    if (rc == 0)
        rc = ask_tell_prior(ask, spec, &err);
    if (rc == 0)
        rc = ask_converse(ask, &err);
    ask_free(ask);
    spec_free(spec);
    return rc ? complain(&err) : COMPLAIN_DONE;
}
