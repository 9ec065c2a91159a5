/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/leftover.h"
#include "tests/test.h"
#include "tests/unit/agent/shim_kit.h"

extern char **environ;

#define DAEMON "(setsid sh -c 'trap \"\" TERM HUP; echo daemon; while :; do sleep 0.1; done' &); "

/* The kernel lets the parent continue before the new program's arguments and environment can be
 * read in /proc. */
static void await_arguments(pid_t pid)
{
    char path[64], byte;
    snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
    for (ssize_t n = 0; n <= 0;) {
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        ASSERT(fd >= 0);
        n = read(fd, &byte, 1);
        close(fd);
    }
}

static pid_t start_sleeper(char *const env[])
{
    pid_t pid;
    ASSERT_EQ(posix_spawn(&pid, "/bin/sleep", NULL, NULL, (char *[]){"sleep", "500", NULL}, env),
              0);
    await_arguments(pid);
    return pid;
}

static void end_sleeper(pid_t pid)
{
    ASSERT_EQ(waitpid(pid, NULL, WNOHANG), 0);
    kill(pid, SIGKILL);
    ASSERT_EQ(waitpid(pid, NULL, 0), pid);
}

TEST(death_of_the_shim_ends_training)
{
    kit_begin();
    pid_t shim = kit_start("", "trap '' TERM; echo up; while :; do sleep 0.05; done");
    kit_await(kit_log, "up");
    kill(shim, SIGKILL);
    ASSERT_EQ(kit_wait(shim), 128 + SIGKILL);
    leftover_sweep(kit_run_dir, 10000);
    kit_await_living(0);
    struct attempt_dir d = kit_probe();
    ASSERT_EQ(d.state, ATTEMPT_DIR_DEAD);
    ASSERT(!d.rebooted && !d.closed && d.record.training > 0);
    ASSERT_EQ(kit_wait(kit_start("", "echo again")), SHIM_EXIT_OWNED);
    ASSERT_EQ(attempt_dir_signal(kit_dir, SIGTERM, NULL), ERR_NOT_FOUND);
    ASSERT_EQ(attempt_dir_trim(kit_dir, NULL), 0);
}

TEST(death_of_the_shim_leaves_daemons_to_the_sweep)
{
    kit_begin();
    pid_t shim = kit_start("", DAEMON "echo up; exec sleep 500");
    kit_await(kit_log, "up");
    kit_await(kit_log, "daemon");
    ASSERT_EQ(leftover_kill(kit_run_dir), 0);
    ASSERT_EQ(leftover_kill_attempt(kit_dir), 0);
    kill(shim, SIGKILL);
    kit_wait(shim);
    ASSERT(kit_living() > 0);
    ASSERT(leftover_kill_attempt(kit_dir) > 0);
    ASSERT_EQ(leftover_sweep(kit_run_dir, 10000), 0);
    ASSERT_EQ(kit_living(), 0);
}

TEST(death_sweep_reaches_what_lost_its_environment)
{
    kit_begin();
    pid_t shim =
        kit_start("", "env -i /bin/sh -c 'echo bare $$; while :; do /bin/sleep 0.1; done' & "
                      "sleep 0.1; echo up; exec sleep 500");
    kit_await(kit_log, "bare");
    kit_await(kit_log, "up");
    char *log = kit_read(kit_log, NULL);
    pid_t bare = (pid_t)strtol(strstr(log, "bare ") + 5, NULL, 10);
    free(log);
    ASSERT(bare > 1 && kit_alive(bare));
    kill(shim, SIGKILL);
    kit_wait(shim);
    ASSERT_EQ(leftover_sweep(kit_run_dir, 10000), 0);
    for (int i = 0; i < 1000 && kit_alive(bare); i++)
        kit_pause();
    ASSERT(!kit_alive(bare));
}

