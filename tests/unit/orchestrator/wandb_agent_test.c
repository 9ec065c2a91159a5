/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Agents of wandb's client with the controller's own core, over answers that get lost, agents that
 * are killed, runs that end without a word, and controllers that are killed. */
#include "orchestrator/wandb/agents/wandb_agent.h"

#include "base/number/rng.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/controller_kit.h"

enum { AGENTS = 6, TRIALS = 24, QUEUE = 512, LOST_MS = 40000 };

#define GRID                                                           \
    "method: grid\nprogram: t.py\nmetric: {name: loss}\nparameters:\n" \
    "  a: {values: [1, 2, 3, 4]}\n  b: {values: [1, 2, 3, 4, 5, 6]}\n" \
    "resources: {labels: ['wandb:s1']}\nretry: {host: 1000}\n"

struct run { /* as runs.db has it */
    uint64_t rows, base, attempt;
    bool begun, ever, preempting, complete;
    int code, agent;
    int executions, given; /* processes that ran it; those that it takes */
};

struct client { /* a process of wandb's */
    bool alive, waits, exited;
    bool deaf;       /* it was killed while it waited */
    int64_t next_ms; /* heartbeat */
    int trial;       /* -1: it runs none */
    int left;        /* steps of its run */
    /* The controller's side. */
    bool known;
    struct wandb_agent agent;
    uint32_t link;
};

static struct client clients[AGENTS];
static struct run runs[TRIALS];
static struct arena arena;
static struct rng rng;
static uint32_t last_link;
static struct {
    uint32_t link;
    struct message m;
} queue[QUEUE];
static size_t queue_n;
static bool calm; /* nothing gets lost any more */

static bool luck(uint64_t one_in)
{
    return rng_below(&rng, one_in) == 0;
}

static bool mishap(uint64_t one_in)
{
    return luck(one_in) && !calm;
}

static struct wandb_now now(void)
{
    return (struct wandb_now){kit_now, kit_now + kit_skew_ms};
}

/* What the step has sent, for later: handling it makes further steps. */
static void collect(void)
{
    const struct effect *e;
    for (size_t i = 0; (e = kit_effect(EFFECT_SEND, i)) != NULL; i++) {
        ASSERT(queue_n < QUEUE);
        queue[queue_n].link = e->link;
        queue[queue_n].m = e->message;
        message_keep(&arena, &queue[queue_n++].m);
    }
}

static void leave(struct client *c)
{
    wandb_agent_done(&c->agent);
    c->known = false;
}

static void client_hear(struct client *c, const struct wandb_effect *e)
{
    ASSERT(c->waits || c->deaf);
    if (c->deaf) {
        c->deaf = false;
        return;
    }
    c->waits = false;
    c->next_ms = kit_now + 5000;
    if (mishap(6) || !c->alive)
        return;
    if (e->command == WANDB_EXIT) {
        ASSERT_EQ(c->trial, -1);
        c->exited = true;
        c->alive = false;
    } else if (e->command == WANDB_STOP) {
        if (c->trial == (int)e->trial)
            c->trial = -1;
    } else if (e->command != WANDB_NOTHING) {
        struct run *r = &runs[e->trial];
        ASSERT_EQ(c->trial, -1);
        ASSERT_EQ(e->command == WANDB_RESUME, r->ever);
        ASSERT_EQ(r->attempt, e->attempt);
        c->trial = (int)e->trial;
        c->left = (int)rng_below(&rng, 8);
        r->executions++;
    }
}

static void carry_out(struct client *c, struct wandb_effects *out);

static void ran(struct client *c, uint64_t trial, bool heard)
{
    struct run *r = &runs[trial];
    struct wandb_effects out = {.arena = &arena};
    const struct wandb_ran ran = {.begun = r->begun,
                                  .again = r->ever && !r->begun,
                                  .heard = heard,
                                  .preempting = r->preempting,
                                  .complete = r->complete,
                                  .code = r->code,
                                  .rows = r->rows - r->base};
    if (!c->known)
        return;
    wandb_agent_ran(&c->agent, now(), trial, r->attempt, &ran, &out);
    carry_out(c, &out);
}

