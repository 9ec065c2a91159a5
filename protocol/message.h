/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The messages between a controller and its agents (docs/PROTOCOL.md). One table lists the fields,
 * one the messages. Every message names the store and the controller's epoch; one about an attempt
 * also names sweep, trial and attempt, so that stale messages are recognised. */
#include "base/buf.h"
#include "base/value.h"

enum { MESSAGE_VERSION = 1 };

#define MESSAGE_FIELDS(X)                                                                           \
    X(VERSION, version, INT) /* of the protocol */                                                  \
    X(SWEEP, sweep, STR)                                                                            \
    X(TRIAL, trial, INT)                                                                            \
    X(ATTEMPT, attempt, INT)                                                                        \
    X(AGENT, agent, STR)       /* the agent's name */                                               \
    X(INSTANCE, instance, INT) /* drawn by an agent process at its start */                         \
    X(SLOTS, slots, VALUE)     /* a dict a slot: [{}, …]; one with `why` is not offered */        \
    X(HOST, host, VALUE)       /* {"cpus":…,"memory":…,"labels":[…],"only":…}, or null */   \
    X(LEAVING, leaving, STR)   /* why its process ends soon: drained interrupted preempted; "" */   \
    X(HELD, held, VALUE)       /* attempts it has: [[sweep, trial, attempt], …] */                \
    X(SLOT, slot, INT)                                                                              \
    X(GRANT, grant, VALUE)     /* what it holds: orchestrator/core/grant.h */                       \
    X(COMMAND, command, VALUE) /* list of strings, macros unexpanded */                             \
    X(FLAGS, flags, VALUE)     /* arguments of parameters with a `flag`; null: none */              \
    X(PROGRAM, program, STR)   /* "" where the spec has none */                                     \
    X(PARAMS, params, VALUE)                                                                        \
    X(ENV, env, VALUE)     /* dict of strings */                                                    \
    X(WANDB, wandb, VALUE) /* {"project":…,"entity":…}, maybe empty; null: leave wandb alone */ \
    X(WORKDIR, workdir, STR)                                                                        \
    X(SNAPSHOT, snapshot, STR) /* its hash: `workdir` lies in it; "" where there is none */         \
    X(TIME_MS, time_ms, INT)   /* limit of the attempt; 0: none */                                  \
    X(REPORT, report, VALUE)   /* metrics from its output: {"stdout":…,"stderr":…} */           \
    X(OFFSETS, offsets, VALUE) /* bytes of each stream that are durable */                          \
    X(NOW, now, INT)           /* 1: no grace */                                                    \
    X(STREAM, stream, INT)                                                                          \
    X(FROM, from, INT)                                                                              \
    X(TO, to, INT)                                                                                  \
    X(AT_MS, at_ms, INT)   /* when it happened, on the agent's wall clock */                        \
    X(RAN_MS, ran_ms, INT) /* how long it ran, by a steady clock; 0: not measured */                \
    X(TEXT, text, STR)                                                                              \
    X(CAUSE, cause, STR) /* of an end: none stop kill time launch shim reboot unkillable */         \
    X(CODE, code, INT)                                                                              \
    X(SIGNAL, signal, INT)                                                                          \
    X(OOM, oom, INT)                                                                                \
    X(DROPPED, dropped, INT) /* bytes of output that the log's cap cost */                          \
    X(LINE, line, INT)       /* number in its file of the first line of the text; 0: not known */   \
    X(BAD_LINES, bad_lines, INT)   /* lines left out of the text because they are not text */       \
    X(BAD_LINE, bad_line, INT)     /* number of the first of them; 0: not known */                  \
    X(LONG_LINES, long_lines, INT) /* lines left out because they are too long */                   \
    X(LONG_LINE, long_line, INT)   /* number of the first of them; 0: not known */                  \
    X(REWRITES, rewrites, INT)     /* how often the metrics file was cut or replaced */             \
    X(STDOUT_DROPPED, stdout_dropped, INT) /* bytes of stdout too much to look for metrics */       \
    X(NO_ROOM, no_room, INT)               /* 1: the disk had no room for its metrics */            \
    X(REQUEST, request, INT)               /* number of a question, repeated in its answer */       \
    X(LINES, lines, INT)                   /* the last ones of a log; 0: from an offset on */       \
    X(MAX, max, INT)                       /* bytes */                                              \
    X(END, end, INT)                       /* 1: nothing has been written after it yet */           \
    X(BYTES, bytes, STR)                   /* base64 */                                             \
    X(FOLD, fold, INT)                     /* 1: as lines to be shown: log_fold.h */                \
    X(FIND, find, STR)                     /* only lines with this text; "": all */                 \
    X(SIZE, size, INT)                     /* of a log, in bytes */                                 \
    X(ROWS, rows, VALUE)                   /* lines of a log: log_fold.h; null: in bytes */         \
    X(TOKEN, token, STR)                   /* id of a credential */                                 \
    X(HASH, hash, STR)                     /* of a key or a token: sweep/trust/credential.h */      \
    X(ERROR, error, STR)                   /* name of an ERR_*; "" where there is none */

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
          MESSAGE_F(LINES) | MESSAGE_F(MAX) | MESSAGE_F(FOLD) | MESSAGE_F(FIND))

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
