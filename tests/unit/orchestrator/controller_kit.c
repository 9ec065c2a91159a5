/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/orchestrator/controller_kit.h"

#include "base/json.h"
#include "strategies/strategy.h"
#include "tests/test.h"
#include "language/spec_read.h"

struct controller kit;
int64_t kit_now = 1000;

static struct arena arena;
static struct effects out;
static struct strategy *strategy;

static void propose(void)
{
    struct err err = {0};
    struct proposal p;
    struct event ev = {.kind = EVENT_PROPOSED, .sweep = "s1"};
    const struct book_sweep *s = kit_sweep();
    if (!strategy)
        ASSERT_EQ(strategy_new(s->spec, s->seed, &strategy, &err), 0);
    if (strategy_propose(strategy, &arena, &p, &err) != 0) {
        ev.exhausted = true;
    } else {
        ev.cursor = p.cursor;
        ev.params = p.params;
        ev.why = p.why;
    }
    ev.now_ms = ev.wall_ms = kit_now;
    controller_step(&kit, &ev, &out);
}

void kit_step(struct event ev)
{
    books_sweep_out(&kit.books);
    effects_clear(&out);
    ev.now_ms = ev.wall_ms = kit_now;
    controller_step(&kit, &ev, &out);
    for (size_t i = 0; i < out.n; i++)
        if (out.items[i].kind == EFFECT_PROPOSE)
            propose();
    controller_check(&kit);
}

void kit_begin(const char *yaml)
{
    struct diags diags;
    arena_init(&arena);
    effects_init(&out, &arena);
    diags_init(&diags, &arena, "sweep.yaml");
    struct spec *spec = spec_read(yaml, strlen(yaml), &diags);
    if (!spec)
        FAIL("%s", diags.items[0].message);
    controller_init(&kit, KIT_STORE, 5, kit_now);
    struct fact create = {
        .sweep = "s1", .path = "/sweep.yaml", .workdir = "/", .content = spec->content, .seed = 1};
    kit_step((struct event){.kind = EVENT_CREATE, .create = &create});
    spec_free(spec);
    ASSERT(kit_sweep());
}

void kit_restart(void)
{
    struct books books = kit.books;
    uint64_t epoch = kit.epoch;
    books_init(&kit.books);
    controller_done(&kit);
    controller_init(&kit, KIT_STORE, epoch + 1, kit_now);
    books_done(&kit.books);
    kit.books = books;
}

void kit_end(void)
{
    controller_done(&kit);
    effects_done(&out);
    strategy_free(strategy);
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
    kit_step((struct event){.kind = EVENT_MESSAGE, .link = link, .message = copy});
}

void kit_hello(uint32_t link, const char *agent, uint64_t slots, const char *held)
{
    struct value *v = NULL;
    struct err err = {0};
    ASSERT_EQ(json_parse(&arena, held, strlen(held), &v, &err), 0);
    kit_say(link, (struct message){.type = MESSAGE_HELLO,
                                   .store = "",
                                   .version = MESSAGE_VERSION,
                                   .agent = agent,
                                   .slots = slots,
                                   .held = v});
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
    for (size_t i = 0; i < out.n; i++)
        if (out.items[i].kind == EFFECT_REPLY) {
            ASSERT_EQ(out.items[i].request, 9);
            ASSERT(out.items[i].text[0]);
            return out.items[i].code;
        }
    FAIL("no reply");
}

void kit_tick(int64_t ms)
{
    kit_now += ms;
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