static void record(struct client *c, const struct wandb_effect *e)
{
    struct run *r = &runs[e->trial];
    if (r->attempt < e->attempt) { /* else it is there already */
        r->ever |= r->begun;
        r->attempt = e->attempt;
        r->base = r->rows;
        r->begun = r->preempting = r->complete = false;
        r->code = 0;
        r->agent = (int)(c - clients);
        r->given++;
    }
    ran(c, e->trial, false);
}

static void feed(struct client *c, const struct wandb_effect *e)
{
    uint64_t to = e->to - e->from > 3 ? e->from + 3 : e->to; /* as much as a message holds */
    ASSERT(e->to <= runs[e->trial].rows - runs[e->trial].base + 1);
    kit_say(c->link, (struct message){.type = MESSAGE_METRICS,
                                      .trial = e->trial,
                                      .attempt = e->attempt,
                                      .from = e->from,
                                      .to = to,
                                      .text = "{\"loss\":1}\n"});
    collect();
}

static void carry_out(struct client *c, struct wandb_effects *out)
{
    for (size_t i = 0; i < out->n && c->known; i++) {
        const struct wandb_effect *e = &out->items[i];
        switch (e->kind) {
        case WANDB_EFFECT_SEND:
            kit_say(c->link, e->message);
            collect();
            break;
        case WANDB_EFFECT_RECORD:
            record(c, e);
            break;
        case WANDB_EFFECT_FEED:
            feed(c, e);
            break;
        case WANDB_EFFECT_ENDED:
            break;
        case WANDB_EFFECT_ANSWER:
            client_hear(c, e);
            break;
        case WANDB_EFFECT_GONE:
            kit_step((struct event){
                .kind = EVENT_LINK_DOWN, .link = c->link, .silent_ms = e->silent_ms});
            collect();
            leave(c);
            break;
        }
    }
}

static void deliver(void)
{
    for (size_t i = 0; i < queue_n; i++) {
        struct wandb_effects out = {.arena = &arena};
        for (int k = 0; k < AGENTS; k++) {
            struct client *c = &clients[k];
            if (c->known && c->link == queue[i].link) {
                wandb_agent_told(&c->agent, now(), &queue[i].m, &out);
                carry_out(c, &out);
            }
        }
    }
    queue_n = 0;
}

static void take_up(struct client *c)
{
    char name[32];
    struct wandb_effects out = {.arena = &arena};
    snprintf(name, sizeof name, "w%d", (int)(c - clients));
    wandb_agent_init(&c->agent, name, "s1", LOST_MS, now());
    for (uint64_t i = 0; i < TRIALS; i++)
        if (runs[i].attempt && runs[i].agent == c - clients)
            wandb_agent_hold(&c->agent, i, runs[i].attempt, false);
    c->known = true;
    c->link = ++last_link;
    wandb_agent_hello(&c->agent, &out);
    carry_out(c, &out);
    deliver();
}

static void beat(struct client *c)
{
    struct wandb_effects out = {.arena = &arena};
    uint64_t named[1] = {(uint64_t)c->trial};
    if (!c->known)
        take_up(c);
    c->waits = true;
    c->deaf = false;
    wandb_agent_beat(&c->agent, now(), named, c->trial >= 0, &out);
    if (!kit_sweep() || sweep_states[kit_sweep()->state].final)
        wandb_agent_finish(&c->agent, now(), &out);
    carry_out(c, &out);
    deliver();
}

