/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a step of the controller's core costs, by the number of agents and of trials behind it: the
 * filling of one-slot agents, a message of metrics, and the end of an attempt with the launch that
 * follows it. In memory; messages are values, as the codec gives them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "language/spec_read.h"
#include "orchestrator/core/controller/controller.h"

#define STORE "store"
enum { STEPS = 20000 };

static struct controller core;
static struct effects out;
static struct arena in, scratch;
static struct spec *spec;
static struct strategy *strategy;
static struct value *no_slots_held, *one_slot;

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static _Noreturn void fail(const char *why)
{
    fprintf(stderr, "core_bench: %s\n", why);
    exit(1);
}

/* Steps, and answers what is asked to be proposed until nothing is. Proposing is not counted. */
static double step(struct event ev)
{
    struct err err = {0};
    books_sweep_out(&core.books);
    effects_clear(&out);
    arena_clear(&scratch);
    ev.now_ms = ev.wall_ms = 1000;
    double start = cpu_seconds();
    controller_step(&core, &ev, &out);
    double seconds = cpu_seconds() - start;
    for (size_t i = 0; i < out.n; i++) {
        if (out.items[i].kind != EFFECT_PROPOSE)
            continue;
        uint32_t n = out.items[i].wanted;
        struct proposal *proposals = arena_alloc(&scratch, n * sizeof *proposals);
        for (uint32_t k = 0; k < n; k++)
            if (strategy_propose(strategy, &scratch, &proposals[k], &err) != 0)
                fail(err.text);
        struct event answer = {.kind = EVENT_PROPOSED,
                               .now_ms = 1000,
                               .wall_ms = 1000,
                               .sweep = "s1",
                               .asker = out.items[i].asker,
                               .proposals = proposals,
                               .proposals_n = n};
        start = cpu_seconds();
        controller_step(&core, &answer, &out);
        seconds += cpu_seconds() - start;
    }
    return seconds;
}

static void begin(uint64_t behind)
{
    static const char yaml[] =
        "method: random\nprogram: train.py\nmetric: {name: loss}\n"
        "parameters: {lr: {min: 0.0001, max: 0.1}, depth: {min: 1, max: 9}}\n";
    struct diags diags;
    struct err err = {0};
    arena_init(&in);
    arena_init(&scratch);
    effects_init(&out, &scratch);
    diags_init(&diags, &in, "bench");
    spec = spec_read(yaml, strlen(yaml), &diags);
    if (!spec || strategy_new(spec, 1, &strategy, &err) != 0)
        fail("the spec is refused");
    no_slots_held = value_list(&in);
    one_slot = value_list(&in);
    value_push(&in, one_slot, value_dict(&in));
    if (controller_init(&core, STORE, 1, 1000, &(struct books){0}, &err) != 0)
        fail(err.text);
    struct fact create = {
        .sweep = "s1", .path = "/s.yaml", .workdir = "/", .content = spec->content, .seed = 1};
    step((struct event){.kind = EVENT_CREATE, .create = &create});
    /* Trials that ended long ago are counted and lie in the store. */
    struct book_sweep *s = books_sweep(&core.books, "s1");
    s->proposed += behind;
    s->counts[TRIAL_FINISHED] += behind;
}

static double hello(uint32_t link)
{
    char name[32];
    snprintf(name, sizeof name, "agent%u", link);
    struct message m = {.type = MESSAGE_HELLO,
                        .store = STORE,
                        .version = MESSAGE_VERSION,
                        .agent = name,
                        .slots = one_slot,
                        .held = no_slots_held};
    return step((struct event){.kind = EVENT_MESSAGE, .link = link, .message = &m});
}

/* The trial that runs on the agent of this link. */
static uint64_t trial_of(uint32_t link)
{
    return fleet_of_link(&core.fleet, link)->slots[0].trial;
}

static struct message about(enum message_type type, uint32_t link)
{
    const struct book_trial *t = books_trial(books_sweep(&core.books, "s1"), trial_of(link));
    return (struct message){.type = type,
                            .store = STORE,
                            .epoch = 1,
                            .sweep = "s1",
                            .trial = t->number,
                            .attempt = t->attempt.number,
                            .from = t->attempt.offset[0],
                            .cause = "none",
                            .text = ""};
}

static double metrics(uint32_t link)
{
    static const char line[] = "{\"step\": 3, \"loss\": 0.25, \"accuracy\": 0.75}\n";
    struct message m = about(MESSAGE_METRICS, link);
    m.to = m.from + sizeof line - 1;
    m.text = line;
    return step((struct event){.kind = EVENT_MESSAGE, .link = link, .message = &m});
}

static double ended(uint32_t link)
{
    struct message m = about(MESSAGE_ENDED, link);
    return step((struct event){.kind = EVENT_MESSAGE, .link = link, .message = &m});
}

static void measure(uint32_t agents, uint64_t behind)
{
    double fill = 0, report = 0, end = 0;
    begin(behind);
    for (uint32_t link = 1; link <= agents; link++)
        fill += hello(link);
    if (books_sweep(&core.books, "s1")->counts[TRIAL_RUNNING] != agents)
        fail("not every agent has a trial");
    for (uint32_t i = 0; i < STEPS; i++)
        report += metrics(1 + i % agents);
    for (uint32_t i = 0; i < STEPS; i++) {
        (void)metrics(1 + i % agents); /* a metric that never comes would pause the sweep */
        end += ended(1 + i % agents);
    }
    const char *size = behind ? ", 1,000,000 trials behind" : "";
    printf("core: %u agents filled%s\t%.3f\ts of CPU\t%s\n", agents, size, fill,
           agents == 10000 ? "1" : "");
    printf("core: a metrics message, %u agents%s\t%.2f\tus of CPU\t%s\n", agents, size,
           report / STEPS * 1e6, agents == 10000 ? "20" : "");
    printf("core: an end and the next launch, %u agents%s\t%.2f\tus of CPU\t\n", agents, size,
           end / STEPS * 1e6);
    controller_done(&core);
    effects_done(&out);
    strategy_free(strategy);
    spec_free(spec);
    arena_done(&in);
    arena_done(&scratch);
}

int main(void)
{
    measure(10, 0);
    measure(1000, 0);
    measure(10000, 0);
    measure(10000, 1000000);
    return 0;
}
