/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The log of the shells, one line for each event:
 *
 *     2026-01-31T17:05:09.123Z info link.down peer=3 why="the peer closed it"
 *
 * A value is quoted where it is not plain; control characters and invalid bytes are escaped, long
 * values cut. Never log what may be a secret: no environment, no parameters, no command lines.
 * Cores do not log. One log a process: LOG may be called from any thread once log_open has returned.
 */
#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"

#define LOG_LEVEL_LIST(X)                                           \
    X(LOG_ERROR, "error") /* an operation of this process failed */ \
    X(LOG_WARN, "warn")   /* what a peer did wrong */               \
    X(LOG_INFO, "info")                                             \
    X(LOG_DEBUG, "debug")

enum log_level {
#define X(id, word) id,
    LOG_LEVEL_LIST(X)
#undef X
        LOG_LEVELS
};

struct log_field {
    const char *key; /* NULL ends the list */
    const char *text;
    int64_t number; /* where text is NULL */
};

int log_level_find(const char *word); /* -1 if none */
/* Before this call nothing is logged. To stderr if file is NULL, else appended to it. */
NODISCARD int log_open(enum log_level level, const char *file, struct err *err);
void log_close(void);
bool log_wants(enum log_level level);
void log_write(enum log_level level, const char *event, const struct log_field *fields);

/* LOG(LOG_INFO, "link.down", log_int("peer", 3), log_text("why", why)); the event is module.what */
#define LOG(level, event, ...)                                                           \
    do {                                                                                 \
        if (log_wants(level))                                                            \
            log_write(level, event, (struct log_field[]){__VA_ARGS__, {NULL, NULL, 0}}); \
    } while (0)

static inline struct log_field log_text(const char *key, const char *text)
{
    return (struct log_field){key, text ? text : "", 0};
}

static inline struct log_field log_int(const char *key, int64_t number)
{
    return (struct log_field){key, NULL, number};
}