static void step_run(struct client *c)
{
    struct run *r = &runs[c->trial];
    int trial = c->trial;
    bool mine = r->agent == c - clients;
    if (c->left-- > 0) {
        r->rows += 1 + rng_below(&rng, 5);
        r->preempting = false;
    } else if (mishap(4)) { /* killed */
        c->trial = -1;
        return;
    } else if (mishap(4)) { /* preempted */
        r->preempting = true;
        c->trial = -1;
    } else {
        r->complete = true;
        r->code = mishap(5) ? 3 : 0;
        c->trial = luck(2) ? -1 : c->trial; /* or it is still in its last lines */
        c->left = 1;
    }
    if (mine)
        r->begun = true;
    if (mine)
        ran(c, (uint64_t)trial, true);
    deliver();
}

static void step_client(struct client *c)
{
    if (c->trial >= 0)
        step_run(c);
    if (c->waits && mishap(20)) {
        struct wandb_effects out = {.arena = &arena};
        c->waits = false;
        wandb_agent_hung_up(&c->agent, &out);
        carry_out(c, &out);
        deliver();
    }
    if (!c->waits && !c->exited && kit_now >= c->next_ms)
        beat(c);
    if (c->known) {
        struct wandb_effects out = {.arena = &arena};
        wandb_agent_tick(&c->agent, now(), &out);
        carry_out(c, &out);
        deliver();
    }
}

static void restart(void)
{
    for (int i = 0; i < AGENTS; i++)
        if (clients[i].known)
            leave(&clients[i]);
    for (int i = 0; i < AGENTS; i++)
        clients[i].waits = false;
    queue_n = 0;
    kit_restart();
}

static void story(uint64_t seed)
{
    rng_init(&rng, seed, 0, RNG_TEST);
    memset(runs, 0, sizeof runs);
    memset(clients, 0, sizeof clients);
    queue_n = 0;
    calm = false;
    arena_init(&arena);
    kit_begin(GRID);
    collect();
    for (int i = 0; i < AGENTS; i++)
        clients[i] = (struct client){.alive = true, .trial = -1};
    int killed = 0, seconds = 0;
    for (; seconds < 4000 && kit_sweep() && !sweep_states[kit_sweep()->state].final; seconds++) {
        calm = seconds > 600;
        kit_tick(1000);
        collect();
        deliver();
        if (mishap(100))
            restart();
        if (mishap(100)) { /* an agent and its run are killed */
            struct client *c = &clients[rng_below(&rng, AGENTS)];
            killed++;
            *c = (struct client){.alive = true,
                                 .trial = -1,
                                 .next_ms = kit_now + 1000 * (int64_t)rng_below(&rng, 60),
                                 .known = c->known,
                                 .deaf = c->waits,
                                 .agent = c->agent,
                                 .link = c->link};
        }
        for (int i = 0; i < AGENTS; i++)
            if (clients[i].alive)
                step_client(&clients[i]);
        if (kit_sweep() && kit_sweep()->state == SWEEP_PAUSED)
            kit_command(COMMAND_RESUME), collect(), deliver();
        arena_clear(&arena);
    }
    ASSERT(seconds < 4000);
    for (int i = 0; i < TRIALS; i++) { /* each ran, and again only where something happened to it */
        ASSERT(runs[i].given > 0);
        ASSERT(runs[i].executions <= runs[i].given * WANDB_AGENT_GIVES_MAX);
    }
    for (int i = 0; i < AGENTS; i++)
        if (clients[i].known)
            leave(&clients[i]);
    kit_end();
    arena_done(&arena);
}

TEST(wandb_agent_with_the_controller_through_mishaps)
{
    for (uint64_t seed = 1; seed <= 60; seed++) {
        printf("seed %llu\n", (unsigned long long)seed);
        fflush(stdout);
        story(seed);
    }
}

/* One agent by hand, with what it has said last. */
static struct wandb_agent hand;
static struct wandb_effects said;
static int64_t hand_ms;

static struct wandb_now hand_now(void)
{
    said = (struct wandb_effects){.arena = &arena};
    return (struct wandb_now){hand_ms, hand_ms};
}

static const struct wandb_effect *said_effect(enum wandb_effect_kind kind)
{
    for (size_t i = 0; i < said.n; i++)
        if (said.items[i].kind == kind)
            return &said.items[i];
    return NULL;
}

