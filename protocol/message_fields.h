/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The fields of the messages (message.h): the bit's name, the name in C and in JSON, what it is. */

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
    X(SIZE, size, INT)                     /* of a log or a file, in bytes */                       \
    X(ROWS, rows, VALUE)                   /* lines of a log: log_fold.h; null: in bytes */         \
    X(PATH, path, STR)                     /* in the folder of a trial; "": all files in it */      \
    X(LEFT_OUT, left_out, INT)             /* entries of the folder that `rows` lacks */            \
    X(TOKEN, token, STR)                   /* id of a credential */                                 \
    X(HASH, hash, STR)                     /* of a key or a token: sweep/trust/credential.h */      \
    X(ERROR, error, STR)                   /* name of an ERR_*; "" where there is none */
