/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/http/http_parse.h"

#include <ctype.h>
#include <http_parser.h>
#include <string.h>

#include "base/mem.h"

/* The parser hands out names and values in pieces, which are parts of one text. */
struct parse {
    struct http_head *head;
    char *text;
    size_t name_len, value_len; /* of the last header */
    bool in_value, done;
};

static struct parse *parse_of(http_parser *p)
{
    return p->data;
}

static void parse_end_header(struct parse *p)
{
    if (p->head->n == 0)
        return;
    struct http_header *h = &p->head->headers[p->head->n - 1];
    while (p->value_len > 0 && strchr(" \t", h->value[p->value_len - 1]))
        p->value_len--;
    if (p->value_len == 0) /* the parser places it at the next header */
        h->value = h->name + p->name_len;
    h->value[p->value_len] = '\0';
    h->name[p->name_len] = '\0';
    for (char *c = h->name; *c; c++)
        *c = (char)tolower((unsigned char)*c);
}

static int parse_on_name(http_parser *parser, const char *at, size_t len)
{
    struct parse *p = parse_of(parser);
    struct http_head *head = p->head;
    if (head->n == 0 || p->in_value) {
        parse_end_header(p);
        head->headers = mem_grow(head->headers, &head->cap, head->n + 1, sizeof *head->headers);
        head->headers[head->n++] = (struct http_header){.name = p->text + (at - p->text)};
        p->name_len = p->value_len = 0;
        p->in_value = false;
    }
    p->name_len += len;
    return 0;
}

static int parse_on_value(http_parser *parser, const char *at, size_t len)
{
    struct parse *p = parse_of(parser);
    if (!p->in_value)
        p->head->headers[p->head->n - 1].value = p->text + (at - p->text);
    p->in_value = true;
    p->value_len += len;
    return 0;
}

static int parse_on_end(http_parser *parser)
{
    parse_of(parser)->done = true;
    return 1; /* no body follows */
}

bool http_parse(struct http_head *head, char *text, size_t len, bool response)
{
    http_parser parser;
    http_parser_settings settings;
    struct parse p = {.head = head, .text = text};
    head->n = 0;
    http_parser_init(&parser, response ? HTTP_RESPONSE : HTTP_REQUEST);
    http_parser_settings_init(&settings);
    parser.data = &p;
    settings.on_header_field = parse_on_name;
    settings.on_header_value = parse_on_value;
    settings.on_headers_complete = parse_on_end;
    size_t used = http_parser_execute(&parser, &settings, text, len);
    if (HTTP_PARSER_ERRNO(&parser) != HPE_OK || !p.done || used != len)
        return false;
    parse_end_header(&p);
    if (response) {
        head->status = (int)parser.status_code;
        head->minor = parser.http_minor;
    }
    return parser.http_major == 1 && parser.http_minor <= 1;
}
