/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <signal.h>

#include "agent/shim/shim_core.h"
#include "tests/test.h"

static struct shim_core core;
static struct shim_effects out;

static void begin(int64_t grace_ms, int64_t time_ms)
{
    shim_core_init(&core, &(struct shim_options){.grace_ms = grace_ms, .time_ms = time_ms});
}

static void at(int64_t now_ms, struct shim_event ev)
{
    ev.now_ms = now_ms;
    ev.wall_ms = 1000000 + now_ms;
    shim_core_step(&core, &ev, &out);
}

#define EV(...) ((struct shim_event){.kind = __VA_ARGS__})

/* Effects as letters: Interrupt Term Kill Record Quit. */
static const char *effects(void)
{
    static char text[SHIM_EFFECTS_MAX + 1];
    for (unsigned i = 0; i < out.n; i++)
        text[i] = "ITKRQ"[out.items[i]];
    text[out.n] = '\0';
    return text;
}

static void run(int64_t grace_ms, int64_t time_ms)
{
    begin(grace_ms, time_ms);
    at(0, EV(SHIM_EV_STARTED));
    ASSERT_STR(effects(), "");
}

TEST(core_records_the_exit_code)
{
    run(30000, 0);
    ASSERT_EQ(shim_core_deadline(&core), INT64_MAX);
    at(50, EV(SHIM_EV_CHILD_EXITED, .code = 7));
    ASSERT_STR(effects(), "RQ");
    ASSERT_EQ(core.state, SHIM_DONE);
    ASSERT_EQ(core.end.code, 7);
    ASSERT_EQ(core.end.signal, 0);
    ASSERT_EQ(core.end.cause, SHIM_CAUSE_NONE);
    ASSERT_EQ(core.end.ended_ms, 1000050);
    ASSERT_EQ(core.end.ran_ms, 50);
    ASSERT_EQ(shim_core_deadline(&core), INT64_MAX);
}

TEST(core_stops_politely_then_kills)
{
    run(30000, 0);
    at(100, EV(SHIM_EV_ASKED_STOP));
    ASSERT_STR(effects(), "T");
    ASSERT_EQ(shim_core_deadline(&core), 30100);
    at(200, EV(SHIM_EV_ASKED_STOP));
    ASSERT_STR(effects(), "");
    ASSERT_EQ(shim_core_deadline(&core), 30100);
    at(30099, EV(SHIM_EV_TICK));
    ASSERT_STR(effects(), "");
    at(30100, EV(SHIM_EV_TICK));
    ASSERT_STR(effects(), "K");
    at(30101, EV(SHIM_EV_CHILD_EXITED, .signal = SIGKILL, .oom_counted = true));
    ASSERT_STR(effects(), "RQ");
    ASSERT_EQ(core.end.cause, SHIM_CAUSE_STOP);
    ASSERT(!core.end.oom);
}

TEST(core_interrupts_then_stops_then_kills)
{
    run(30000, 0);
    at(100, EV(SHIM_EV_ASKED_INTERRUPT));
    ASSERT_STR(effects(), "I");
    ASSERT_EQ(shim_core_deadline(&core), 15100);
    at(200, EV(SHIM_EV_ASKED_INTERRUPT));
    ASSERT_STR(effects(), "");
    at(15100, EV(SHIM_EV_TICK));
    ASSERT_STR(effects(), "T");
    ASSERT_EQ(shim_core_deadline(&core), 30100); /* the whole takes no longer than a stop */
    at(30100, EV(SHIM_EV_TICK));
    ASSERT_STR(effects(), "K");
    at(30101, EV(SHIM_EV_CHILD_EXITED, .signal = SIGKILL));
    ASSERT_EQ(core.end.cause, SHIM_CAUSE_STOP);
}

