/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <signal.h>
#include <unistd.h>

#include "tests/test.h"
#include "tests/unit/agent/shim_kit.h"

#define STUBBORN "trap '' TERM; echo up; while :; do sleep 0.05; done"

TEST(stop_lets_training_finish_politely)
{
    kit_begin();
    pid_t shim =
        kit_start("", "trap 'echo saved; exit 4' TERM; echo up; while :; do sleep 0.05; done");
    kit_await(kit_log, "up");
    kill(shim, SIGTERM);
    ASSERT_EQ(kit_wait(shim), 0);
    struct shim_end end = kit_end();
    ASSERT_EQ(end.code, 4);
    ASSERT_EQ(end.cause, SHIM_CAUSE_STOP);
    kit_await(kit_log, "saved");
    ASSERT_EQ(kit_living(), 0);
}

TEST(stop_kills_what_ignores_it)
{
    kit_begin();
    pid_t shim = kit_start("--grace-ms 200", STUBBORN);
    kit_await(kit_log, "up");
    kill(shim, SIGTERM);
    ASSERT_EQ(kit_wait(shim), 0);
    ASSERT_EQ(kit_end().signal, SIGKILL);
    ASSERT_EQ(kit_end().cause, SHIM_CAUSE_STOP);
    ASSERT(!kit_end().oom);
    ASSERT_EQ(kit_living(), 0);
}

TEST(stop_asked_to_kill_does_so_at_once)
{
    kit_begin();
    pid_t shim = kit_start("--grace-ms 1000000", STUBBORN);
    kit_await(kit_log, "up");
    kill(shim, SIGTERM);
    ASSERT_EQ(attempt_dir_signal(kit_dir, SIGQUIT, NULL), 0);
    ASSERT_EQ(kit_wait(shim), 0);
    ASSERT_EQ(kit_end().signal, SIGKILL);
    ASSERT_EQ(kit_living(), 0);
}

TEST(stop_at_the_time_limit)
{
    kit_begin();
    struct shim_end end = kit_run("--grace-ms 100 --time-ms 200", STUBBORN);
    ASSERT_EQ(end.cause, SHIM_CAUSE_TIME);
    ASSERT_EQ(end.signal, SIGKILL);
    ASSERT_EQ(kit_living(), 0);
}

TEST(stop_begins_with_an_interrupt_of_the_main_process)
{
    kit_begin();
    pid_t shim = kit_start("--grace-ms 1000000",
                           "trap 'echo interrupted; kill $child; exit 5' INT;"
                           "sh -c 'trap \"echo never\" INT; while :; do sleep 0.1; done' & "
                           "child=$!; echo up; while :; do sleep 0.1; done");
    kit_await(kit_log, "up");
    kill(shim, SIGINT);
    kit_await(kit_log, "interrupted");
    ASSERT_EQ(kit_wait(shim), 0);
    ASSERT_EQ(kit_end().code, 5);
    ASSERT_EQ(kit_end().cause, SHIM_CAUSE_STOP);
    char *log;
    size_t len;
    log = kit_read(kit_log, &len);
    ASSERT(!strstr(log, "never"));
    free(log);
}

TEST(stop_is_not_what_hangup_and_broken_pipes_mean)
{
    kit_begin();
    pid_t shim = kit_start("", "echo up; sleep 0.3; echo done");
    kit_await(kit_log, "up");
    kill(shim, SIGHUP);
    kill(shim, SIGPIPE);
    ASSERT_EQ(kit_wait(shim), 0);
    ASSERT_EQ(kit_end().code, 0);
    ASSERT_EQ(kit_end().cause, SHIM_CAUSE_NONE);
    kit_await(kit_log, "done");
}

/* Five levels, each a session of its own with its parent gone, one deaf to SIGTERM. */
#define DAEMONS                                                                                   \
    "d() { if [ $1 -gt 0 ]; then (setsid sh -c \"$2\" & ) ; d $(($1 - 1)) \"$2\"; fi; };"         \
    "d 4 'exec sleep 500'; (setsid sh -c 'trap \"\" TERM; echo deaf; while :; do sleep 1; done' " \
    "&);"

TEST(stop_reaches_daemons)
{
    kit_begin();
    pid_t shim = kit_start("--grace-ms 300", DAEMONS "echo up; exec sleep 500");
    kit_await(kit_log, "up");
    kit_await(kit_log, "deaf");
    ASSERT(kit_living() >= 7);
    kill(shim, SIGTERM);
    ASSERT_EQ(kit_wait(shim), 0);
    ASSERT_EQ(kit_end().signal, SIGTERM);
    ASSERT_EQ(kit_living(), 0);
}

TEST(stop_ends_the_daemons_of_a_training_that_ended)
{
    kit_begin();
    struct shim_end end = kit_run("--grace-ms 200", DAEMONS "sleep 0.2; exit 6");
    ASSERT_EQ(end.code, 6);
    ASSERT_EQ(end.cause, SHIM_CAUSE_NONE);
    ASSERT_EQ(kit_living(), 0);
}

/* Grandchildren that have cleaned their environment and left the session are still descendants. */
TEST(stop_reaches_daemons_without_a_tag)
{
    kit_begin();
    pid_t shim =
        kit_start("--grace-ms 100", "(env -i setsid sh -c 'echo $$ $$; trap \"\" TERM; while :; do "
                                    "/bin/sleep 0.1; done' &); echo up; exec sleep 500");
    kit_await(kit_log, "up");
    char *log;
    pid_t daemon = 0;
    for (int i = 0; i < 1000 && daemon == 0; i++, kit_pause()) {
        log = kit_read(kit_log, NULL);
        int a = 0, b = 0;
        for (char *p = log; p && daemon == 0; p = strchr(p, '\n')) {
            p += *p == '\n';
            if (sscanf(p, "%d %d", &a, &b) == 2 && a == b)
                daemon = a;
        }
        free(log);
    }
    ASSERT(daemon > 0 && kit_alive(daemon));
    kill(shim, SIGTERM);
    ASSERT_EQ(kit_wait(shim), 0);
    ASSERT(!kit_alive(daemon));
}
