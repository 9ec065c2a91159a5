/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "protocol/wandb/wandb_id.h"

#include <inttypes.h>
#include <string.h>

#include "base/bytes/base64.h"

enum { ID_BYTES = 64, DIGITS_MAX = 18 };

char *wandb_id_print(struct arena *a, const char *kind, int64_t number)
{
    const char *text = arena_printf(a, "%s:%" PRId64, kind, number);
    struct buf out;
    buf_init(&out, SIZE_MAX);
    base64_print(&out, text, strlen(text));
    char *ret = arena_strndup(a, buf_str(&out), out.len);
    buf_done(&out);
    return ret;
}

/* A whole number, without signs and zeros before it. */
static bool number_read(const char *text, int64_t *ret)
{
    size_t n = strspn(text, "0123456789");
    *ret = 0;
    for (size_t i = 0; i < n && n <= DIGITS_MAX; i++)
        *ret = *ret * 10 + (text[i] - '0');
    return n > 0 && n <= DIGITS_MAX && text[n] == '\0' && (text[0] != '0' || n == 1);
}

bool wandb_id_parse(const char *text, const char *kind, int64_t *ret)
{
    struct buf plain;
    size_t len = strlen(kind);
    buf_init(&plain, ID_BYTES);
    bool good = text && base64_parse(&plain, text, strlen(text)) && !plain.overflow &&
                plain.len > len && memcmp(buf_peek(&plain), kind, len) == 0 &&
                buf_peek(&plain)[len] == ':' && strlen(buf_peek(&plain)) == plain.len &&
                number_read(buf_peek(&plain) + len + 1, ret);
    buf_done(&plain);
    return good;
}
