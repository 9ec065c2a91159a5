/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/http/http_lines.h"

#include <stdint.h>

#include "base/limits.h"
#include "net/http/http_head.h"

enum { FIRST_LINE_BYTES = LIMIT_HTTP_URL_BYTES + 64 }; /* beside the URL: method and version */
#define LINES_DONE SIZE_MAX

void http_lines_init(struct http_lines *l, bool response)
{
    *l = (struct http_lines){.response = response};
}

void http_lines_init_trailers(struct http_lines *l)
{
    *l = (struct http_lines){.line = 1};
}

bool http_lines_done(const struct http_lines *l)
{
    return l->line == LINES_DONE;
}

static int lines_refuse(const char **why, int status, const char *text)
{
    *why = text;
    return status;
}

/* At the LF after a CR. */
static int lines_end_line(struct http_lines *l, const char **why)
{
    l->cr = false;
    if (l->len == 0 && l->line > 0) {
        l->line = LINES_DONE;
        return 0;
    }
    if (l->len == 0) { /* some clients end the request before with an empty line too many */
        if (l->skipped || l->response)
            return lines_refuse(why, 400, "the first line is empty");
        l->skipped = true;
        return 0;
    }
    if (l->line > 0 && !l->colon)
        return lines_refuse(why, 400, "a header has no colon");
    l->line++;
    l->len = 0;
    l->colon = false;
    return 0;
}

static int lines_check_header(struct http_lines *l, char c, const char **why)
{
    if (l->line > LIMIT_HTTP_HEADERS)
        return lines_refuse(why, 431, "there are more than 100 headers");
    if (l->colon || http_head_is_token(c))
        return 0;
    if (c == ':' && l->len > 0) {
        l->colon = true;
        return 0;
    }
    return l->len == 0 && (c == ' ' || c == '\t')
               ? lines_refuse(why, 400, "a header is folded into two lines")
               : lines_refuse(why, 400, "the name of a header is malformed");
}

static int lines_check_byte(struct http_lines *l, char c, const char **why)
{
    if (l->cr)
        return c == '\n' ? lines_end_line(l, why)
                         : lines_refuse(why, 400, "a carriage return is not at the end of a line");
    if (l->line > 0 && ++l->bytes > LIMIT_HTTP_HEADER_BYTES)
        return lines_refuse(why, 431, "the headers are longer than 32 KiB");
    if (c == '\r') {
        l->cr = true;
        return 0;
    }
    if ((c >= 0 && c < ' ' && c != '\t') || c == 0x7f)
        return lines_refuse(why, 400, "the head has a control character");
    if (l->line == 0 && !l->response && (c == '\t' || c < 0))
        return lines_refuse(why, 400, "the request line is malformed");
    if (l->line == 0 && l->len >= FIRST_LINE_BYTES)
        return lines_refuse(why, 414, "the URL is longer than 8 KiB");
    int status = l->line > 0 ? lines_check_header(l, c, why) : 0;
    l->len++;
    return status;
}

int http_lines_check(struct http_lines *l, const char *bytes, size_t len, size_t *used,
                     const char **why)
{
    int status = 0;
    for (*used = 0; status == 0 && *used < len && !http_lines_done(l); (*used)++)
        status = lines_check_byte(l, bytes[*used], why);
    return status;
}