TEST(core_interrupt_is_followed_by_a_stop_for_what_is_left)
{
    run(30000, 0);
    at(100, EV(SHIM_EV_ASKED_INTERRUPT));
    at(300, EV(SHIM_EV_CHILD_EXITED, .code = 130, .others = true));
    ASSERT_STR(effects(), "T");
    ASSERT_EQ(core.state, SHIM_SWEEPING);
    ASSERT_EQ(core.end.cause, SHIM_CAUSE_STOP);
    run(30000, 0);
    at(100, EV(SHIM_EV_ASKED_INTERRUPT));
    at(200, EV(SHIM_EV_ASKED_STOP)); /* who asks so does not want to wait */
    ASSERT_STR(effects(), "T");
    at(300, EV(SHIM_EV_ASKED_KILL));
    ASSERT_STR(effects(), "K");
    begin(30000, 0);
    at(0, EV(SHIM_EV_ASKED_INTERRUPT));
    at(1, EV(SHIM_EV_STARTED));
    ASSERT_STR(effects(), "I");
}

TEST(core_time_limit_is_a_stop_of_its_own_cause)
{
    run(1000, 5000);
    ASSERT_EQ(shim_core_deadline(&core), 5000);
    at(5000, EV(SHIM_EV_TICK));
    ASSERT_STR(effects(), "T");
    at(5001, EV(SHIM_EV_ASKED_STOP));
    at(5002, EV(SHIM_EV_ASKED_KILL));
    ASSERT_STR(effects(), "K");
    at(5003, EV(SHIM_EV_CHILD_EXITED, .signal = SIGKILL));
    ASSERT_EQ(core.end.cause, SHIM_CAUSE_TIME);
}

TEST(core_ends_what_training_left)
{
    run(30000, 0);
    at(10, EV(SHIM_EV_CHILD_EXITED, .code = 0, .others = true));
    ASSERT_STR(effects(), "T");
    ASSERT_EQ(shim_core_deadline(&core), 5010);
    at(20, EV(SHIM_EV_ASKED_STOP));
    ASSERT_STR(effects(), "");
    at(5010, EV(SHIM_EV_TICK));
    ASSERT_STR(effects(), "K");
    at(5060, EV(SHIM_EV_TICK));
    ASSERT_STR(effects(), "K");
    at(5061, EV(SHIM_EV_ALL_GONE));
    ASSERT_STR(effects(), "RQ");
    ASSERT_EQ(core.end.cause, SHIM_CAUSE_NONE);
    ASSERT_EQ(core.end.code, 0);
}

TEST(core_left_over_processes_share_the_grace_of_a_stop)
{
    run(2000, 0);
    at(100, EV(SHIM_EV_ASKED_STOP));
    at(300, EV(SHIM_EV_CHILD_EXITED, .signal = SIGTERM, .others = true));
    ASSERT_STR(effects(), "");
    ASSERT_EQ(core.state, SHIM_SWEEPING);
    ASSERT_EQ(shim_core_deadline(&core), 2100);
    run(60000, 0);
    at(100, EV(SHIM_EV_ASKED_STOP));
    at(300, EV(SHIM_EV_CHILD_EXITED, .signal = SIGTERM, .others = true));
    ASSERT_EQ(shim_core_deadline(&core), 5300);
}

TEST(core_kills_at_once_when_asked)
{
    run(30000, 0);
    at(10, EV(SHIM_EV_ASKED_KILL));
    ASSERT_STR(effects(), "K");
    at(11, EV(SHIM_EV_CHILD_EXITED, .signal = SIGKILL, .others = true));
    ASSERT_STR(effects(), "K");
    ASSERT_EQ(core.state, SHIM_CLEARING);
    at(12, EV(SHIM_EV_ALL_GONE));
    ASSERT_STR(effects(), "RQ");
    ASSERT_EQ(core.end.cause, SHIM_CAUSE_KILL);
}

TEST(core_asked_before_the_start)
{
    begin(1000, 0);
    at(0, EV(SHIM_EV_ASKED_STOP));
    at(1, EV(SHIM_EV_STARTED));
    ASSERT_STR(effects(), "T");
    ASSERT_EQ(core.end.cause, SHIM_CAUSE_STOP);
    begin(1000, 0);
    at(0, EV(SHIM_EV_ASKED_STOP));
    at(0, EV(SHIM_EV_ASKED_KILL));
    at(1, EV(SHIM_EV_STARTED));
    ASSERT_STR(effects(), "K");
    ASSERT_EQ(core.end.cause, SHIM_CAUSE_KILL);
}

