/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What an operation of the desk is given, and what it gives back.
 *
 * Most operations run on the desk's thread (desk_fn): they read and write c->runs, and return an answer.
 * The desk has begun the transaction, undoes the changes of an operation that fails, commits, and answers.
 *
 * Those that need the controller itself run on the loop: orchestrator/wandb/desk_later.h. */
#include "base/err.h"
#include "base/value.h"
#include "orchestrator/wandb/desk_report.h"
#include "protocol/wandb/wandb_exchange.h"

struct api_pages;
struct runs;
struct files;

#define DESK_ENTITY "besom" /* of scripts that name none */
#define DESK_PROJECT "uncategorized"

struct desk_call {
    struct arena *arena; /* for all that the answer points to */
    struct runs *runs;
    struct files *files;
    struct api_pages *pages; /* of DESK_LOOKS, else NULL */
    const struct wandb_ask *ask;
    const struct value *variables; /* of GraphQL: a dict, or NULL */
    int64_t now_ms;                /* since 1970 */
    const char *dir;               /* the store's */
    const char *alert;             /* set: what is passed on when it is durable, as JSON */
    unsigned char right_key[32];   /* of orchestrator/wandb/desk_right.h, if has_right_key */
    bool has_right_key;
    struct wandb_reply reply;  /* of a path: what to answer; status 0 is 200 */
    struct desk_report report; /* the run that has reported by this call, if it is of a sweep */
};

/* An operation of GraphQL: sets *ret to the whole document, {"data":{…}}. On an error, the client gets
 * its text as a GraphQL error, which it does not try again; after ERR_FULL, ERR_IO, ERR_BUSY and
 * ERR_DAMAGED it gets 503. */
typedef int (*desk_fn)(struct desk_call *c, struct value **ret, struct err *err);
/* A path other than /graphql: sets c->reply. Errors are answered by the status that belongs to them. */
typedef int (*desk_path_fn)(struct desk_call *c, struct err *err);

/* DESK_LOOKS: reads, perhaps much. It runs on another thread with a connection of its own, after what came before is stored,
 * so that nothing that is written waits for it. */
enum desk_need { DESK_READS, DESK_LOOKS, DESK_WRITES };

/* A variable of GraphQL as a text; NULL where it is missing, null, or not a text. */
const char *desk_call_text(const struct desk_call *c, const char *name);