static const struct message *said_message(enum message_type type)
{
    for (size_t i = 0; i < said.n; i++)
        if (said.items[i].kind == WANDB_EFFECT_SEND && said.items[i].message.type == type)
            return &said.items[i].message;
    return NULL;
}

static int said_command(void)
{
    const struct wandb_effect *e = said_effect(WANDB_EFFECT_ANSWER);
    return e ? (int)e->command : -1;
}

static void hand_told(struct message m)
{
    m.store = "s";
    m.epoch = 1;
    m.sweep = "s1";
    m.attempt = m.attempt ? m.attempt : 1;
    wandb_agent_told(&hand, hand_now(), &m, &said);
}

/* After s seconds; trial: the run that it names, or -1. */
static void hand_beat(int64_t s, int64_t trial)
{
    uint64_t named = (uint64_t)trial;
    hand_ms += 1000 * s;
    wandb_agent_beat(&hand, hand_now(), &named, trial >= 0, &said);
}

static void hand_tick(int64_t s)
{
    hand_ms += 1000 * s;
    wandb_agent_tick(&hand, hand_now(), &said);
}

static void hand_ran(struct wandb_ran ran)
{
    wandb_agent_ran(&hand, hand_now(), 7, 1, &ran, &said);
}

/* Trial 7 was launched on it, and its run is recorded. */
static void hand_begin(void)
{
    arena_init(&arena);
    hand_ms = 1000;
    wandb_agent_init(&hand, "w", "s1", WANDB_AGENT_LOST_MS, hand_now());
    wandb_agent_hello(&hand, &said);
    ASSERT(value_get(said_message(MESSAGE_HELLO)->slots->list.items[0], "why"));
    hand_told((struct message){.type = MESSAGE_WELCOME});
    hand_beat(0, -1);
    ASSERT(!value_get(said_message(MESSAGE_SLOTS)->slots->list.items[0], "why"));
    ASSERT_EQ(said_command(), -1);
    hand_told((struct message){.type = MESSAGE_LAUNCH, .trial = 7, .params = value_dict(&arena)});
    ASSERT(said_effect(WANDB_EFFECT_RECORD));
    ASSERT_EQ(said_command(), -1);
    hand_ran((struct wandb_ran){0});
    ASSERT_EQ(said_command(), WANDB_RUN);
}

static void hand_end(void)
{
    wandb_agent_done(&hand);
    arena_done(&arena);
}

TEST(wandb_agent_takes_a_run_to_its_end)
{
    hand_begin();
    hand_ran((struct wandb_ran){.begun = true, .heard = true, .rows = 5});
    ASSERT_EQ(said_effect(WANDB_EFFECT_FEED)->to, 5);
    hand_beat(5, 7);
    ASSERT_EQ(said_command(), WANDB_NOTHING); /* at once: it is no hour to wait */
    hand_told((struct message){.type = MESSAGE_METRICS_ACK, .trial = 7, .to = 3});
    ASSERT_EQ(said_effect(WANDB_EFFECT_FEED)->from, 3);
    hand_ran((struct wandb_ran){.begun = true, .heard = true, .rows = 5, .complete = true});
    hand_told((struct message){.type = MESSAGE_METRICS_ACK, .trial = 7, .to = 5});
    ASSERT_EQ(said_effect(WANDB_EFFECT_FEED)->to, 6); /* its summary */
    ASSERT(!said_message(MESSAGE_ENDED));
    hand_told((struct message){.type = MESSAGE_METRICS_ACK, .trial = 7, .to = 6});
    ASSERT_STR(said_message(MESSAGE_ENDED)->cause, "none");
    ASSERT_EQ(said_message(MESSAGE_ENDED)->code, 0);
    hand_told((struct message){.type = MESSAGE_ENDED_ACK, .trial = 7});
    hand_beat(5, -1);
    ASSERT(said_message(MESSAGE_SLOTS)); /* only now it asks for the next */
    wandb_agent_finish(&hand, hand_now(), &said);
    ASSERT_EQ(said_command(), WANDB_EXIT);
    ASSERT_STR(said_message(MESSAGE_HELLO)->leaving, "drained");
    ASSERT(said_effect(WANDB_EFFECT_GONE));
    hand_end();
}

