/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/orchestrator/controller_kit.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "orchestrator/core/controller/controller_agent.h"
#include "strategies/strategy.h"
#include "tests/test.h"
#include "language/spec_read.h"

struct controller kit;
int64_t kit_now = 1000;
int64_t kit_skew_ms;
uint64_t kit_instance = 1;
const char *kit_credential;
int64_t kit_until_ms;
const char *kit_thinks;
const struct event_held *kit_held;

static struct arena arena;
static struct effects out;
static struct map strategies; /* sweep id -> struct strategy * */

static void propose(const char *id, uint32_t wanted)
{
    struct err err = {0};
    struct proposal *proposals = arena_alloc(&arena, wanted * sizeof *proposals);
    struct event ev = {.kind = EVENT_PROPOSED, .sweep = id, .proposals = proposals};
    ev.asker = schedule_find(&kit.schedule, id)->order;
    const struct book_sweep *s = books_sweep(&kit.books, id);
    struct strategy *strategy = map_find(&strategies, id, strlen(id));
    if (!strategy) {
        ASSERT_EQ(strategy_new(s->spec, s->seed, &strategy, &err), 0);
        map_put(&strategies, id, strlen(id), strategy);
        for (uint64_t i = 0; i < s->proposed; i++) /* as they were made before */
            ASSERT_EQ(strategy_propose(strategy, &arena, &proposals[0], &err), 0);
    }
    while (ev.proposals_n < wanted && !ev.exhausted)
        if (strategy_propose(strategy, &arena, &proposals[ev.proposals_n], &err) != 0)
            ev.exhausted = true;
        else
            ev.proposals_n++;
    ev.now_ms = kit_now;
    ev.wall_ms = kit_now + kit_skew_ms;
    controller_step(&kit, &ev, &out);
}

void kit_step(struct event ev)
{
    books_sweep_out(&kit.books);
    effects_clear(&out);
    ev.now_ms = kit_now;
    ev.wall_ms = kit_now + kit_skew_ms;
    controller_step(&kit, &ev, &out);
    if (kit_fact(FACT_SWEEP_EDITED, 0)) /* its strategy was of the spec before */
        strategy_free(map_remove(&strategies, ev.sweep, strlen(ev.sweep)));
    for (size_t i = 0; i < out.n; i++)
        if (out.items[i].kind == EFFECT_PROPOSE &&
            !(kit_thinks && strcmp(kit_thinks, out.items[i].sweep) == 0))
            propose(out.items[i].sweep, out.items[i].wanted);
    controller_check(&kit);
}

void kit_propose(const char *sweep, uint32_t n)
{
    propose(sweep, n);
    controller_check(&kit);
}

static void start(uint64_t epoch, struct books *books)
{
    struct err err;
    ASSERT_EQ(controller_init(&kit, KIT_STORE, epoch, kit_now, books, &err), 0);
    controller_step(
        &kit, &(struct event){.kind = EVENT_ADMIT, .now_ms = kit_now, .wall_ms = kit_now}, &out);
}

void kit_begin(const char *yaml)
{
    kit_skew_ms = 0;
    arena_init(&arena);
    effects_init(&out, &arena);
    start(5, &(struct books){0});
    kit_create("s1", yaml);
    ASSERT(kit_sweep());
}

static void free_strategies(void)
{
    void *strategy;
    for (size_t at = 0; map_next(&strategies, &at, &strategy);)
        strategy_free(strategy);
    map_done(&strategies);
}

void kit_restart(void)
{
    struct books books = kit.books;
    uint64_t epoch = kit.epoch;
    books_init(&kit.books);
    controller_done(&kit);
    start(epoch + 1, &books);
    free_strategies(); /* another process */
}

void kit_end(void)
{
    controller_done(&kit);
    effects_done(&out);
    kit_held = NULL;
    free_strategies();
    arena_done(&arena);
}

void kit_say(uint32_t link, struct message m)
{
    struct message *copy = arena_alloc(&arena, sizeof *copy);
    *copy = m;
    if (!copy->store)
        copy->store = KIT_STORE;
    if (!copy->epoch)
        copy->epoch = kit.epoch;
    if (!copy->sweep)
        copy->sweep = "s1";
    if (!copy->text)
        copy->text = "";
    kit_step((struct event){.kind = EVENT_MESSAGE,
                            .link = link,
                            .message = copy,
                            .token = kit_credential,
                            .held = kit_held});
}

static struct value *kit_json(const char *text)
{
    struct value *v = NULL;
    struct err err = {0};
    if (json_parse(&arena, text, strlen(text), &v, &err) != 0)
        FAIL("%s: %s", text, err.text);
    return v;
}

static void kit_join(uint32_t link, const char *agent, const struct value *slots,
                     const struct value *host, const char *held)
{
    kit_say(link, (struct message){.type = MESSAGE_HELLO,
                                   .store = "",
                                   .version = MESSAGE_VERSION,
                                   .agent = agent,
                                   .instance = kit_instance,
                                   .slots = slots,
                                   .host = host,
                                   .held = kit_json(held)});
}

void kit_hello(uint32_t link, const char *agent, uint64_t slots, const char *held)
{
    struct value *offers = value_list(&arena);
    for (uint64_t i = 0; i < slots; i++)
        value_push(&arena, offers, value_dict(&arena));
    kit_join(link, agent, offers, NULL, held);
}

void kit_hello_with(uint32_t link, const char *agent, const char *slots, const char *host)
{
    kit_join(link, agent, kit_json(slots), kit_json(host), "[]");
}

