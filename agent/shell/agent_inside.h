/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The agent's shell (agent/agent.h) for its own files, and what they all do: queue an event for the core,
 * send a message, warn a person. */
#include <uv.h>

#include "agent/core/agent_core.h"
#include "agent/gpu/gpu_ends.h"
#include "agent/gpu/gpu_slots.h"
#include "agent/launch/launch.h"
#include "agent/metrics/readers.h"
#include "agent/shell/agent_config.h"
#include "agent/warnings.h"
#include "net/link.h"
#include "net/turn.h"

struct agent {
    struct agent_config config;
    struct launch_context launching;
    struct agent_core core;
    struct attempts *attempts;
    struct warnings warnings;
    struct readers readers;
    struct sampler *sampler;
    struct gpu_slots *gpus; /* NULL: its slots have none */
    struct gpu_ends ends;
    struct code_tree *tree;    /* NULL: nobody asks what its folders hold */
    struct code_fetch *fetch;  /* NULL: snapshots are here */
    struct files_desk *files;  /* NULL before the first question */
    struct map collecting;     /* key -> struct agent_found *, held until wandb's files are read */
    struct wandb_front *wandb; /* NULL: it could not listen */
    struct wandb_link *uplink; /* NULL: the front asks nobody, or the controller in this process */
    bool hurried;              /* it was asked to leave a second time */
    struct link *link;         /* NULL: none, or down */
    uv_timer_t retry, load;
    struct spool_keeper *keeper;
    uint32_t tries; /* since the last welcome */
    bool closing;
    struct turn turn;
    struct arena out;        /* memory that effects point to */
    struct agent_key *trims; /* attempts to trim at the end of this turn */
    size_t trims_n, trims_cap;
    struct buf text;
    bool no_room; /* as the core was last told */
};

/* An event of this moment for the core; key may be NULL. The caller fills in the rest. */
struct agent_event *agent_inside_queue(struct agent *a, enum agent_event_kind kind,
                                       const struct agent_key *key);
void agent_inside_warn(void *arg, const struct err *err); /* arg: the agent */
/* The controller did something wrong. */
void agent_inside_complain(struct agent *a, const char *text);
/* Drops the message if the link is down. arg: the agent. */
void agent_inside_send(void *arg, const struct message *m);
