/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The input and output of a step of the agent's core: events, which the shell or the simulator
 * observed, and effects, which it executes in order. */
#include "protocol/message.h"

struct attempt_dir;

/* Zero-initialised before it is filled, and without padding: its bytes are a key. */
struct agent_key {
    char sweep[16];
    uint64_t trial, attempt;
};

/* How an attempt ended, in the words of the protocol. */
struct agent_end {
    const char *cause; /* none stop kill preempt interrupt time launch host shim reboot copy code
                        * unkillable; a constant */
    int code, signal;
    bool oom;
    int64_t at_ms, ran_ms; /* ran_ms 0: not measured */
    uint64_t dropped;
    uint64_t stdout_dropped; /* bytes of lines for metrics past what is kept of stdout */
    bool no_room;            /* the disk had none for its metrics */
    char text[256];
};

enum agent_found_state {
    AGENT_FOUND_ABSENT,  /* no directory */
    AGENT_FOUND_UNOWNED, /* not claimed; a shim that is starting still may claim it */
    AGENT_FOUND_ALIVE,   /* its shim lives */
    AGENT_FOUND_ENDED,   /* end */
    AGENT_FOUND_DEAD,    /* its shim left no end; processes of training may be left */
    AGENT_FOUND_COPIED,  /* it belongs to the store that this one was copied from */
    AGENT_FOUND_FAULT,   /* fault, text */
};

enum agent_fault {
    AGENT_FAULT_LAUNCH, /* of what was to be launched */
    AGENT_FAULT_HOST,   /* the directory cannot be read */
    AGENT_FAULT_BUSY,   /* no descriptor, process or space is left at the moment */
    AGENT_FAULT_WAIT,   /* what it needs is being fetched, and the fetch has a time limit */
    AGENT_FAULT_CODE,   /* the sweep's code cannot be had here */
};

/* The state of an attempt's directory, or why it could not be inspected or launched. */
struct agent_found {
    enum agent_found_state state;
    bool reported;         /* metrics are in it */
    bool closed, rebooted; /* DEAD: no shim can have started; the machine was rebooted since */
    int64_t age_ms;        /* ALIVE: of its shim; 0: not known */
    struct agent_end end;
    enum agent_fault fault;
    char text[256];
};

void agent_found_set(struct agent_found *ret, const struct attempt_dir *dir);
int agent_found_code(const struct agent_found *found); /* of an ended attempt, as a shell has it */

enum agent_signal {
    AGENT_SIGNAL_NONE,
    AGENT_SIGNAL_CONTINUE, /* its time is up, and it may have been stopped */
    AGENT_SIGNAL_STOP,     /* politely */
    AGENT_SIGNAL_KILL,     /* the shim is to kill all of it */
    AGENT_SIGNAL_FORCE,    /* the shim itself, and all of training, are killed */
};

/* Why the agent's process is about to end. */
enum agent_leave {
    AGENT_STAYS,
    AGENT_DRAINED,     /* the controller has nothing more for it */
    AGENT_INTERRUPTED, /* by a person, as with Ctrl-C */
    AGENT_PREEMPTED,   /* its host is taken away */
};

enum agent_event_kind {
    AGENT_EV_TICK,
    AGENT_EV_LINK_UP,
    AGENT_EV_LINK_DOWN,
    AGENT_EV_MESSAGE, /* message */
    AGENT_EV_FOUND,   /* key, found */
    AGENT_EV_STARTED, /* key: its shim is alive, and GONE will follow */
    AGENT_EV_GONE,    /* key: its shim is not alive any longer */
    AGENT_EV_SWEPT,   /* key, left */
    AGENT_EV_SAMPLED, /* key: its third stream has grown */
    AGENT_EV_READ,    /* key, stream, from, to, text, more */
    AGENT_EV_LEAVE,   /* leave: INTERRUPTED or PREEMPTED; again: do not wait for the trainings */
    AGENT_EV_ROOM,    /* room: whether there is room on the disk for another attempt */
    AGENT_EV_CODE,    /* key.sweep, or "": text: what is in its folder (agent/code/code_tree.h) */
    AGENT_EV_LOAD,    /* load: what its host has left and does, as in the message */
    AGENT_EV_SLOTS,   /* slots: what it offers from now on; never another number of them */
};

struct agent_event {
    enum agent_event_kind kind;
    int64_t now_ms, wall_ms;
    const struct message *message;
    struct agent_key key;
    enum agent_leave leave;
    const struct agent_found *found;
    const struct value *slots; /* list of dicts, as in a hello */
    const struct value *load;
    size_t left;
    uint32_t stream;
    uint64_t from, to;
    const char *text;
    bool more, room;
    /* READ: the number of the first line of text, 0 if unknown; lines that are left out of it, and
     * the first of them; how often the file was found truncated or replaced */
    uint64_t line, bad_lines, bad_line, long_lines, long_line, rewrites;
};

enum agent_effect_kind {
    AGENT_DO_RELEASE, /* end the quarantines of its GPUs */
    AGENT_DO_SEND,    /* message */
    AGENT_DO_LOOK,    /* key, message (the launch, where it is known): answer with FOUND */
    AGENT_DO_CLOSE,   /* key: claim the directory, so that no shim can; then as LOOK */
    AGENT_DO_START,   /* key, message (the launch): answer with STARTED, FOUND (a fault) or GONE */
    AGENT_DO_WATCH,   /* key: answer with STARTED or GONE */
    AGENT_DO_SIGNAL,  /* key, signal */
    AGENT_DO_SWEEP,   /* key: SIGKILL to what a dead shim left; answer with SWEPT */
    AGENT_DO_READ,    /* key, stream, from, last (it has ended): answer with READ */
    AGENT_DO_TRIM,    /* key: the directory is not needed any longer */
    AGENT_DO_ANSWER,  /* key, message: the answer, with what was asked for in its fields: send it */
    AGENT_DO_RENEW,   /* message: the answer, without the credential that is to be made: send it */
    AGENT_DO_RENEWED, /* message: use that credential from now on; or `text`: it is refused */
    AGENT_DO_WARN,    /* message: its `text` is for a person */
    AGENT_DO_CLOSE_LINK, /* message: the controller does what it must not, as its `text` says */
};

struct agent_effect {
    enum agent_effect_kind kind;
    struct agent_key key;
    struct message message;
    enum agent_signal signal;
    bool last;
    uint32_t stream;
    uint64_t from;
};

struct agent_effects {
    struct arena *arena; /* the data of the messages, until they are executed */
    struct agent_effect *items;
    size_t n, cap;
};

void agent_effects_init(struct agent_effects *out, struct arena *arena);
void agent_effects_done(struct agent_effects *out);
struct agent_effect *agent_effects_add(struct agent_effects *out, enum agent_effect_kind kind,
                                       const struct agent_key *key); /* key may be NULL */
