/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The state of one attempt in the agent's core: how much of its report was sent, and what is known
 * of its processes. */
#include "agent/core/agent_step.h"
#include "base/arena.h"

enum { AGENT_POLL_MS = 200, AGENT_GRACE_MS = 30000 };

/* SYSTEM: what the attempt uses of its host, which the agent writes into a file of its own. */
enum { AGENT_STREAM_FILE, AGENT_STREAM_STDOUT, AGENT_STREAM_SYSTEM, AGENT_STREAMS };

/*   held ---launch---> starting ---> running ---> draining ---> reporting ---ack---> (gone)
 *     \________________forget: from each of them ______________\-> forgetting ------> (gone) */
enum agent_entry_state {
    AGENT_HELD,     /* found at the start, before the controller has said what to do with it; or
                     * launched, and waiting for its slot */
    AGENT_STARTING, /* being launched or inspected */
    AGENT_RUNNING,
    AGENT_DRAINING,  /* it has ended; the rest of its metrics is being sent */
    AGENT_REPORTING, /* its end is being sent */
    AGENT_FORGETTING,
    AGENT_ENTRY_STATES
};

struct agent_stream {
    uint64_t offset; /* durable at the controller */
    bool reading;    /* a read is in progress */
    bool in_flight;  /* metrics were sent and are not acknowledged yet */
    bool more;       /* there is more to read than was sent */
    bool read_last;  /* the last read began after the end */
    bool drained;    /* ended, and all of it is durable */
    bool fresh;      /* SYSTEM: there may be samples that were not read; the others are polled */
};

enum agent_process_state {
    AGENT_PROCESS_NONE,    /* not inspected yet, or over */
    AGENT_PROCESS_LOOKING, /* the directory is being inspected, or a shim started or watched: an
                            * answer will come */
    AGENT_PROCESS_ALIVE,
    AGENT_PROCESS_SWEEPING, /* its shim is dead, and the processes that it left are being killed */
    AGENT_PROCESS_BUSY,     /* the machine lacks a resource: inspect it again later */
};

struct agent_process {
    enum agent_process_state state;
    enum agent_signal asked; /* the harshest that was sent */
    int64_t due_ms;          /* when to try the next step; INT64_MAX: never */
    int64_t since_ms;        /* SWEEPING, BUSY */
    int64_t grace_ms;        /* that its shim gives training between SIGTERM and SIGKILL */
    int64_t time_ms, age_ms; /* its limit, 0: none; how old it was when we began to watch it */
    bool closed, rebooted;   /* as it was found */
    bool overdue;            /* its time is up, by our clock */
};

struct agent_entry {
    struct agent_key key;
    int state;    /* enum agent_entry_state */
    bool capture; /* it has AGENT_STREAM_STDOUT */
    int stop;     /* 0 no, 1 asked, 2 at once */
    bool left;    /* the agent ends it, because it leaves; the controller has not asked for it */
    bool found;   /* its directory was there when the agent started */
    uint32_t slot;
    /* What the launch granted, over this link or an earlier one; NULL: no launch has come. */
    struct value *grant;
    struct arena granted; /* the data of `grant` */
    char waits[256]; /* what it waits for before it starts, as the controller was told; or "" */
    bool waiting;    /* held: for what is being forgotten in its slot, or for room on the disk; then
                     `launch` starts it */
    struct agent_process process;
    struct message launch; /* until its shim is alive; type MESSAGE_LAUNCH where there is one */
    struct arena kept;     /* what `launch` points to */
    struct agent_stream streams[AGENT_STREAMS];
    struct agent_end end;
    uint64_t rewrites; /* how often its metrics file was found cut or replaced */
};
