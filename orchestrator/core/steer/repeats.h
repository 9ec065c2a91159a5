/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Actions by the key that their sender chose: a request that is sent again is done once, and gets the same answer. Keeps the newest REPEATS_OF_ONE of each sender, in memory: one sender's actions never push out those of another, unless REPEATS_MAX are kept
 * and it has none itself. After a restart of the
 * controller, a repeated action is refused by the revision that it names (struct event, `seen`), since
 * each sweep's is new then. Knows no HTTP. */
#include <stdint.h>
#include "base/map.h"

enum {
    REPEATS_OF_ONE = 100,
    REPEATS_MAX = 1000, /* of all senders */
    REPEATS_KEY_BYTES = 128,
    REPEATS_WAITING_MAX = 8 /* for the answer of one action */
};

enum repeats_word {
    REPEATS_NEW,     /* do it, and call repeats_answer() */
    REPEATS_WAIT,    /* it is being done: the request is among those to be answered */
    REPEATS_DONE,    /* the answer is there */
    REPEATS_ANOTHER, /* the key was used for another request */
    REPEATS_CROWDED  /* too many wait, for its answer or for others */
};

struct repeat {
    char *content; /* tells requests apart */
    bool done;
    int code;   /* once it is done */
    char *text; /* of the answer */
    uint64_t waiting[REPEATS_WAITING_MAX];
    size_t waiting_n;
};

struct repeats {
    struct map by_key;
};

void repeats_init(struct repeats *r);
void repeats_done(struct repeats *r);
/* key: "SENDER KEY", of at most REPEATS_KEY_BYTES. *ret is valid until the next call. */
enum repeats_word repeats_look(struct repeats *r, const char *key, const char *content,
                               uint64_t request, const struct repeat **ret);
/* The answer of an action, which may be forgotten by now. Returns how many requests wait for it, and
 * puts them there. */
size_t repeats_answer(struct repeats *r, const char *key, int code, const char *text,
                      uint64_t ret[REPEATS_WAITING_MAX]);
