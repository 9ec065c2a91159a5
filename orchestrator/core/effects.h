/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The output of the controller's core: effects, to be executed in order. All effects after an
 * EFFECT_PERSIST wait until that fact is durable. */
#include "protocol/message.h"
#include "sweep/fact.h"

enum effect_kind {
    EFFECT_PERSIST, /* fact */
    EFFECT_SEND,    /* link, message */
    EFFECT_CLOSE,   /* link, text */
    EFFECT_PROPOSE, /* sweep, wanted, known: answer with one EVENT_PROPOSED of at most so many, which
                       know the results of facts up to that number at least */
    EFFECT_REPLY,   /* request, code (0 or ERR_*), text */
    EFFECT_REVOKED,  /* text: id of a credential whose sessions must end */
    EFFECT_GIVEN_UP, /* sweep, trial, attempt: what its agent had not sent is lost; text: why;
                        silent: it is counted among the lines that are left out */
    EFFECT_AGENT /* news, of the agent in text; wanted: the slots that it offers, or the trials that
                        it runs or has lost; left_out: lines about it that were not printed before */
};

/* For people who read what the controller prints. */
enum effect_news {
    EFFECT_AGENT_UP,   /* it has connected */
    EFFECT_AGENT_AWAY, /* its connection has ended */
    EFFECT_AGENT_LEFT, /* alike, and it had said that it would leave */
    EFFECT_AGENT_LOST  /* it was away for too long */
};

struct effect {
    enum effect_kind kind;
    struct fact fact;
    uint32_t link;
    struct message message;
    const char *sweep;
    uint64_t trial, attempt;
    uint32_t wanted;
    uint64_t known;
    uint64_t asker; /* given back with the answer */
    uint64_t request;
    int code;
    enum effect_news news;
    uint32_t left_out;
    bool silent;
    const char *text;
    const struct value *answer; /* of a reply to a dry event (steer/effect.h); else NULL */
};

struct effects {
    struct arena *arena; /* the data of the effects, until they are executed */
    struct effect *items;
    size_t n, cap;
};

void effects_init(struct effects *out, struct arena *arena);
void effects_done(struct effects *out);
void effects_clear(struct effects *out);
struct effect *effects_add(struct effects *out, enum effect_kind kind);
void effects_add_news(struct effects *out, enum effect_news news, const char *agent, uint32_t n,
                      uint32_t left_out);
