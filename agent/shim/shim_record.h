/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The text of the file `owner` in an attempt's directory: who claimed the attempt, which training
 * was started, how it ended. The shim appends to it in that order; a part without its last line is
 * ignored, so an incomplete write is recognised. Converts text to a value and back, without files
 * or clock; the shim, the agent and the simulator share it (docs/SHIM.md). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"

#define SHIM_OWNER_FILE "owner"
#define SHIM_SPARE_FILE "owner.spare" /* a spare file to turn into it */
#define SHIM_STDOUT_FILE "stdout"     /* the lines that --stdout asks for */
#define SHIM_SYSTEM_FILE "system"     /* what the attempt uses of its host, in lines of JSON */
/* Marker lines of the shim in SHIM_STDOUT_FILE, which are never metrics: a line of stdout, whose
 * number follows, was too long; no more lines are kept. */
#define SHIM_CAPTURE_STDERR "\x02" /* begins a line of stderr */
#define SHIM_CAPTURE_LONG "\x01long "
#define SHIM_CAPTURE_FULL \
    "\x01"                \
    "full\n"

enum {
    SHIM_EXIT_USAGE = 2,
    SHIM_EXIT_OWNED = 17, /* the directory has an owner already; nothing was started */
    SHIM_EXIT_NO_DIR = 18,
    SHIM_EXIT_FAILED = 19,    /* the claim could not be written; nothing was started */
    SHIM_RECORD_BYTES = 4096, /* one disk block: the end of an attempt fits even on a full disk */
    SHIM_BOOT_BYTES = 40,
    SHIM_ERROR_BYTES = 512,
};

/* Why besom ended training. LAUNCH, HOST: training was never started, and `error` says why;
 * LAUNCH: by its own fault, HOST: because a descriptor, a process or memory was missing. */
#define SHIM_CAUSE_LIST(X)         \
    X(SHIM_CAUSE_NONE, "none")     \
    X(SHIM_CAUSE_STOP, "stop")     \
    X(SHIM_CAUSE_KILL, "kill")     \
    X(SHIM_CAUSE_TIME, "time")     \
    X(SHIM_CAUSE_LAUNCH, "launch") \
    X(SHIM_CAUSE_HOST, "host")

enum shim_cause {
#define X(name, text) name,
    SHIM_CAUSE_LIST(X)
#undef X
};

struct shim_end {
    int code;   /* exit code, meaningful where signal is 0 */
    int signal; /* that ended training's main process; 0: it exited */
    enum shim_cause cause;
    bool oom;         /* the memory cgroup counted a kill, and besom did not send the SIGKILL */
    bool durable;     /* synced after the metrics: a power cut cannot have damaged it */
    bool unkillable;  /* some process survived SIGKILL for a minute and may still be alive */
    int64_t ended_ms; /* since 1970 */
    int64_t ran_ms;   /* from its start until all its processes had ended, by a steady clock */
    uint64_t dropped; /* bytes of output not kept in the log */
    uint64_t stdout_dropped; /* bytes of lines for metrics past what is kept of stdout */
    uint64_t stdout_lost;    /* bytes of them that could not be written: no space on the disk */
    bool disk_full;          /* there was no space for another line of metrics when it ended */
    char error[SHIM_ERROR_BYTES]; /* one line; "" if there is nothing to say */
};

struct shim_record {
    int64_t pid; /* of the shim; 0: claimed by the agent so that no shim can (attempt_dir_close) */
    uint64_t start; /* field 22 of the shim's /proc/PID/stat */
    char boot[SHIM_BOOT_BYTES];
    uint64_t
        pid_namespace; /* inode of its /proc/self/ns/pid: pids mean nothing outside; 0: unknown */
    uint64_t device, inode; /* of the directory it claimed: a copy has others; 0: unknown */
    int64_t training;       /* pid, also its process group; 0 until its exec has succeeded */
    bool has_end;
    struct shim_end end;
};

const char *shim_cause_name(enum shim_cause cause);

/* Each writes NUL-terminated text into out and returns its length. */
size_t shim_record_print_claim(char out[SHIM_RECORD_BYTES], const struct shim_record *r);
size_t shim_record_print_training(char out[SHIM_RECORD_BYTES], int64_t pid);
size_t shim_record_print_end(char out[SHIM_RECORD_BYTES], const struct shim_end *end);

/* Fills *ret with the complete parts; ERR_DAMAGED if not even the claim is complete. */
NODISCARD int shim_record_parse(const char *text, size_t len, struct shim_record *ret);
