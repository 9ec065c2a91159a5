/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/server/route/server_match.h"

#include <stdlib.h>
#include <string.h>

enum { DIGITS = 18 };

int server_match_read(const struct http_head *head, uint64_t *ret, struct err *err)
{
    const char *text = http_head_find(head, "if-match");
    *ret = 0;
    if (!text || strcmp(text, "*") == 0)
        return 0;
    size_t len = strlen(text);
    bool quoted = len > 2 && text[0] == '"' && text[len - 1] == '"';
    const char *digits = text + quoted;
    size_t n = len - 2 * quoted;
    if (n > 0 && n <= DIGITS && strspn(digits, "0123456789") == n)
        *ret = strtoull(digits, NULL, 10);
    return *ret > 0 ? 0
                    : err_set(err, ERR_USAGE,
                              "If-Match must be the revision that was shown, such as \"12\"");
}