TEST(death_sweep_never_touches_strangers)
{
    char other[200], longer[200], outer[200];
    kit_begin();
    snprintf(other, sizeof other, LEFTOVER_TAG "=/tmp/besom-elsewhere/attempt");
    snprintf(longer, sizeof longer, LEFTOVER_TAG "=%s2/attempt", kit_run_dir);
    snprintf(outer, sizeof outer, LEFTOVER_TAG "=%s", kit_run_dir);
    pid_t strangers[] = {start_sleeper((char *[]){NULL}), start_sleeper((char *[]){other, NULL}),
                         start_sleeper((char *[]){longer, NULL}),
                         start_sleeper((char *[]){outer, NULL})};
    pid_t ours = start_sleeper(environ);
    ASSERT_EQ(leftover_kill(kit_run_dir), 1);
    ASSERT_EQ(waitpid(ours, NULL, 0), ours);
    ASSERT_EQ(leftover_sweep(kit_run_dir, 1000), 0);
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++)
        end_sleeper(strangers[i]);
}

TEST(death_of_an_attempt_spares_its_neighbour)
{
    kit_begin();
    pid_t living = kit_start("", "echo up; exec sleep 500");
    kit_await(kit_log, "up");
    char gone[200];
    snprintf(gone, sizeof gone, "%s/gone", kit_run_dir);
    setenv(LEFTOVER_TAG, gone, 1);
    pid_t orphan = start_sleeper(environ);
    ASSERT_EQ(leftover_kill(kit_run_dir), 1);
    ASSERT_EQ(waitpid(orphan, NULL, 0), orphan);
    ASSERT_EQ(kit_probe().state, ATTEMPT_DIR_RUNNING);
    ASSERT_EQ(attempt_dir_signal(kit_dir, SIGQUIT, NULL), 0);
    ASSERT_EQ(kit_wait(living), 0);
    ASSERT_EQ(kit_end().cause, SHIM_CAUSE_KILL);
}

/* The agent dies, training continues, and the next agent sees it end. */
TEST(death_of_the_agent_leaves_training_running)
{
    kit_begin();
    char go[200], script[600];
    snprintf(go, sizeof go, "%s/go", kit_run_dir);
    snprintf(script, sizeof script, "echo up; until [ -e %s ]; do sleep 0.02; done; exit 5", go);
    pid_t agent = fork();
    ASSERT(agent >= 0);
    if (agent == 0) {
        kit_start("", script);
        _exit(0);
    }
    ASSERT_EQ(waitpid(agent, NULL, 0), agent);
    kit_await(kit_log, "up");
    int watch;
    ASSERT_EQ(attempt_dir_watch(kit_dir, &watch, NULL), 0);
    struct pollfd p = {.fd = watch, .events = POLLIN};
    ASSERT_EQ(poll(&p, 1, 0), 0);
    ASSERT_EQ(kit_probe().state, ATTEMPT_DIR_RUNNING);
    close(open(go, O_WRONLY | O_CREAT, 0600));
    ASSERT_EQ(poll(&p, 1, -1), 1);
    close(watch);
    ASSERT_EQ(kit_end().code, 5);
    ASSERT_EQ(attempt_dir_watch(kit_dir, &watch, NULL), ERR_NOT_FOUND);
    kit_await_living(0);
}

static void write_owner(const char *text, size_t len)
{
    char path[200];
    snprintf(path, sizeof path, "%s/" SHIM_OWNER_FILE, kit_dir);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ASSERT_EQ(write(fd, text, len), len);
    close(fd);
}

TEST(death_of_the_machine_is_recognised_by_its_boot_id)
{
    char text[2 * SHIM_RECORD_BYTES];
    struct shim_record r = {.pid = getpid(), .start = 1, .boot = "another-boot"};
    kit_begin();
    size_t len = shim_record_print_claim(text, &r);
    write_owner(text, len);
    ASSERT_EQ(kit_probe().state, ATTEMPT_DIR_DEAD);
    ASSERT(kit_probe().rebooted);
    /* A power cut may tear the record of an end, or leave zeros or nothing of a claim. */
    size_t claimed = len;
    len += shim_record_print_end(text + len, &(struct shim_end){.code = 3, .durable = true});
    write_owner(text, len - 1);
    ASSERT_EQ(kit_probe().state, ATTEMPT_DIR_DEAD);
    write_owner(text, len);
    ASSERT_EQ(kit_end().code, 3);
    /* An end that was not synced does not show that the metrics before it came to the disk. */
    len = claimed + shim_record_print_end(text + claimed, &(struct shim_end){.code = 3});
    write_owner(text, len);
    ASSERT_EQ(kit_probe().state, ATTEMPT_DIR_DEAD);
    ASSERT(kit_probe().rebooted);
    memset(text, 0, len);
    write_owner(text, len);
    ASSERT_EQ(kit_probe().state, ATTEMPT_DIR_DEAD);
    ASSERT(!kit_probe().closed);
    write_owner(text, 0);
    ASSERT_EQ(kit_probe().state, ATTEMPT_DIR_DEAD);
    ASSERT(kit_probe().rebooted);
    ASSERT_EQ(attempt_dir_trim(kit_dir, NULL), 0);
}

