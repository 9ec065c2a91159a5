/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom ask: the strategy alone, on stdin and stdout. Each line is answered before the next is
 * read. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "cli/cmd.h"
#include "cli/complain.h"
#include "cli/invocation.h"
#include "cli/spec_file.h"
#include "strategies/ask.h"

static void print_answer(void *to, const char *line, size_t len)
{
    (void)to;
    fwrite(line, 1, len, stdout);
    putchar('\n');
}

/* False at the end of the input. A line that is too long is read but not kept: line->overflow. */
static bool next_line(struct buf *line)
{
    int c;
    buf_clear(line);
    while ((c = getchar_unlocked()) != EOF && c != '\n')
        buf_addc(line, (char)c);
    return c == '\n' || line->len > 0 || line->overflow;
}

static int ask_converse(struct ask *ask, struct err *err)
{
    struct buf line;
    buf_init(&line, LIMIT_FRAME_BYTES);
    while (!ferror(stdout) && next_line(&line)) {
        if (line.overflow)
            print_answer(NULL, "{\"error\":\"the line is too long\"}",
                         strlen("{\"error\":\"the line is too long\"}"));
        else
            ask_line(ask, buf_peek(&line), line.len, print_answer, NULL);
        fflush(stdout);
    }
    buf_done(&line);
    return ferror(stdin) ? err_set(err, ERR_IO, "cannot read the input: %s", strerror(errno)) : 0;
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
        rc = ask_converse(ask, &err);
    ask_free(ask);
    spec_free(spec);
    return rc ? complain(&err) : COMPLAIN_DONE;
}
