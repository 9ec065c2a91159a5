/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Which alerts somebody has been told of, so that each is told once: when it has lasted for as long as its
 * kind must, and not again before it has been gone for ALERT_BOOK_GONE_MS. Knows no text of an alert but
 * the message that was made of it, no clock, and nobody who is told. */
#include <stdbool.h>
#include <stdint.h>
#include "base/map.h"

enum {
    ALERT_BOOK_MAX = 1024,        /* alerts at once; further ones are not taken */
    ALERT_BOOK_ENDS_MAX = 64,     /* of them, what has happened and waits */
    ALERT_BOOK_GAP_MS = 15000,    /* not seen for longer: it has begun anew */
    ALERT_BOOK_STALE_MS = 150000, /* not seen for longer: it is not told any more */
    ALERT_BOOK_GONE_MS = 15 * 60000,
};

enum alert_book_state { ALERT_BOOK_WAITS, ALERT_BOOK_BEING_TOLD, ALERT_BOOK_TOLD };

struct alert_book_entry {
    char *key;     /* "k3f9 failures": whose it is, and its kind */
    char *message; /* as it was when it was last seen; NULL: an earlier process has told it */
    enum alert_book_state state;
    bool once; /* it has happened and does not last, as the end of a sweep */
    int64_t hold_ms, first_ms, seen_ms;
};

struct alert_book {
    struct map entries; /* key -> struct alert_book_entry *, in the order in which they began */
};

void alert_book_init(struct alert_book *b);
void alert_book_done(struct alert_book *b);
/* The alert is there now, and is told if it lasts for hold_ms. False if the book is full. */
bool alert_book_see(struct alert_book *b, const char *key, const char *message, int64_t hold_ms,
                    int64_t now_ms);
/* The same of something that has happened: it is told whenever that is possible. */
bool alert_book_happen(struct alert_book *b, const char *key, const char *message, int64_t now_ms);
/* It has been told, and has not been gone for ALERT_BOOK_GONE_MS since. */
bool alert_book_is_told(const struct alert_book *b, const char *key);
/* An earlier process has told it. */
void alert_book_know(struct alert_book *b, const char *key, int64_t now_ms);
/* It is over, without a doubt: if it comes again, it is another. */
void alert_book_end(struct alert_book *b, const char *key);
/* The alert to be told next; NULL: none now. */
struct alert_book_entry *alert_book_next(const struct alert_book *b, int64_t now_ms);
/* This alert, and those that the same message names, are being told. The next of them after *at, from 0;
 * NULL: no more. */
struct alert_book_entry *alert_book_tell(struct alert_book *b, const char *message, size_t *at);
/* All that were being told have been told. */
void alert_book_told(struct alert_book *b);
/* Forgets what is over. Returns the key of an alert that was told and is gone, which is to be recorded and is
 * the caller's; NULL: no more. */
char *alert_book_over(struct alert_book *b, int64_t now_ms);
