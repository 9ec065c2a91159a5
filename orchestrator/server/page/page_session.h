/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Browsers sign in with a token once and get a cookie for it, which no script can read. The cookie
 * names the credential and is signed with a key of this store, so the controller keeps no list: it
 * ends with its credential, after PAGE_SESSION_S, or when the store loses its key. Where the server has
 * a key of its own (server_config.h), so does the session, and both end with the process. */
#include "orchestrator/server/server_inside.h"

enum {
    PAGE_SESSION_S = 7 * 24 * 3600,
    PAGE_SESSION_ID_BYTES = 16, /* of the id of a credential */
};

NODISCARD int page_session_start(struct server *s, struct err *err);
void page_session_free(struct server *s);
/* The id of the credential that the cookie of the request stands for; false if there is no cookie,
 * or it is not one of ours, or too old. */
bool page_session_find(const struct server *s, const struct http_request *r,
                       char id[PAGE_SESSION_ID_BYTES]);
/* Answers a request that opens a session, says whose it is, or ends it: the op of its route. */
void page_session_answer(struct server *s, const struct server_request *r);
/* Appends the header that sets the cookie for this credential. */
void page_session_cookie(const struct server *s, bool tls, const char *id, struct buf *out);
