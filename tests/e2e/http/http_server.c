/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server of tests/unit/net/http/served.h on a port of its own, which it prints; ends when its
 * input does. */
#include <stdio.h>
#include <unistd.h>

#include "tests/test.h"
#include "tests/unit/net/http/served.h"

static void input_on_read(uv_poll_t *poll, int status, int events)
{
    char byte;
    (void)events;
    if (status < 0 || read(STDIN_FILENO, &byte, 1) <= 0)
        uv_close((uv_handle_t *)poll, NULL);
}

/* Of the test kit: an assertion of served.c ends the process. */
_Noreturn void test_fail(const char *file, int line, const char *fmt, ...)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, fmt);
    abort();
}

int main(void)
{
    static struct served s;
    uv_poll_t input;
    served_begin(&s, NULL);
    printf("%d\n", served_port(&s));
    fflush(stdout);
    uv_poll_init(&s.loop, &input, STDIN_FILENO);
    uv_poll_start(&input, UV_READABLE, input_on_read);
    while (!uv_is_closing((uv_handle_t *)&input))
        uv_run(&s.loop, UV_RUN_ONCE);
    served_end(&s);
    return 0;
}
