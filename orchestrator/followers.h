/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Followers of a store: each gets the facts from a number on, each once and in order. Facts in the
 * store are read from it, a page for one follower in each turn of the loop, so that the loop never
 * waits long, and only while that follower has room. Facts that are committed later are handed on at
 * once. Knows no follower's purpose. */
#include <stdbool.h>
#include "sweep/fact.h"

struct uv_loop_s;
struct followers;

/* f is valid until the function returns, which may add and remove followers. */
typedef void (*followers_fn)(void *arg, const struct fact *f);

/* Of a follower that may be slow, with its arg. It must live as long as the follower. */
struct followers_pace {
    /* Whether it takes facts of the store now; where it takes none, followers_wake follows. */
    bool (*room)(void *arg);
    /* It has read for too long: the facts that it lacks are left out, up to the last durable one. */
    void (*late)(void *arg, uint64_t last);
};

/* Of one page: facts, and bytes of memory that these take; one fact may take more. */
enum { FOLLOWERS_PAGE = 256, FOLLOWERS_PAGE_BYTES = 256 << 10 };
enum { FOLLOWERS_LATE = 10000 }; /* facts that are committed while one that reads has no room */

/* `last` is the number of the last fact that is durable in the store in dir. */
struct followers *followers_new(struct uv_loop_s *loop, const char *dir, uint64_t last);
/* Starts at number `from`, which may be in the future. pace: NULL for one that is never slow. Returns an id
 * for removal. */
uint64_t followers_add(struct followers *fs, uint64_t from, followers_fn fn,
                       const struct followers_pace *pace, void *arg);
void followers_remove(struct followers *fs, uint64_t name);
/* A follower that had no room has some. */
void followers_wake(struct followers *fs);
/* These facts have become durable. */
void followers_committed(struct followers *fs, const struct fact *facts, size_t n);
/* Whether a follower reads the store: folding metrics now would deliver them twice. */
bool followers_are_reading(const struct followers *fs);
void followers_close(struct followers *fs); /* the loop must run on; then followers_free */
void followers_free(struct followers *fs);
