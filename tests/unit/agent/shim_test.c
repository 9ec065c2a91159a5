/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/test.h"
#include "tests/unit/agent/shim_kit.h"

TEST(shim_records_exit_codes)
{
    static const int codes[] = {0, 1, 3, 255};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        char script[32];
        if (i == 0)
            kit_begin();
        else
            ASSERT_EQ(attempt_dir_make(kit_dir, NULL), 0);
        snprintf(script, sizeof script, "exit %d", codes[i]);
        struct shim_end end = kit_run("", script);
        ASSERT_EQ(end.code, codes[i]);
        ASSERT_EQ(end.signal, 0);
        ASSERT_EQ(end.cause, SHIM_CAUSE_NONE);
        ASSERT(!end.oom && !end.unkillable);
        ASSERT(end.ended_ms > 1700000000000);
        ASSERT_EQ(attempt_dir_trim(kit_dir, NULL), 0);
    }
    ASSERT_EQ(kit_living(), 0);
}

TEST(shim_records_signals)
{
    kit_begin();
    ASSERT_EQ(kit_run("", "kill -SEGV $$").signal, SIGSEGV);
    ASSERT_EQ(attempt_dir_trim(kit_dir, NULL), 0);
    ASSERT_EQ(attempt_dir_make(kit_dir, NULL), 0);
    struct shim_end end = kit_run("", "kill -KILL $$");
    ASSERT_EQ(end.signal, SIGKILL);
    ASSERT_EQ(end.cause, SHIM_CAUSE_NONE);
    ASSERT(!end.oom);
}

TEST(shim_says_why_training_could_not_start)
{
    kit_begin();
    char program[200];
    snprintf(program, sizeof program, "%s/nowhere", kit_run_dir);
    ASSERT_EQ(kit_wait(kit_start_argv("", (char *[]){program, NULL})), 0);
    struct shim_end end = kit_end();
    ASSERT_EQ(end.cause, SHIM_CAUSE_LAUNCH);
    ASSERT(strstr(end.error, "nowhere: No such file or directory"));
    ASSERT_EQ(kit_probe().record.training, 0);

    ASSERT_EQ(attempt_dir_trim(kit_dir, NULL), 0);
    ASSERT_EQ(attempt_dir_make(kit_dir, NULL), 0);
    close(open(program, O_WRONLY | O_CREAT, 0600));
    ASSERT_EQ(kit_wait(kit_start_argv("", (char *[]){program, NULL})), 0);
    ASSERT_EQ(kit_end().cause, SHIM_CAUSE_LAUNCH);
    ASSERT(strstr(kit_end().error, "Permission denied"));
}

TEST(shim_needs_its_directory_and_its_arguments)
{
    kit_begin();
    ASSERT_EQ(rmdir(kit_dir), 0);
    ASSERT_EQ(kit_wait(kit_start("", "true")), SHIM_EXIT_NO_DIR);
    ASSERT_EQ(kit_probe().state, ATTEMPT_DIR_ABSENT);
    ASSERT_EQ(attempt_dir_make(kit_dir, NULL), 0);
    ASSERT_EQ(kit_wait(kit_start("--no-such 1", "true")), SHIM_EXIT_USAGE);
    ASSERT_EQ(kit_wait(kit_start("--grace-ms -1", "true")), SHIM_EXIT_USAGE);
    ASSERT_EQ(kit_wait(kit_start_argv("", (char *[]){NULL})), SHIM_EXIT_USAGE);
    ASSERT_EQ(kit_probe().state, ATTEMPT_DIR_UNOWNED);
}

/* What it cannot read must not mean all processors. */
TEST(shim_refuses_an_invalid_list_of_processors)
{
    static const char *const bad[] = {"a",   "-1",    "99999",   "1-0",  "0-",
                                      "-",   "0,",    ",0",      "0,,1", "+0",
                                      "0x1", "0-1-2", "0-99999", "1024", "18446744073709551616"};
    kit_begin();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char options[64];
        snprintf(options, sizeof options, "--cpus %s", bad[i]);
        if (kit_wait(kit_start(options, "true")) != SHIM_EXIT_USAGE)
            FAIL("'%s' was not refused", bad[i]);
    }
    ASSERT_EQ(kit_probe().state, ATTEMPT_DIR_UNOWNED);
    /* Processors that are gone by now are no reason not to run. */
    ASSERT_EQ(kit_run("--cpus 0-1,1023", "exit 3").code, 3);
}

