/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The messages between a controller and its agents (docs/PROTOCOL.md). One table lists the fields
 * (message_fields.h), one the messages. Every message names the store and the controller's epoch; one about an attempt
 * also names sweep, trial and attempt, so that stale messages are recognised. */
#include "base/buf.h"
#include "base/value.h"
#include "protocol/message_fields.h"

enum { MESSAGE_VERSION = 1 };

enum message_field {
#define X(id, name, kind) MESSAGE_BIT_##id,
    MESSAGE_FIELDS(X)
#undef X
};
#define MESSAGE_F(id) (1ull << MESSAGE_BIT_##id)
#define MESSAGE_OF_ATTEMPT (MESSAGE_F(SWEEP) | MESSAGE_F(TRIAL) | MESSAGE_F(ATTEMPT))

/* type, word, the fields it carries; those up to `renewal` go to the controller */
#define MESSAGE_TYPES(X)                                                                           \
    X(MESSAGE_HELLO, "hello",                                                                      \
      MESSAGE_F(VERSION) | MESSAGE_F(AGENT) | MESSAGE_F(INSTANCE) | MESSAGE_F(SLOTS) |             \
          MESSAGE_F(HOST) | MESSAGE_F(LEAVING) | MESSAGE_F(HELD))                                  \
    X(MESSAGE_SLOTS, "slots", MESSAGE_F(SLOTS))                                                    \
    X(MESSAGE_METRICS, "metrics",                                                                  \
      MESSAGE_OF_ATTEMPT | MESSAGE_F(STREAM) | MESSAGE_F(FROM) | MESSAGE_F(TO) |                   \
          MESSAGE_F(AT_MS) | MESSAGE_F(TEXT) | MESSAGE_F(LINE) | MESSAGE_F(BAD_LINES) |            \
          MESSAGE_F(BAD_LINE) | MESSAGE_F(LONG_LINES) | MESSAGE_F(LONG_LINE))                      \
    X(MESSAGE_ENDED, "ended",                                                                      \
      MESSAGE_OF_ATTEMPT | MESSAGE_F(AT_MS) | MESSAGE_F(RAN_MS) | MESSAGE_F(CAUSE) |               \
          MESSAGE_F(CODE) | MESSAGE_F(SIGNAL) | MESSAGE_F(OOM) | MESSAGE_F(DROPPED) |              \
          MESSAGE_F(STDOUT_DROPPED) | MESSAGE_F(NO_ROOM) | MESSAGE_F(REWRITES) | MESSAGE_F(TEXT))  \
    X(MESSAGE_CODE, "code", MESSAGE_F(SWEEP) | MESSAGE_F(TEXT))                                    \
    X(MESSAGE_WAITS, "waits", MESSAGE_OF_ATTEMPT | MESSAGE_F(TEXT))                                \
    X(MESSAGE_LOAD, "load", MESSAGE_F(HOST))                                                       \
    X(MESSAGE_LOG, "log",                                                                          \
      MESSAGE_OF_ATTEMPT | MESSAGE_F(REQUEST) | MESSAGE_F(FROM) | MESSAGE_F(TO) | MESSAGE_F(END) | \
          MESSAGE_F(SIZE) | MESSAGE_F(BYTES) | MESSAGE_F(ROWS) | MESSAGE_F(ERROR) |                \
          MESSAGE_F(TEXT))                                                                         \
    X(MESSAGE_FILES, "files",                                                                      \
      MESSAGE_OF_ATTEMPT | MESSAGE_F(REQUEST) | MESSAGE_F(FROM) | MESSAGE_F(TO) | MESSAGE_F(END) | \
          MESSAGE_F(SIZE) | MESSAGE_F(BYTES) | MESSAGE_F(ROWS) | MESSAGE_F(LEFT_OUT) |             \
          MESSAGE_F(ERROR) | MESSAGE_F(TEXT))                                                      \
    X(MESSAGE_RENEWAL, "renewal", MESSAGE_F(TOKEN) | MESSAGE_F(HASH))                              \
    X(MESSAGE_WELCOME, "welcome", MESSAGE_F(VERSION))                                              \
    X(MESSAGE_REFUSED, "refused", MESSAGE_F(TEXT))                                                 \
    X(MESSAGE_DRAINED, "drained", 0)                                                               \
    X(MESSAGE_RELEASE, "release", 0)                                                               \
    X(MESSAGE_RENEW, "renew", 0)                                                                   \
    X(MESSAGE_RENEWED, "renewed", MESSAGE_F(TOKEN) | MESSAGE_F(TEXT))                              \
    X(MESSAGE_SWEEP, "sweep",                                                                      \
      MESSAGE_F(SWEEP) | MESSAGE_F(COMMAND) | MESSAGE_F(FLAGS) | MESSAGE_F(PROGRAM) |              \
          MESSAGE_F(ENV) | MESSAGE_F(WANDB) | MESSAGE_F(WORKDIR) | MESSAGE_F(SNAPSHOT) |           \
          MESSAGE_F(TIME_MS) | MESSAGE_F(REPORT))                                                  \
    X(MESSAGE_SWEEP_DONE, "sweep_done", MESSAGE_F(SWEEP))                                          \
    X(MESSAGE_LAUNCH, "launch",                                                                    \
      MESSAGE_OF_ATTEMPT | MESSAGE_F(SLOT) | MESSAGE_F(GRANT) | MESSAGE_F(PARAMS) |                \
          MESSAGE_F(OFFSETS))                                                                      \
    X(MESSAGE_STOP, "stop", MESSAGE_OF_ATTEMPT | MESSAGE_F(NOW))                                   \
    X(MESSAGE_FORGET, "forget", MESSAGE_OF_ATTEMPT)                                                \
    X(MESSAGE_METRICS_ACK, "metrics_ack", MESSAGE_OF_ATTEMPT | MESSAGE_F(STREAM) | MESSAGE_F(TO))  \
    X(MESSAGE_ENDED_ACK, "ended_ack", MESSAGE_OF_ATTEMPT)                                          \
    X(MESSAGE_LOG_READ, "log_read",                                                                \
      MESSAGE_OF_ATTEMPT | MESSAGE_F(REQUEST) | MESSAGE_F(FROM) | MESSAGE_F(TO) |                  \
          MESSAGE_F(LINES) | MESSAGE_F(MAX) | MESSAGE_F(FOLD) | MESSAGE_F(FIND))                   \
    X(MESSAGE_FILES_READ, "files_read",                                                            \
      MESSAGE_OF_ATTEMPT | MESSAGE_F(REQUEST) | MESSAGE_F(PATH) | MESSAGE_F(FROM) |                \
          MESSAGE_F(MAX))

