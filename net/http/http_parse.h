/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The only owner of the HTTP parser. It gets a whole head whose lines were checked before
 * (net/http/http_lines.h); bodies are framed elsewhere. */
#include "net/http/http_head.h"

/* Parses the head of len bytes, with the empty line at its end, in place: sets the headers of head,
 * and of a response status and version. False where it is malformed. */
bool http_parse(struct http_head *head, char *text, size_t len, bool response);