/* The run directory as a copy of it would be: other directories, and the same files in them. */
static void copy_run_dir(char *ret_run, size_t bytes, bool link_files)
{
    char command[600];
    snprintf(ret_run, bytes, "%s/copy", kit_run_dir);
    snprintf(command, sizeof command, "mkdir %s && cp %s %s %s/", ret_run,
             link_files ? "-al" : "-a", kit_dir, ret_run);
    ASSERT_EQ(system(command), 0);
}

TEST(death_is_not_seen_in_a_copy_of_a_running_attempt)
{
    kit_begin();
    char run[200], attempt[300];
    int fd;
    struct attempt_dir d;
    pid_t shim = kit_start("", DAEMON "echo up; exec sleep 500");
    kit_await(kit_log, "up");
    kit_await(kit_log, "daemon");
    for (int linked = 0; linked < 2; linked++) {
        copy_run_dir(run, sizeof run, linked);
        snprintf(attempt, sizeof attempt, "%s/attempt", run);
        ASSERT_EQ(attempt_dir_probe(attempt, &d, NULL), 0);
        ASSERT_EQ(d.state, ATTEMPT_DIR_COPIED);
        ASSERT_EQ(attempt_dir_watch(attempt, &fd, NULL), ERR_NOT_FOUND);
        ASSERT_EQ(attempt_dir_signal(attempt, SIGQUIT, NULL), ERR_NOT_FOUND);
        ASSERT_EQ(leftover_kill(run), 0);
        ASSERT_EQ(leftover_kill_attempt(attempt), 0);
        ASSERT_EQ(leftover_kill_all(attempt), 0);
        ASSERT_EQ(attempt_dir_trim(attempt, NULL), 0);
        ASSERT_EQ(access(attempt, F_OK), -1);
        ASSERT_EQ(rmdir(run), 0);
    }
    ASSERT(kit_living() >= 3); /* shim, training, daemon */
    ASSERT_EQ(kit_probe().state, ATTEMPT_DIR_RUNNING);
    /* Nor is what the dead left in the original its business. */
    copy_run_dir(run, sizeof run, false);
    kill(shim, SIGKILL);
    kit_wait(shim);
    ASSERT_EQ(leftover_kill(run), 0);
    ASSERT_EQ(leftover_kill_attempt(attempt), 0);
    ASSERT(kit_living() > 0);
    ASSERT_EQ(kit_probe().state, ATTEMPT_DIR_DEAD);
    ASSERT_EQ(leftover_sweep(kit_run_dir, 10000), 0);
    ASSERT_EQ(kit_living(), 0);
}

/* Renamed, it is the same directory: its shim is followed, and what a dead one left is found by its
 * session, as the path in its environment leads nowhere. */
TEST(death_in_a_directory_that_was_moved)
{
    kit_begin();
    char moved[200], attempt[300], command[600];
    pid_t shim =
        kit_start("", "sh -c 'trap \"\" TERM HUP; echo child; while :; do sleep 0.1; done' "
                      "& echo up; exec sleep 500");
    kit_await(kit_log, "up");
    kit_await(kit_log, "child");
    snprintf(moved, sizeof moved, "%s/moved", kit_run_dir);
    snprintf(attempt, sizeof attempt, "%s/attempt", moved);
    snprintf(command, sizeof command, "mkdir %s && mv %s %s/", moved, kit_dir, moved);
    ASSERT_EQ(system(command), 0);
    struct attempt_dir d;
    ASSERT_EQ(attempt_dir_probe(attempt, &d, NULL), 0);
    ASSERT_EQ(d.state, ATTEMPT_DIR_RUNNING);
    ASSERT_EQ(leftover_kill(moved), 0);
    ASSERT_EQ(attempt_dir_signal(attempt, 0, NULL), 0);
    kill(shim, SIGKILL);
    kit_wait(shim);
}

