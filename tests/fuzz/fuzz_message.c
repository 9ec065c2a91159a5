/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A peer's frame, whatever it holds: it is refused, or it is a message that survives printing. */
#include <string.h>

#include "base/check.h"
#include "base/limits.h"
#include "protocol/message.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct buf first, second;
    struct message m, again;
    arena_init(&a);
    buf_init(&first, SIZE_MAX);
    buf_init(&second, SIZE_MAX);
    memset(&m, 0, sizeof m);
    memset(&again, 0, sizeof again);
    if (message_parse(&a, (const char *)data, size, &m, NULL) == 0) {
        message_print(&first, &m);
        check(message_parse(&a, buf_str(&first), first.len, &again, NULL) == 0);
        message_print(&second, &again);
        check(again.type == m.type && strcmp(buf_str(&first), buf_str(&second)) == 0);
    }
    buf_done(&first);
    buf_done(&second);
    arena_done(&a);
    return 0;
}
