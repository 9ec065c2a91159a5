/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The agent's core: a pure machine that sees to it that the attempts it was told to launch run,
 * that what they report reaches the controller, and that nothing is let go of before it is
 * acknowledged. All that it keeps is a cache: directories hold the attempts, the controller the
 * offsets. Knows no process, file or clock. */
#include "agent/agent_sweeps.h"

enum { AGENT_POLL_MS = 200, AGENT_STREAMS = 2 };

/* Zero-initialised before it is filled, and without padding: its bytes are a key. */
struct agent_key {
    char sweep[16];
    uint64_t trial, attempt;
};

/* How an attempt ended, in the words of the protocol. */
struct agent_end {
    const char *cause; /* none stop kill time launch shim reboot unkillable; a constant */
    int code, signal;
    bool oom;
    int64_t at_ms, ran_ms; /* ran_ms 0: nobody measured it */
    uint64_t dropped;
    uint64_t stdout_dropped; /* bytes of lines for metrics past what is kept of stdout */
    bool no_room;            /* the disk had none for its metrics */
    char text[256];
};

/*   held ---launch---> starting ---> running ---> draining ---> reporting ---ack---> (gone)
 *     \________________forget: from each of them ______________\-> forgetting ------> (gone) */
enum agent_entry_state {
    AGENT_HELD,     /* found at the start, and the controller has not said yet what it wants of it;
                       or launched, and waiting for its slot */
    AGENT_STARTING, /* being launched, or looked at */
    AGENT_RUNNING,
    AGENT_DRAINING,  /* it has ended; the rest of its metrics is on the way */
    AGENT_REPORTING, /* its end is on the way */
    AGENT_FORGETTING,
    AGENT_ENTRY_STATES
};

struct agent_stream {
    uint64_t offset; /* durable at the controller */
    bool reading;    /* a read is under way */
    bool in_flight;  /* metrics are on the way, unacknowledged */
    bool more;       /* there is more to read than was sent */
    bool read_last;  /* the last read began after the end */
    bool drained;    /* ended, and all of it is durable */
};

struct agent_entry {
    struct agent_key key;
    int state;    /* enum agent_entry_state */
    bool capture; /* it has a second stream */
    int stop;     /* 0 no, 1 asked, 2 at once */
    bool found;   /* its directory was there when the agent started */
    uint32_t slot;
    bool waiting; /* held: for what is being forgotten in its slot, or for room on the disk; then
                     `launch` starts it */
    struct message launch;
    struct arena kept; /* what `launch` points to */
    struct agent_stream streams[AGENT_STREAMS];
    struct agent_end end;
    uint64_t rewrites; /* how often its metrics file was found cut or replaced */
};

struct agent_core {
    char name[64];
    uint32_t slots;
    char store[64]; /* "" before the first welcome */
    uint64_t epoch;
    bool linked, welcomed;
    bool no_room; /* on the disk: nothing is started */
    int64_t poll_at_ms;
    struct map entries; /* key -> struct agent_entry * */
    struct agent_sweeps sweeps;
};

enum agent_event_kind {
    AGENT_EV_TICK,
    AGENT_EV_LINK_UP,
    AGENT_EV_LINK_DOWN,
    AGENT_EV_MESSAGE,   /* message */
    AGENT_EV_STARTED,   /* key: its shim is alive */
    AGENT_EV_ENDED,     /* key, end: nothing of it is alive */
    AGENT_EV_READ,      /* key, stream, from, to, text, more */
    AGENT_EV_FORGOTTEN, /* key */
    AGENT_EV_ROOM,      /* room: whether there is room on the disk for another attempt */
};

struct agent_event {
    enum agent_event_kind kind;
    int64_t now_ms, wall_ms;
    const struct message *message;
    struct agent_key key;
    const struct agent_end *end;
    uint32_t stream;
    uint64_t from, to;
    const char *text;
    bool more, room;
    /* READ: the number of the first line of text, 0 not known; lines that are left out of it, and
     * the first of them; how often the file was found cut or replaced */
    uint64_t line, bad_lines, bad_line, long_lines, long_line, rewrites;
};

enum agent_effect_kind {
    AGENT_DO_SEND, /* message */
    AGENT_DO_START, /* key, message (the launch with its sweep's part): answer with STARTED or ENDED; running already is
                        STARTED */
    AGENT_DO_SIGNAL, /* key, now */
    AGENT_DO_READ,   /* key, stream, from, last (it has ended): answer with READ */
    AGENT_DO_TRIM,   /* key */
    AGENT_DO_FORGET, /* key: kill, trim, answer with FORGOTTEN */
};

struct agent_effect {
    enum agent_effect_kind kind;
    struct agent_key key;
    struct message message;
    bool now, last;
    uint32_t stream;
    uint64_t from;
};

struct agent_effects {
    struct arena *arena; /* what the messages point to, until they are carried out */
    struct agent_effect *items;
    size_t n, cap;
};

void agent_effects_init(struct agent_effects *out, struct arena *arena);
void agent_effects_done(struct agent_effects *out);

void agent_core_init(struct agent_core *c, const char *name, uint32_t slots);
void agent_core_done(struct agent_core *c);
/* Tells it of an attempt whose directory was found, before the first step. */
void agent_core_hold(struct agent_core *c, const struct agent_key *key);
void agent_core_step(struct agent_core *c, const struct agent_event *ev, struct agent_effects *out);
int64_t agent_core_deadline(const struct agent_core *c); /* steady clock; INT64_MAX: never */
struct agent_entry *agent_core_find(const struct agent_core *c, const struct agent_key *key);
/* Whether a launch waits for room on the disk. */
bool agent_core_waits_for_room(const struct agent_core *c);
/* Attempts of this sweep that it still has something to do with; of all, where it is NULL. */
size_t agent_core_count(const struct agent_core *c, const char *sweep);
/* Whether some attempt of this key's trial is among them. */
bool agent_core_has_trial(const struct agent_core *c, const struct agent_key *key);