TEST(wandb_agent_is_given_again_what_it_did_not_get)
{
    hand_begin();
    hand_beat(5, -1); /* the answer was lost */
    ASSERT_EQ(said_command(), WANDB_RUN);
    ASSERT_EQ(said_effect(WANDB_EFFECT_ANSWER)->trial, 7);
    hand_beat(5, 7);
    ASSERT_EQ(said_command(), WANDB_NOTHING);
    hand_end();
}

TEST(wandb_agent_ends_what_never_reports)
{
    hand_begin();
    for (int i = 1; i < WANDB_AGENT_GIVES_MAX; i++) {
        hand_beat(5, -1);
        ASSERT_EQ(said_command(), WANDB_RUN);
    }
    hand_beat(5, -1);
    ASSERT_EQ(said_effect(WANDB_EFFECT_FEED)->to, 1);
    hand_told((struct message){.type = MESSAGE_METRICS_ACK, .trial = 7, .to = 1});
    ASSERT_EQ(said_message(MESSAGE_ENDED)->code, 1);
    hand_end();
}

TEST(wandb_agent_waits_for_the_last_words_of_a_run)
{
    hand_begin();
    hand_beat(5, 7);
    hand_beat(5, -1);
    ASSERT_EQ(said_command(), -1);
    hand_tick(4);
    ASSERT(!said_effect(WANDB_EFFECT_FEED));
    ASSERT_EQ(wandb_agent_deadline(&hand), hand_ms + 1000);
    hand_tick(1);
    ASSERT(said_effect(WANDB_EFFECT_ENDED));
    hand_told((struct message){.type = MESSAGE_METRICS_ACK, .trial = 7, .to = 1});
    ASSERT_STR(said_message(MESSAGE_ENDED)->cause, "none");
    ASSERT_EQ(said_message(MESSAGE_ENDED)->code, 1);
    hand_end();
}

TEST(wandb_agent_leaves_a_short_run_its_last_lines)
{
    hand_begin();
    hand_ran((struct wandb_ran){.begun = true, .heard = true, .complete = true});
    hand_told((struct message){.type = MESSAGE_METRICS_ACK, .trial = 7, .to = 1});
    ASSERT(said_message(MESSAGE_ENDED));
    hand_told((struct message){.type = MESSAGE_ENDED_ACK, .trial = 7});
    hand_beat(5, 7); /* the first one that can name it */
    ASSERT_EQ(said_command(), WANDB_NOTHING);
    hand_beat(5, -1);
    ASSERT(said_message(MESSAGE_SLOTS));
    hand_end();
}

TEST(wandb_agent_leaves_soon_after_its_last_run)
{
    hand_begin();
    hand_ran((struct wandb_ran){.begun = true, .heard = true, .complete = true});
    hand_told((struct message){.type = MESSAGE_METRICS_ACK, .trial = 7, .to = 1});
    hand_told((struct message){.type = MESSAGE_ENDED_ACK, .trial = 7});
    hand_tick(WANDB_AGENT_IDLE_MS / 1000 - 1); /* wandb agent --count 1 says no more */
    ASSERT(!said_effect(WANDB_EFFECT_GONE));
    hand_tick(1);
    ASSERT(said_effect(WANDB_EFFECT_GONE));
    ASSERT_STR(said_message(MESSAGE_HELLO)->leaving, "drained");
    ASSERT_EQ(said_message(MESSAGE_HELLO)->held->list.n, 0);
    hand_end();
}

