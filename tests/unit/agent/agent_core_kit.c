/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/agent/agent_core_kit.h"

#include <string.h>

#include "tests/test.h"

struct agent_core kit_core;
struct agent_effects kit_out;
struct arena kit_arena;
int64_t kit_now = 1000;
bool kit_samples;

void kit_step(struct agent_event ev)
{
    ev.now_ms = kit_now;
    ev.wall_ms = 5000;
    kit_out.n = 0;
    agent_core_step(&kit_core, &ev, &kit_out);
    for (size_t i = 0; !kit_samples && i < kit_out.n; i++) {
        const struct agent_effect e = kit_out.items[i];
        if (e.kind != AGENT_DO_READ || e.stream != AGENT_STREAM_SYSTEM)
            continue;
        struct agent_event nothing = {.kind = AGENT_EV_READ,
                                      .key = e.key,
                                      .stream = e.stream,
                                      .from = e.from,
                                      .to = e.from,
                                      .now_ms = kit_now};
        memmove(&kit_out.items[i], &kit_out.items[i + 1],
                (--kit_out.n - i) * sizeof *kit_out.items);
        agent_core_step(&kit_core, &nothing, &kit_out);
        i--;
    }
}

void kit_begin(uint32_t slots)
{
    arena_init(&kit_arena);
    kit_samples = false;
    agent_effects_init(&kit_out, &kit_arena);
    agent_core_init(&kit_core, "box", 7, slots);
}

const struct agent_effect *kit_effect(enum agent_effect_kind kind)
{
    for (size_t i = 0; i < kit_out.n; i++)
        if (kit_out.items[i].kind == kind)
            return &kit_out.items[i];
    FAIL("no effect of kind %d among %zu", (int)kind, kit_out.n);
}

const struct message *kit_sent(enum message_type type)
{
    const struct message *m = &kit_effect(AGENT_DO_SEND)->message;
    ASSERT_EQ(m->type, type);
    return m;
}

struct agent_key kit_key_of(uint64_t trial)
{
    return (struct agent_key){.sweep = "s1", .trial = trial, .attempt = 1};
}

struct message kit_about(enum message_type type, uint64_t trial)
{
    return (struct message){
        .type = type, .store = "st", .epoch = 7, .sweep = "s1", .trial = trial, .attempt = 1};
}

void kit_hear(struct message m)
{
    kit_step((struct agent_event){.kind = AGENT_EV_MESSAGE, .message = &m});
}

const struct value *kit_offsets(int64_t file, int64_t captured)
{
    struct value *v = value_list(&kit_arena);
    value_push(&kit_arena, v, value_int(&kit_arena, file));
    value_push(&kit_arena, v, value_int(&kit_arena, captured));
    return v;
}

void kit_launch(uint64_t trial, uint64_t slot, int64_t offset, const char *capture)
{
    struct message sweep = kit_about(MESSAGE_SWEEP, 0), m = kit_about(MESSAGE_LAUNCH, trial);
    sweep.program = "train.py";
    sweep.workdir = "/w";
    sweep.command = sweep.env = value_list(&kit_arena);
    struct value *report = value_dict(&kit_arena);
    if (capture[0])
        value_put(&kit_arena, report, "stdout", value_str(&kit_arena, capture));
    sweep.report = report;
    m.slot = slot;
    m.offsets = kit_offsets(offset, 0);
    m.params = m.grant = value_list(&kit_arena);
    kit_hear(sweep);
    kit_hear(m);
}

void kit_welcome(uint64_t epoch)
{
    kit_step((struct agent_event){.kind = AGENT_EV_LINK_UP});
    kit_hear(
        (struct message){.type = MESSAGE_WELCOME, .store = "st", .epoch = epoch, .version = 1});
}

void kit_happens(enum agent_event_kind kind, uint64_t trial)
{
    kit_step((struct agent_event){.kind = kind, .key = kit_key_of(trial)});
}

void kit_has_read(uint64_t trial, uint32_t stream, uint64_t from, uint64_t to, bool more)
{
    kit_step((struct agent_event){.kind = AGENT_EV_READ,
                                  .key = kit_key_of(trial),
                                  .stream = stream,
                                  .from = from,
                                  .to = to,
                                  .text = "text\n",
                                  .more = more});
}

void kit_acked(uint64_t trial, uint64_t stream, uint64_t to)
{
    struct message m = kit_about(MESSAGE_METRICS_ACK, trial);
    m.stream = stream;
    m.to = to;
    kit_hear(m);
}

void kit_is_found(uint64_t trial, struct agent_found found)
{
    kit_step(
        (struct agent_event){.kind = AGENT_EV_FOUND, .key = kit_key_of(trial), .found = &found});
}

void kit_was_swept(uint64_t trial, size_t left)
{
    kit_step((struct agent_event){.kind = AGENT_EV_SWEPT, .key = kit_key_of(trial), .left = left});
}

void kit_has_ended(uint64_t trial, const char *cause, int code)
{
    kit_happens(AGENT_EV_GONE, trial);
    kit_is_found(
        trial, (struct agent_found){
                   .state = AGENT_FOUND_ENDED,
                   .end = {.cause = cause, .code = code, .at_ms = 77, .ran_ms = 66, .dropped = 5}});
}

int kit_state_of(uint64_t trial)
{
    struct agent_key key = kit_key_of(trial);
    const struct agent_entry *entry = agent_core_find(&kit_core, &key);
    return entry ? entry->state : -1;
}

void kit_found_absent(uint64_t trial)
{
    kit_effect(AGENT_DO_LOOK);
    kit_is_found(trial, (struct agent_found){.state = AGENT_FOUND_ABSENT});
}

void kit_start_one(uint64_t trial, const char *capture)
{
    kit_launch(trial, trial, 0, capture);
    kit_found_absent(trial);
    ASSERT_STR(kit_effect(AGENT_DO_START)->message.program, "train.py");
    kit_happens(AGENT_EV_STARTED, trial);
}

/* As far as running, with its first read under way. */
void kit_run_one(uint64_t trial)
{
    kit_start_one(trial, "");
    kit_now += AGENT_POLL_MS;
    kit_step((struct agent_event){.kind = AGENT_EV_TICK});
    ASSERT_EQ(kit_effect(AGENT_DO_READ)->from, 0);
}

const char *kit_end_of(uint64_t trial)
{
    ASSERT_EQ(kit_state_of(trial), AGENT_DRAINING);
    struct agent_key key = kit_key_of(trial);
    return agent_core_find(&kit_core, &key)->end.cause;
}

void kit_tick_at_deadline(void)
{
    int64_t at = agent_core_deadline(&kit_core);
    ASSERT(at != INT64_MAX);
    kit_now = at;
    kit_step((struct agent_event){.kind = AGENT_EV_TICK});
}

/* Ticks, reads aside, until a signal goes out. */
enum agent_signal kit_next_signal(void)
{
    for (int i = 0; i < 100000; i++) {
        kit_tick_at_deadline();
        for (size_t j = 0; j < kit_out.n; j++)
            if (kit_out.items[j].kind == AGENT_DO_SIGNAL)
                return kit_out.items[j].signal;
    }
    FAIL("%s", "no signal");
}

void kit_launch_and_find(uint64_t trial, struct agent_found found)
{
    kit_launch(trial, trial, 0, "");
    kit_is_found(trial, found);
}
