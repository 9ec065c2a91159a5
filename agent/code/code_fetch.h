/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Fetches the snapshots that this host lacks from the controller, one after the other, and unpacks
 * them on a thread of its own. A cut connection is continued where it was; what arrives has to have the
 * content that its name says. Every wait ends: after ten minutes without progress, or the third wrong
 * answer, the snapshot has failed. Whoever wants one asks again and again: what nobody asks for
 * any longer is given up. */
#include "base/err.h"

struct stream;
struct uv_loop_s;
struct code_fetch;

struct code_fetch_config {
    struct uv_loop_s *loop;
    const char *dir; /* as in agent/code/code_copies.h */
    /* Connects to the controller. *host: for the header; *token: NULL where the connection's key
     * speaks for the agent. */
    int (*connect)(void *arg, struct stream **ret, const char **host, const char **token,
                   struct err *err);
    void *arg;
};

enum code_fetch_state { CODE_FETCH_READY, CODE_FETCH_WAITS, CODE_FETCH_FAILED };
enum { CODE_FETCH_WHY_BYTES = 200 };

NODISCARD int code_fetch_new(const struct code_fetch_config *config, struct code_fetch **ret,
                             struct err *err);
/* Whether the snapshot is here, unpacked; if it is not, it is fetched. why: what it waits for, or
 * why it failed. */
enum code_fetch_state code_fetch_want(struct code_fetch *f, const char *hash,
                                      char why[CODE_FETCH_WHY_BYTES]);
void code_fetch_close(struct code_fetch *f); /* the loop must run on; then code_fetch_free */
void code_fetch_free(struct code_fetch *f);  /* takes NULL */
