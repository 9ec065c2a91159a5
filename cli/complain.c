/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/complain.h"

#include <stdio.h>
#include <string.h>

#include "base/diag/display.h"

/* The exit status for an ERR_*. */
static int exit_code(int code)
{
    switch (code) {
    case ERR_NOT_FOUND:
        return COMPLAIN_NOT_FOUND;
    case ERR_PROTOCOL:
    case ERR_UNREACHABLE:
    case ERR_IDENTITY:
        return COMPLAIN_UNREACHABLE;
    case ERR_PERMISSION:
        return COMPLAIN_NOT_ALLOWED;
    case ERR_BUSY:
    case ERR_DAMAGED:
        return COMPLAIN_STORE;
    case ERR_IO:
    case ERR_FULL:
        return COMPLAIN_FAILED;
    default:
        return COMPLAIN_USAGE;
    }
}

int complain(const struct err *err)
{
    struct buf text;
    buf_init(&text, 4 * sizeof err->text);
    for (const char *line = err->text; line;
         line = strchr(line, '\n'), line = line ? line + 1 : 0) {
        display_clean(&text, line, strcspn(line, "\n"));
        buf_addc(&text, '\n');
    }
    fprintf(stderr, "besom: %s", buf_peek(&text));
    buf_done(&text);
    return exit_code(err->code);
}
