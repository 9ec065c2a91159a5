/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Samples what the attempts on this machine use, each into SHIM_SYSTEM_FILE of its directory: a first
 * sample soon after its start, then one every 10 s ($BESOM_SAMPLE_PERIOD_MS, for tests). One look at
 * /proc serves all that are due at about the same time. The files are the spool: who reads them, and
 * when, is the core's business. */
#include "agent/core/agent_core.h"
#include "agent/gpu/gpu_slots.h"

struct uv_loop_s;
struct sampler;

struct sampler_handler {
    void (*sampled)(void *arg, const struct agent_key *key); /* its file has grown */
    void *arg;
};

int64_t sampler_period_ms(void);
/* core, gpus (may be NULL) and dir, the agent's folder, must outlive it. The attempts that the core holds
 * are sampled from now on, even while the controller is away and nothing is told of them. */
struct sampler *sampler_new(struct uv_loop_s *loop, const struct agent_core *core, const char *dir,
                            struct gpu_slots *gpus, const struct sampler_handler *handler);
/* An attempt runs. Again for the same attempt: nothing. */
void sampler_begin(struct sampler *s, const struct agent_key *key);
void sampler_end(struct sampler *s, const struct agent_key *key);
/* The loop must run until its handles are closed; then call sampler_free. */
void sampler_close(struct sampler *s);
void sampler_free(struct sampler *s); /* takes NULL */