/* However many shims are sent at one attempt, one training runs. */
TEST(shim_directory_has_one_owner_ever)
{
    enum { RIVALS = 20 };
    pid_t shims[RIVALS];
    kit_begin();
    for (int i = 0; i < RIVALS; i++)
        shims[i] = kit_start("", "echo ran");
    int won = 0;
    for (int i = 0; i < RIVALS; i++) {
        int rc = kit_wait(shims[i]);
        ASSERT(rc == 0 || rc == SHIM_EXIT_OWNED);
        won += rc == 0;
    }
    ASSERT_EQ(won, 1);
    char *log = kit_read(kit_log, NULL);
    ASSERT_STR(log, "ran\n");
    free(log);
    ASSERT_EQ(kit_wait(kit_start("", "echo again")), SHIM_EXIT_OWNED);
    ASSERT_EQ(kit_end().code, 0);
}

TEST(shim_probe_follows_the_life_of_an_attempt)
{
    kit_begin();
    ASSERT_EQ(kit_probe().state, ATTEMPT_DIR_UNOWNED);
    pid_t shim = kit_start("", "echo up; exec sleep 100");
    kit_await(kit_log, "up");
    struct attempt_dir d = kit_probe();
    ASSERT_EQ(d.state, ATTEMPT_DIR_RUNNING);
    ASSERT_EQ(d.record.pid, shim);
    ASSERT(d.record.training > 0 && kit_alive((pid_t)d.record.training));
    ASSERT_EQ(attempt_dir_trim(kit_dir, NULL), ERR_STATE);
    ASSERT_EQ(attempt_dir_make(kit_dir, NULL), ERR_EXISTS);
    ASSERT_EQ(attempt_dir_close(kit_dir, NULL), ERR_EXISTS);
    ASSERT_EQ(attempt_dir_signal(kit_dir, SIGTERM, NULL), 0);
    ASSERT_EQ(kit_wait(shim), 0);
    ASSERT_EQ(kit_end().signal, SIGTERM);
    ASSERT_EQ(kit_end().cause, SHIM_CAUSE_STOP);
    ASSERT_EQ(attempt_dir_signal(kit_dir, SIGTERM, NULL), ERR_NOT_FOUND);
    ASSERT_EQ(attempt_dir_trim(kit_dir, NULL), 0);
    ASSERT_EQ(kit_probe().state, ATTEMPT_DIR_ABSENT);
    ASSERT_EQ(attempt_dir_trim(kit_dir, NULL), 0);
}

TEST(shim_cannot_claim_a_closed_directory)
{
    kit_begin();
    ASSERT_EQ(attempt_dir_close(kit_dir, NULL), 0);
    ASSERT_EQ(kit_wait(kit_start("", "echo ran")), SHIM_EXIT_OWNED);
    struct attempt_dir d = kit_probe();
    ASSERT_EQ(d.state, ATTEMPT_DIR_DEAD);
    ASSERT(d.closed && !d.rebooted);
    ASSERT_EQ(attempt_dir_signal(kit_dir, SIGTERM, NULL), ERR_NOT_FOUND);
    ASSERT(!kit_read(kit_log, NULL));
    ASSERT_EQ(attempt_dir_trim(kit_dir, NULL), 0);
}

TEST(shim_gives_training_a_clean_start)
{
    kit_begin();
    setenv("SOME_VARIABLE", "kept", 1);
    sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    int inherited = dup2(STDERR_FILENO, 77);
    ASSERT_EQ(inherited, 77);
    struct shim_end end =
        kit_run("", "echo $SOME_VARIABLE; [ -e /proc/self/fd/77 ] && echo leaked; cat;"
                    "grep -E '^Sig(Blk|Ign)' /proc/self/status; cut -d' ' -f5 /proc/$$/stat");
    ASSERT_EQ(end.code, 0);
    char *log = kit_read(kit_log, NULL);
    unsigned long long blocked = 1, ignored = 1;
    long long group = 0;
    ASSERT_EQ(sscanf(log, "kept\nSigBlk: %llx\nSigIgn: %llx\n%lld\n", &blocked, &ignored, &group),
              3);
    ASSERT_EQ(blocked, 0);
    ASSERT_EQ(ignored & 0x7fffffff, 0); /* the two above are the C library's own */
    ASSERT_EQ(group, kit_probe().record.training);
    free(log);
}

static bool is_there(const char *name)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", kit_run_dir, name);
    return access(path, F_OK) == 0;
}

