/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The directory of one attempt, seen from the agent: is its shim alive, has it ended, how. A
 * directory has at most one owner, ever; the owner holds a lock on its claim for life, so being
 * alive is the lock being taken, whatever becomes of pids, and a reboot frees it. This module
 * starts nothing and must not know of slots, trials or the protocol. */
#include <stdbool.h>
#include <sys/types.h>
#include "agent/shim/shim_record.h"
#include "base/err.h"

enum attempt_dir_state {
    ATTEMPT_DIR_ABSENT,  /* no directory */
    ATTEMPT_DIR_UNOWNED, /* no shim has claimed it; one that is on its way still may */
    ATTEMPT_DIR_RUNNING, /* its shim lives */
    ATTEMPT_DIR_ENDED, /* the end is on record, all processes of it are gone (end.unkillable aside)
                        */
    ATTEMPT_DIR_DEAD,  /* its shim is gone and left no complete end */
    ATTEMPT_DIR_COPIED, /* copied from elsewhere before the end: its shim, dead or alive, is not ours */
};

struct attempt_dir {
    enum attempt_dir_state state;
    bool rebooted;             /* DEAD: and the machine was started anew since */
    bool closed;               /* DEAD: by attempt_dir_close: nothing was ever started */
    bool elsewhere;            /* its pids are of another boot or PID namespace */
    struct shim_record record; /* from RUNNING on; record.end where ENDED */
};

#define ATTEMPT_DIR_METRICS_FILE "metrics"
/* Where training has cut or replaced the metrics file: the byte of the stream at which the file that
 * is there begins, and how often that was (agent/metrics/metric_reader.c). */
#define ATTEMPT_DIR_BASE_FILE "metrics.base"

/* Makes the directory, mode 0700, its parent being there. ERR_EXISTS where it is there already. It
 * may be made of an earlier attempt's: files that are appended to, metrics and stdout, are empty
 * then, others are as that left them, to be written anew by the caller. */
NODISCARD int attempt_dir_make(const char *path, struct err *err);

NODISCARD int attempt_dir_probe(const char *path, struct attempt_dir *ret, struct err *err);

/* Signals the shim: SIGTERM asks for a polite stop, SIGQUIT for a kill of everything; a stopped one
 * is continued. Fails as attempt_dir_watch does; no other process can be hit. */
NODISCARD int attempt_dir_signal(const char *path, int signal, struct err *err);

/* A pidfd of the living shim, which polls readable when it ends: how an adopted shim is watched.
 * The caller closes it. ERR_NOT_FOUND where no shim lives. ERR_STATE where one does and cannot be
 * reached by its pid: its record is cut, or it is in another PID namespace or on another machine.
 * Then only its lock tells when it ends. */
NODISCARD int attempt_dir_watch(const char *path, int *ret_fd, struct err *err);

/* Claims an unowned directory so that no late shim can: it is DEAD and `closed` from then on.
 * ERR_EXISTS where somebody was first: probe again. */
NODISCARD int attempt_dir_close(const char *path, struct err *err);

/* Removes the directory with the files in it. Not while RUNNING. One that is gone already is fine.
 */
NODISCARD int attempt_dir_trim(const char *path, struct err *err);
