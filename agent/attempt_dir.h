/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The directory of one attempt, seen from the agent: whether its shim is alive, whether it has
 * ended, and how. A directory never has more than one owner. The owner holds a lock on its claim
 * as long as it lives: so the shim is alive exactly if the lock is held, even if pids are reused,
 * and a reboot frees the lock. This module starts nothing and must not know of slots, trials or
 * the protocol. */
#include <stdbool.h>
#include <sys/types.h>
#include "agent/shim/shim_record.h"
#include "base/err.h"

enum attempt_dir_state {
    ATTEMPT_DIR_ABSENT,  /* no directory */
    ATTEMPT_DIR_UNOWNED, /* no shim has claimed it; a shim that is starting still may */
    ATTEMPT_DIR_RUNNING, /* its shim lives */
    ATTEMPT_DIR_ENDED, /* the end is on record, all processes of it are gone (end.unkillable aside)
                        */
    ATTEMPT_DIR_DEAD,  /* its shim has ended without recording a complete end */
    ATTEMPT_DIR_COPIED, /* copied from elsewhere before the end: its shim, dead or alive, is not ours */
};

struct attempt_dir {
    enum attempt_dir_state state;
    bool rebooted;             /* DEAD: and the machine was rebooted since */
    bool closed;               /* DEAD: by attempt_dir_close: nothing was ever started */
    bool elsewhere;            /* its pids are of another boot or PID namespace */
    struct shim_record record; /* from RUNNING on; record.end where ENDED */
};

#define ATTEMPT_DIR_METRICS_FILE "metrics"
/* If training truncated or replaced the metrics file: the offset in the stream at which the
 * present file begins, and how often that happened (agent/metrics/metric_reader.c). */
#define ATTEMPT_DIR_BASE_FILE "metrics.base"
/* Which metrics are reported by wandb, and which in other ways (agent/metrics/metric_ways.h). */
#define ATTEMPT_DIR_WAYS_FILE "metrics.ways"

/* Creates the directory, mode 0700, in an existing parent. ERR_EXISTS if it exists already. It may
 * reuse the directory of an earlier attempt: then the files that are appended to, metrics,
 * stdout and system, are empty, and the caller must write all others again. */
NODISCARD int attempt_dir_make(const char *path, struct err *err);

NODISCARD int attempt_dir_probe(const char *path, struct attempt_dir *ret, struct err *err);

/* Signals the shim: SIGTERM asks for a polite stop, SIGQUIT for a kill of everything; a stopped
 * one is continued. Fails like attempt_dir_watch; never signals another process. */
NODISCARD int attempt_dir_signal(const char *path, int signal, struct err *err);

/* A pidfd of the living shim, which polls readable when it ends: used to watch an adopted shim.
 * The caller closes it. ERR_NOT_FOUND if no shim is alive. ERR_STATE if one is alive but cannot be
 * reached by its pid: its record is incomplete, or it is in another PID namespace or on another
 * machine. Then only its lock shows when it ends. */
NODISCARD int attempt_dir_watch(const char *path, int *ret_fd, struct err *err);

/* Claims a directory without an owner, so that no late shim can: from then on it is DEAD and
 * `closed`. ERR_EXISTS if a shim was first: probe again. */
NODISCARD int attempt_dir_close(const char *path, struct err *err);

/* Removes the directory with the files in it. Not while RUNNING. One that is gone already is fine.
 */
NODISCARD int attempt_dir_trim(const char *path, struct err *err);