TEST(death_is_recognised_by_the_lock_without_a_usable_pid)
{
    char text[SHIM_RECORD_BYTES], path[200];
    struct err err = {0};
    int fd;
    struct shim_record r = {.pid = getpid(), .start = 1};
    struct shim_record self = {.pid = getpid(), .start = 1, .pid_namespace = 1};
    kit_begin();
    /* A stranger has the pid of a shim that is gone: not the shim, and not signalled. */
    pid_t shim = kit_start("", "true");
    kit_wait(shim);
    snprintf(r.boot, sizeof r.boot, "%s", kit_probe().record.boot);
    snprintf(self.boot, sizeof self.boot, "%s", r.boot);
    write_owner(text, shim_record_print_claim(text, &r));
    ASSERT_EQ(kit_probe().state, ATTEMPT_DIR_DEAD);
    ASSERT_EQ(attempt_dir_signal(kit_dir, SIGKILL, NULL), ERR_NOT_FOUND);
    /* Held, each of these lives, is not to be watched by its pid, and nobody is signalled. */
    static const char *const words[] = {"is incomplete", "is incomplete", "has its pid",
                                        "namespace", "another machine"};
    for (int i = 0; i < 5; i++) {
        size_t len = i == 0   ? 0
                     : i == 1 ? shim_record_print_claim(text, &r) - 9
                     : i == 2 ? shim_record_print_claim(text, &r)
                     : i == 3 ? shim_record_print_claim(text, &self)
                              : shim_record_print_claim(
                                    text, &(struct shim_record){.pid = getpid(), .boot = "x"});
        write_owner(text, len);
        snprintf(path, sizeof path, "%s/" SHIM_OWNER_FILE, kit_dir);
        int held = open(path, O_RDONLY);
        ASSERT_EQ(flock(held, LOCK_EX), 0);
        ASSERT_EQ(kit_probe().state, ATTEMPT_DIR_RUNNING);
        ASSERT_EQ(attempt_dir_watch(kit_dir, &fd, &err), ERR_STATE);
        if (!strstr(err.text, words[i]))
            FAIL("%d: %s", i, err.text);
        ASSERT_EQ(attempt_dir_signal(kit_dir, SIGKILL, NULL), ERR_STATE);
        close(held);
        ASSERT_EQ(kit_probe().state, ATTEMPT_DIR_DEAD);
        ASSERT_EQ(attempt_dir_watch(kit_dir, &fd, NULL), ERR_NOT_FOUND);
    }
}

/* No file of an attempt's directory may have us wait for it. */
TEST(death_is_not_waited_for_at_a_fifo)
{
    char path[200];
    struct attempt_dir d;
    struct err err = {0};
    int fd;
    kit_begin();
    snprintf(path, sizeof path, "%s/" SHIM_OWNER_FILE, kit_dir);
    ASSERT_EQ(mkfifo(path, 0600), 0);
    ASSERT_EQ(attempt_dir_probe(kit_dir, &d, &err), ERR_DAMAGED);
    ASSERT(strstr(err.text, "not a regular file"));
    ASSERT_EQ(attempt_dir_watch(kit_dir, &fd, NULL), ERR_DAMAGED);
    ASSERT_EQ(attempt_dir_signal(kit_dir, SIGQUIT, NULL), ERR_DAMAGED);
    ASSERT_EQ(leftover_kill(kit_run_dir), 0);
    ASSERT_EQ(attempt_dir_trim(kit_dir, NULL), 0);
    ASSERT_EQ(access(kit_dir, F_OK), -1);
}