void kit_create(const char *id, const char *yaml)
{
    struct diags diags;
    diags_init(&diags, &arena, "sweep.yaml");
    struct spec *spec = spec_read(yaml, strlen(yaml), &diags);
    if (!spec)
        FAIL("%s", diags.items[0].message);
    struct fact create = {.sweep = id,
                          .path = "/sweep.yaml",
                          .workdir = "/",
                          .content = spec->content,
                          .seed = 1,
                          .until_ms = kit_until_ms};
    kit_step((struct event){.kind = EVENT_CREATE, .create = &create});
    spec_free(spec);
}

uint64_t kit_running(const char *sweep)
{
    return books_sweep(&kit.books, sweep)->counts[TRIAL_RUNNING];
}

void kit_metrics(uint32_t link, uint64_t trial, uint32_t attempt, uint64_t from, const char *text)
{
    kit_say(link, (struct message){.type = MESSAGE_METRICS,
                                   .trial = trial,
                                   .attempt = attempt,
                                   .from = from,
                                   .to = from + strlen(text),
                                   .text = text});
}

void kit_ended(uint32_t link, uint64_t trial, uint32_t attempt, const char *cause, int code,
               int signal)
{
    const struct book_trial *t = books_trial(kit_sweep(), trial);
    int64_t ran_ms = t ? kit_now - t->attempt.launched_ms : 0;
    kit_say(link, (struct message){.type = MESSAGE_ENDED,
                                   .at_ms = (uint64_t)kit_now,
                                   .ran_ms = (uint64_t)ran_ms,
                                   .trial = trial,
                                   .attempt = attempt,
                                   .cause = cause,
                                   .code = (uint64_t)code,
                                   .signal = (uint64_t)signal});
}

int kit_command(enum controller_command command)
{
    kit_step(
        (struct event){.kind = EVENT_COMMAND, .request = 9, .command = command, .sweep = "s1"});
    return kit_reply()->code;
}

const struct effect *kit_reply(void)
{
    for (size_t i = 0; i < out.n; i++)
        if (out.items[i].kind == EFFECT_REPLY) {
            ASSERT_EQ(out.items[i].request, 9);
            ASSERT(out.items[i].text[0]);
            return &out.items[i];
        }
    FAIL("no reply");
}

void kit_tick(int64_t ms)
{
    kit_now += ms;
    kit.stepped_ms = kit_now; /* it was not suspended: it had ticks on the way */
    kit_step((struct event){.kind = EVENT_TICK});
}

const struct message *kit_sent(enum message_type type, size_t n)
{
    for (size_t i = 0; i < out.n; i++)
        if (out.items[i].kind == EFFECT_SEND && out.items[i].message.type == type && n-- == 0)
            return &out.items[i].message;
    return NULL;
}

const struct fact *kit_fact(enum fact_kind kind, size_t n)
{
    for (size_t i = 0; i < out.n; i++)
        if (out.items[i].kind == EFFECT_PERSIST && out.items[i].fact.kind == kind && n-- == 0)
            return &out.items[i].fact;
    return NULL;
}

const struct effect *kit_effect(enum effect_kind kind, size_t n)
{
    for (size_t i = 0; i < out.n; i++)
        if (out.items[i].kind == kind && n-- == 0)
            return &out.items[i];
    return NULL;
}

size_t kit_count(enum effect_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < out.n; i++)
        n += out.items[i].kind == kind;
    return n;
}

struct book_sweep *kit_sweep(void)
{
    return books_sweep(&kit.books, "s1");
}

struct book_trial *kit_trial(uint64_t number)
{
    struct book_trial *t = books_trial(kit_sweep(), number);
    return t && !trial_states[t->state].final ? t : NULL;
}

int kit_duty(const char *agent, enum duty duty)
{
    struct event_agent want = {.name = agent, .duty = duty, .by = "ann"};
    kit_step((struct event){.kind = EVENT_AGENT, .request = 9, .agent = &want});
    return kit_reply()->code;
}

static const struct value *agent_find(const char *agent)
{
    static struct arena listed;
    const struct value *list = controller_agent_list(&kit, kit_now, kit_now, &listed);
    for (size_t i = 0; i < list->list.n; i++)
        if (strcmp(value_get_str(list->list.items[i], "name", ""), agent) == 0)
            return list->list.items[i];
    FAIL("no agent %s", agent);
}

const char *kit_agent_text(const char *agent, const char *key)
{
    return value_get_str(agent_find(agent), key, "");
}

bool kit_agent_is_lost(const char *agent)
{
    return value_get_bool(agent_find(agent), "lost", false);
}

double kit_agent_time(const char *agent, const char *key)
{
    return value_get_float(agent_find(agent), key, NAN);
}

const char *kit_agent_idle(const char *agent)
{
    return value_get_str(value_get(agent_find(agent), "slots")->list.items[0], "idle", "");
}

uint64_t kit_trial_on(const char *agent, uint32_t *ret_attempt)
{
    void *trial;
    for (size_t at = 0; map_next(&kit_sweep()->open, &at, &trial);) {
        const struct book_trial *t = trial;
        *ret_attempt = t->attempt.number;
        if (t->state == TRIAL_RUNNING && strcmp(t->attempt.agent, agent) == 0)
            return t->number;
    }
    FAIL("nothing runs on %s", agent);
}

void kit_lose(uint32_t link)
{
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = link});
    kit_tick(CONTROLLER_LOST_MS);
}