enum message_type {
#define X(id, word, fields) id,
    MESSAGE_TYPES(X)
#undef X
        MESSAGE_TYPE_COUNT
};

/* Integers are 0 to 2^53. Strings and values live in what they were decoded from, or the arena. */
struct message {
    enum message_type type;
    const char *store;
    uint64_t epoch;
#define MESSAGE_C_INT uint64_t
#define MESSAGE_C_STR const char *
#define MESSAGE_C_VALUE const struct value *
#define X(id, name, kind) MESSAGE_C_##kind name;
    MESSAGE_FIELDS(X)
#undef X
};

const char *message_name(enum message_type t);
/* A string field that is NULL is sent as "", a value field that is NULL as null. */
struct value *message_encode(struct arena *a, const struct message *m);
/* ERR_PROTOCOL names a missing field or one of the wrong kind; unknown fields are skipped. */
NODISCARD int message_decode(const struct value *v, struct message *ret, struct err *err);
/* Copies what the message points to into the arena; a NULL becomes "" or null. */
void message_keep(struct arena *a, struct message *m);
/* Both at once with the JSON text that a frame holds. */
void message_print(struct buf *out, const struct message *m);
NODISCARD int message_parse(struct arena *a, const char *text, size_t len, struct message *ret,
                            struct err *err);