TEST(core_launch_failure)
{
    begin(1000, 0);
    at(5, EV(SHIM_EV_LAUNCH_FAILED, .text = "x: No such file or directory"));
    ASSERT_STR(effects(), "RQ");
    ASSERT_EQ(core.end.cause, SHIM_CAUSE_LAUNCH);
    ASSERT_EQ(core.end.code, 127);
    ASSERT_STR(core.end.error, "x: No such file or directory");
}

TEST(core_names_an_oom_kill_only_where_it_was_one)
{
    run(1000, 0);
    at(5, EV(SHIM_EV_CHILD_EXITED, .signal = SIGKILL, .oom_counted = true));
    ASSERT(core.end.oom);
    run(1000, 0);
    at(5, EV(SHIM_EV_CHILD_EXITED, .signal = SIGKILL));
    ASSERT(!core.end.oom);
    run(1000, 0);
    at(5, EV(SHIM_EV_CHILD_EXITED, .code = 1, .oom_counted = true));
    ASSERT(!core.end.oom);
}

/* Training, or what it left, sits in an uninterruptible sleep: the shim must still end. */
TEST(core_gives_up_on_the_unkillable)
{
    for (int left_over = 0; left_over < 2; left_over++) {
        run(1000, 0);
        at(0, EV(SHIM_EV_ASKED_KILL));
        if (left_over)
            at(0, EV(SHIM_EV_CHILD_EXITED, .code = 3, .others = true));
        int64_t now = 0;
        int kills = 0;
        do {
            now = shim_core_deadline(&core);
            ASSERT(now < 61000);
            at(now, EV(SHIM_EV_TICK));
            kills += strcmp(effects(), "K") == 0;
        } while (core.state != SHIM_DONE);
        ASSERT_STR(effects(), "RQ");
        ASSERT(now >= 60000 && kills > 100);
        ASSERT(core.end.unkillable);
        ASSERT(core.end.error[0]);
        ASSERT_EQ(core.end.signal, left_over ? 0 : SIGKILL);
    }
}

TEST(core_ends_on_any_order_of_events)
{
    /* Every sequence of six events that can reach a running shim leaves it in order: it quits once
     * at most, and with all processes gone it has quit. */
    static const enum shim_event_kind kinds[] = {SHIM_EV_ASKED_STOP, SHIM_EV_ASKED_KILL,
                                                 SHIM_EV_TICK, SHIM_EV_CHILD_EXITED,
                                                 SHIM_EV_ASKED_INTERRUPT};
    for (unsigned n = 0; n < 15625; n++) {
        run(100, 1000);
        unsigned quits = 0, rest = n;
        bool ended = false;
        int64_t now = 0;
        for (int i = 0; i < 6 && core.state != SHIM_DONE; i++, rest /= 5) {
            enum shim_event_kind kind = kinds[rest % 5];
            if (kind == SHIM_EV_TICK)
                now = shim_core_deadline(&core) == INT64_MAX ? now : shim_core_deadline(&core);
            if (kind == SHIM_EV_CHILD_EXITED && ended)
                continue;
            ended = ended || kind == SHIM_EV_CHILD_EXITED;
            at(now, EV(kind, .others = true));
            quits += strchr(effects(), 'Q') != NULL;
        }
        if (core.state != SHIM_DONE && !ended) {
            at(now, EV(SHIM_EV_CHILD_EXITED, .others = false));
            quits += strchr(effects(), 'Q') != NULL;
        } else if (core.state != SHIM_DONE) {
            at(now, EV(SHIM_EV_ALL_GONE));
            quits += strchr(effects(), 'Q') != NULL;
        }
        ASSERT_EQ(core.state, SHIM_DONE);
        ASSERT_EQ(quits, 1);
    }
}
