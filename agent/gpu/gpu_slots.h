/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The GPUs of an agent while it runs: a child process watches them, the pool judges what it reads,
 * and the agent learns which slots it may offer. A driver that hangs blocks only the child. */
#include "agent/core/agent_core.h"
#include "agent/gpu/gpu_host.h"

struct uv_loop_s;
struct gpu_slots;

enum gpu_look { GPU_LOOK_ENDS, GPU_LOOK_SAMPLES, GPU_LOOKS }; /* who asks for it */

struct gpu_slots_handler {
    void (*changed)(void *arg);                  /* what gpu_slots_offers returns has changed */
    void (*warned)(void *arg, const char *text); /* for a person */
    void *arg;
};

/* core: of the agent, whose trials it asks for; run_dir: where their directories are. All must
 * outlive it. The host's reading is the first one. */
struct gpu_slots *gpu_slots_new(struct uv_loop_s *loop, const struct gpu_host *host,
                                const struct agent_core *core, const char *run_dir,
                                const struct gpu_slots_handler *handler);
/* The number of slots, including those that are not offered. */
uint32_t gpu_slots_count(const struct gpu_host *host);
/* In the form of a hello. */
struct value *gpu_slots_offers(const struct gpu_slots *s, struct arena *a);
/* A trial with this grant starts. */
void gpu_slots_take(struct gpu_slots *s, const struct value *grant);
/* The fault of one of its GPUs; NULL if none has failed. */
const char *gpu_slots_fault(const struct gpu_slots *s, const struct value *grant);
/* Withdraws its GPUs. */
void gpu_slots_quarantine(struct gpu_slots *s, const struct value *grant, const char *why);
/* Ends the quarantines: a GPU that still fails is put there again by the next look. */
void gpu_slots_release(struct gpu_slots *s);
/* Has the GPUs read now: `looked` is called after that, or soon if the driver does not answer. */
void gpu_slots_look(struct gpu_slots *s, enum gpu_look who, void (*looked)(void *arg), void *arg);
/* A GPU as it was read in the last seconds; NULL if it was not. */
const struct gpu *gpu_slots_find(const struct gpu_slots *s, const char *uuid);
/* Each GPU as it was read last, in the form of the message `load`; empty while the driver is silent. */
struct value *gpu_slots_load(const struct gpu_slots *s, struct arena *a);
/* Ends the child. The loop must run until all is closed; then call gpu_slots_free. */
void gpu_slots_close(struct gpu_slots *s);
void gpu_slots_free(struct gpu_slots *s); /* takes NULL */
