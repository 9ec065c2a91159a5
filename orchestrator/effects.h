/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What goes into the controller's core and what comes out: events with their time, effects in
 * order. Whatever follows an EFFECT_PERSIST waits until that fact is durable. */
#include "protocol/message.h"
#include "sweep/fact.h"

enum event_kind {
    EVENT_TICK,
    EVENT_MESSAGE,   /* link, message */
    EVENT_LINK_DOWN, /* link */
    EVENT_CREATE,    /* create: a fact of kind FACT_SWEEP_CREATED but for its time */
    EVENT_PROPOSED,  /* sweep and a proposal, or `exhausted` with text NULL or what went wrong */
    EVENT_COMMAND,   /* request, command, sweep */
    EVENT_SHUTDOWN   /* end what runs, so that it can be resumed; again: at once */
};

enum controller_command { COMMAND_PAUSE, COMMAND_RESUME, COMMAND_STOP, COMMAND_CANCEL };

struct event {
    enum event_kind kind;
    int64_t now_ms;  /* steady clock */
    int64_t wall_ms; /* since 1970: only for the records */
    uint32_t link;   /* from 1 */
    const struct message *message;
    const struct fact *create;
    const char *sweep;
    bool exhausted;
    const char *text;
    uint64_t cursor;
    const struct value *params, *why;
    uint64_t request;
    enum controller_command command;
};

enum effect_kind {
    EFFECT_PERSIST, /* fact */
    EFFECT_SEND,    /* link, message */
    EFFECT_CLOSE,   /* link, text */
    EFFECT_PROPOSE, /* sweep: answer with one EVENT_PROPOSED */
    EFFECT_REPLY    /* request, code (0 or ERR_*), text */
};

struct effect {
    enum effect_kind kind;
    struct fact fact;
    uint32_t link;
    struct message message;
    const char *sweep;
    uint64_t request;
    int code;
    const char *text;
};

struct effects {
    struct arena *arena; /* what the effects point to lives here, until they are carried out */
    struct effect *items;
    size_t n, cap;
};

/* The command that this word names: "pause", "resume", "stop", "cancel"; -1 if none. */
int effects_command_find(const char *word);

void effects_init(struct effects *out, struct arena *arena);
void effects_done(struct effects *out);
void effects_clear(struct effects *out);
struct effect *effects_add(struct effects *out, enum effect_kind kind);
