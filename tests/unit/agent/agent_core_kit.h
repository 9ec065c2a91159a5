/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* An agent's core, spoken to by hand: the controller's messages and what it hears of shims and files.
 * What a call brought about is looked up afterwards. Trials are of sweep s1, attempt 1. */
#include "agent/core/agent_core.h"
#include "agent/core/agent_step.h"

extern struct agent_core kit_core;
extern struct agent_effects kit_out; /* of the last call */
extern struct arena kit_arena;
extern int64_t kit_now;  /* ms */
extern bool kit_samples; /* else each read of samples is answered: there are none */

void kit_begin(uint32_t slots);
void kit_step(struct agent_event ev);

/* What was brought about: the first of its kind, which must be there. */
const struct agent_effect *kit_effect(enum agent_effect_kind kind);
const struct message *kit_sent(enum message_type type);
enum agent_signal kit_next_signal(void); /* once its time has come */
const char *kit_end_of(uint64_t trial);  /* the cause that is reported */
int kit_state_of(uint64_t trial);        /* -1: not held */
struct agent_key kit_key_of(uint64_t trial);

/* From the controller. */
struct message kit_about(enum message_type type, uint64_t trial);
const struct value *kit_offsets(int64_t file, int64_t captured);
void kit_hear(struct message m);
void kit_welcome(uint64_t epoch);
void kit_launch(uint64_t trial, uint64_t slot, int64_t offset, const char *capture);
void kit_acked(uint64_t trial, uint64_t stream, uint64_t to);

/* Of the machine. */
void kit_happens(enum agent_event_kind kind, uint64_t trial);
void kit_has_read(uint64_t trial, uint32_t stream, uint64_t from, uint64_t to, bool more);
void kit_is_found(uint64_t trial, struct agent_found found);
void kit_was_swept(uint64_t trial, size_t left);
void kit_has_ended(uint64_t trial, const char *cause, int code);
void kit_found_absent(uint64_t trial);
void kit_tick_at_deadline(void);

/* Several of these: as far as started; as running, with its first read under way; as looked at. */
void kit_start_one(uint64_t trial, const char *capture);
void kit_run_one(uint64_t trial);
void kit_launch_and_find(uint64_t trial, struct agent_found found);