/* Directories go round: one that ended is the next one, and nothing of it is left in there. */
TEST(shim_directory_is_used_again_clean)
{
    kit_begin();
    char metrics[200];
    snprintf(metrics, sizeof metrics, "%s/metrics", kit_dir);
    for (int i = 0; i < 3; i++) {
        char script[600];
        snprintf(script, sizeof script, "test -s %s && exit 9; echo '{}'; echo m >> %s; exit %d",
                 metrics, metrics, i);
        ASSERT_EQ(kit_probe().state, ATTEMPT_DIR_UNOWNED);
        struct shim_end end = kit_run("--stdout all", script);
        ASSERT_EQ(end.code, i);
        char *text = kit_read(metrics, NULL);
        ASSERT_STR(text, "m\n");
        free(text);
        ASSERT_EQ(attempt_dir_trim(kit_dir, NULL), 0);
        ASSERT_EQ(kit_probe().state, ATTEMPT_DIR_ABSENT);
        ASSERT(is_there(".spare-0") && !is_there(".spare-1"));
        ASSERT_EQ(attempt_dir_make(kit_dir, NULL), 0);
        ASSERT(!is_there(".spare-0"));
    }
    ASSERT_EQ(attempt_dir_make(kit_dir, NULL), ERR_EXISTS);
}

TEST(shim_directory_of_a_shim_that_has_not_left_is_no_spare)
{
    kit_begin();
    kit_run("", "true");
    char owner[200];
    snprintf(owner, sizeof owner, "%s/" SHIM_OWNER_FILE, kit_dir);
    int fd = open(owner, O_RDONLY);
    ASSERT_EQ(flock(fd, LOCK_EX | LOCK_NB), 0);
    ASSERT_EQ(kit_probe().state, ATTEMPT_DIR_ENDED);
    ASSERT_EQ(attempt_dir_trim(kit_dir, NULL), 0);
    ASSERT_EQ(attempt_dir_make(kit_dir, NULL), 0);
    ASSERT(is_there(".spare-0"));
    ASSERT_EQ(kit_run("", "exit 2").code, 2);
    close(fd);
}

/* Twenty at once on a directory with a spare owner's file: it goes to one of them. */
TEST(shim_directory_used_again_has_one_owner)
{
    enum { RIVALS = 20 };
    pid_t shims[RIVALS];
    kit_begin();
    kit_run("", "true");
    ASSERT_EQ(attempt_dir_trim(kit_dir, NULL), 0);
    ASSERT_EQ(attempt_dir_make(kit_dir, NULL), 0);
    for (int i = 0; i < RIVALS; i++)
        shims[i] = kit_start("", "echo ran");
    int won = 0;
    for (int i = 0; i < RIVALS; i++)
        won += kit_wait(shims[i]) == 0;
    ASSERT_EQ(won, 1);
    char *log = kit_read(kit_log, NULL);
    ASSERT_STR(log, "ran\n");
    free(log);
}

/* A user may keep what an attempt wrote under another name. */
TEST(shim_directory_used_again_leaves_linked_files_alone)
{
    kit_begin();
    char metrics[200], mine[200];
    snprintf(metrics, sizeof metrics, "%s/metrics", kit_dir);
    snprintf(mine, sizeof mine, "%s/mine", kit_run_dir);
    char script[600];
    snprintf(script, sizeof script, "echo m >> %s; ln %s %s; ln -s nowhere %s/x", metrics, metrics,
             mine, kit_dir);
    kit_run("", script);
    ASSERT_EQ(attempt_dir_trim(kit_dir, NULL), 0);
    ASSERT_EQ(attempt_dir_make(kit_dir, NULL), 0);
    ASSERT_EQ(access(metrics, F_OK), -1);
    char *text = kit_read(mine, NULL);
    ASSERT_STR(text, "m\n");
    free(text);
}

/* What an attempt without an orderly end held may still be open somewhere. */
TEST(shim_directory_of_the_dead_is_removed)
{
    kit_begin();
    ASSERT_EQ(attempt_dir_close(kit_dir, NULL), 0);
    ASSERT_EQ(attempt_dir_trim(kit_dir, NULL), 0);
    ASSERT(!is_there("attempt") && !is_there(".spare-0"));
}

/* A spare holds on to the disk under its files. */
TEST(shim_directory_with_a_long_history_is_removed)
{
    kit_begin();
    char script[300];
    snprintf(script, sizeof script, "head -c 100000 /dev/zero >> %s/metrics", kit_dir);
    kit_run("", script);
    ASSERT_EQ(attempt_dir_trim(kit_dir, NULL), 0);
    ASSERT(!is_there("attempt") && !is_there(".spare-0"));
}