TEST(wandb_agent_stops_runs)
{
    hand_begin();
    hand_beat(5, 7);
    hand_told((struct message){.type = MESSAGE_STOP, .trial = 7});
    hand_beat(5, 7);
    ASSERT_EQ(said_command(), WANDB_STOP);
    hand_ran((struct wandb_ran){.begun = true, .complete = true, .code = 255});
    hand_told((struct message){.type = MESSAGE_METRICS_ACK, .trial = 7, .to = 1});
    ASSERT_STR(said_message(MESSAGE_ENDED)->cause, "stop");
    hand_told((struct message){.type = MESSAGE_ENDED_ACK, .trial = 7});
    hand_beat(5, 7); /* in its last lines: it is left alone, and the agent gets nothing new */
    ASSERT_EQ(said_command(), WANDB_NOTHING);
    ASSERT(!said_message(MESSAGE_SLOTS));
    hand_beat(5, 9); /* never ours, or another agent has it by now */
    ASSERT_EQ(said_command(), WANDB_STOP);
    ASSERT_EQ(said_effect(WANDB_EFFECT_ANSWER)->trial, 9);
    hand_end();
}

TEST(wandb_agent_stops_runs_at_their_time_limit)
{
    hand_begin();
    hand_told((struct message){.type = MESSAGE_SWEEP, .program = "t.py", .time_ms = 20000});
    hand_beat(5, 7);
    ASSERT_EQ(said_command(), WANDB_NOTHING);
    ASSERT_EQ(wandb_agent_deadline(&hand), hand_ms + 15000);
    hand_beat(15, 7);
    ASSERT_EQ(said_command(), WANDB_STOP);
    hand_ran((struct wandb_ran){.begun = true, .complete = true, .code = 255});
    hand_told((struct message){.type = MESSAGE_METRICS_ACK, .trial = 7, .to = 1});
    ASSERT_STR(said_message(MESSAGE_ENDED)->cause, "time");
    hand_end();
}

TEST(wandb_agent_puts_preempted_runs_back)
{
    hand_begin();
    hand_ran((struct wandb_ran){.begun = true, .preempting = true});
    hand_ran((struct wandb_ran){.begun = true, .preempting = true, .complete = true, .code = 143});
    hand_told((struct message){.type = MESSAGE_METRICS_ACK, .trial = 7, .to = 1});
    ASSERT_STR(said_message(MESSAGE_ENDED)->cause, "preempt");
    hand_end();
    hand_begin(); /* it has done its work in time */
    hand_ran((struct wandb_ran){.begun = true, .preempting = true, .complete = true});
    hand_told((struct message){.type = MESSAGE_METRICS_ACK, .trial = 7, .to = 1});
    ASSERT_STR(said_message(MESSAGE_ENDED)->cause, "none");
    hand_end();
    hand_begin(); /* nobody was heard any more */
    hand_ran((struct wandb_ran){.begun = true, .preempting = true});
    hand_tick(WANDB_AGENT_LOST_MS / 1000);
    hand_told((struct message){.type = MESSAGE_METRICS_ACK, .trial = 7, .to = 1});
    ASSERT_STR(said_message(MESSAGE_ENDED)->cause, "preempt");
    hand_end();
}

TEST(wandb_agent_is_lost_when_it_and_its_run_are_silent)
{
    hand_begin();
    hand_tick(WANDB_AGENT_LOST_MS / 1000 - 1);
    hand_ran((struct wandb_ran){.begun = true, .heard = true});
    hand_tick(WANDB_AGENT_LOST_MS / 1000 - 1);
    ASSERT(!said_effect(WANDB_EFFECT_GONE));
    ASSERT_EQ(wandb_agent_deadline(&hand), hand_ms + 1000);
    hand_tick(1);
    ASSERT_EQ(said_effect(WANDB_EFFECT_GONE)->silent_ms, WANDB_AGENT_LOST_MS);
    ASSERT_STR(said_message(MESSAGE_HELLO)->leaving, "drained");
    ASSERT_EQ(said_message(MESSAGE_HELLO)->held->list.n, 1); /* its run is lost, not given up */
    hand_end();
}
