/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/log_reader.h"
#include "agent/shim/shim_log.h"
#include "base/limits.h"
#include "tests/test.h"
#include "tests/unit/agent/shim_kit.h"

static long long size_of(const char *suffix)
{
    char path[200];
    struct stat st;
    snprintf(path, sizeof path, "%s%s", kit_log, suffix);
    return stat(path, &st) == 0 ? (long long)st.st_size : 0;
}

static char *captured(size_t *ret_len)
{
    char path[200];
    snprintf(path, sizeof path, "%s/" SHIM_STDOUT_FILE, kit_dir);
    char *text = kit_read(path, ret_len);
    ASSERT(text);
    return text;
}

TEST(output_is_kept_byte_for_byte)
{
    kit_begin();
    kit_run("", "printf 'a\\000b\\r\\n\\033[1m\\377'; printf ' err' >&2; printf ' no newline'");
    size_t len;
    char *log = kit_read(kit_log, &len);
    static const char expect[] = "a\0b\r\n\033[1m\377 err no newline";
    ASSERT_EQ(len, sizeof expect - 1);
    ASSERT(memcmp(log, expect, len) == 0);
    ASSERT_EQ(kit_end().dropped, 0);
    free(log);
}

TEST(output_of_nothing_makes_no_file)
{
    kit_begin();
    ASSERT_EQ(kit_run("", "true").code, 0);
    ASSERT_EQ(access(kit_log, F_OK), -1);
    struct buf out;
    uint64_t at = 0, dropped;
    buf_init(&out, SIZE_MAX);
    ASSERT_EQ(log_reader_read(kit_log, &at, 100, &out, &dropped, NULL), 0);
    ASSERT_EQ(out.len, 0);
    buf_done(&out);
}

/* The lines of `seq 100000 120000`: every seven bytes name their own place. */
static void check_numbers(const char *text, size_t len, uint64_t offset)
{
    for (size_t i = 0; i < len; i++) {
        char line[8];
        snprintf(line, sizeof line, "%llu\n", 100000 + (unsigned long long)(offset + i) / 7);
        ASSERT_EQ(text[i], line[(offset + i) % 7]);
    }
}

TEST(output_over_the_cap_keeps_head_and_tail)
{
    enum { CAP = 40000, TOTAL = 7 * 20001 };
    kit_begin();
    struct shim_end end = kit_run("--log-bytes 40000", "seq 100000 120000");
    ASSERT_EQ(end.code, 0);
    ASSERT(size_of("") + size_of(SHIM_LOG_OLD) + size_of(SHIM_LOG_NEW) <= CAP);
    ASSERT(end.dropped >= TOTAL - CAP && end.dropped < TOTAL - CAP / 2);
    struct buf out;
    uint64_t at = 0, dropped, gaps = 0, got = 0;
    buf_init(&out, SIZE_MAX);
    for (;;) {
        uint64_t before = at;
        buf_clear(&out);
        ASSERT_EQ(log_reader_read(kit_log, &at, 1000, &out, &dropped, NULL), 0);
        if (at == before)
            break;
        ASSERT_EQ(at, before + dropped + out.len);
        check_numbers(buf_str(&out), out.len, before + dropped);
        gaps += dropped;
        got += out.len;
    }
    ASSERT_EQ(at, TOTAL);
    ASSERT_EQ(gaps, end.dropped);
    ASSERT_EQ(got, TOTAL - end.dropped);
    uint64_t last;
    ASSERT_EQ(log_reader_end(kit_log, &last, NULL), 0);
    ASSERT_EQ(last, TOTAL);
    ASSERT_EQ(log_reader_tail(kit_log, UINT64_MAX, 10, CAP / 4, &last, NULL), 0);
    ASSERT_EQ(last, TOTAL - 70);
    /* Looking back over the gap finds nothing before it. */
    ASSERT_EQ(log_reader_tail(kit_log, UINT64_MAX, 1000000, 10 * CAP, &last, NULL), 0);
    ASSERT_EQ(last, CAP / 4 + end.dropped);
    buf_done(&out);
}

/* 100 MB in one line, with a reader beside it. */
TEST(output_flood_is_bounded)
{
    kit_begin();
    pid_t shim = kit_start("--log-bytes 1000000 --stdout json",
                           "printf '{'; head -c 100000000 /dev/zero | tr '\\0' x; echo; echo '{}'");
    int status;
    struct rusage use;
    uint64_t at = 0, dropped;
    struct buf out;
    buf_init(&out, SIZE_MAX);
    pid_t done;
    while ((done = wait4(shim, &status, WNOHANG, &use)) == 0) {
        buf_clear(&out);
        ASSERT_EQ(log_reader_read(kit_log, &at, 1 << 16, &out, &dropped, NULL), 0);
        ASSERT(size_of("") <= 250000);
    }
    ASSERT(done == shim && status == 0);
    ASSERT(use.ru_maxrss < 64 << 10);
    struct shim_end end = kit_end();
    ASSERT_EQ(end.code, 0);
    ASSERT(end.dropped > 99000000 && end.dropped < 100000000);
    ASSERT(size_of("") + size_of(SHIM_LOG_OLD) + size_of(SHIM_LOG_NEW) <= 1000000);
    ASSERT_EQ(size_of(".new"), 0);
    char *lines = captured(NULL);
    ASSERT_STR(lines, "\x01long 1\n{}\n");
    free(lines);
    buf_done(&out);
}

TEST(output_closed_early)
{
    kit_begin();
    ASSERT_EQ(kit_run("--stdout all", "echo a; exec >&- 2>&-; sleep 0.2; exit 5").code, 5);
    char *log = kit_read(kit_log, NULL);
    ASSERT_STR(log, "a\n");
    free(log);
}

TEST(output_captures_json_lines)
{
    kit_begin();
    kit_run("--stdout json",
            "echo start; echo '{\"a\":1}'; echo '{\"no\":1}' >&2; printf '  {\"b\"'; sleep 0.1; "
            "printf ':2}\\n\\n'; echo 'x{\"c\":3}'; echo '[1]'; printf '{\"last\":4}'");
    char *lines = captured(NULL), *log = kit_read(kit_log, NULL);
    ASSERT_STR(lines, "{\"a\":1}\n{\"b\":2}\n{\"last\":4}\n");
    /* Two pipes are read one after the other: the log has it all, in either order. */
    ASSERT(strstr(log, "start\n") && strstr(log, "{\"no\":1}\n"));
    ASSERT_EQ(strlen(log), strlen("start\n{\"a\":1}\n{\"no\":1}\n  {\"b\":2}\n\nx{\"c\":3}\n[1]\n"
                                  "{\"last\":4}"));
    free(lines);
    free(log);
}

TEST(output_captures_all_lines)
{
    kit_begin();
    kit_run("--stdout all", "echo loss=1; echo; echo err >&2; printf 'loss=2'");
    char *lines = captured(NULL);
    ASSERT_STR(lines, "loss=1\nloss=2\n");
    free(lines);
}

TEST(output_long_lines_are_not_captured_but_marked)
{
    kit_begin();
    kit_run("--stdout all", "head -c 70000 /dev/zero | tr '\\0' x; echo; echo ok; "
                            "head -c 65536 /dev/zero | tr '\\0' y; echo; "
                            "head -c 65537 /dev/zero | tr '\\0' z");
    static const char before[] = "\x01long 1\nok\n", after[] = "\x01long 4\n";
    size_t len, kept = sizeof before - 1 + LIMIT_METRIC_LINE_BYTES + 1;
    char *lines = captured(&len);
    ASSERT_EQ(len, kept + sizeof after - 1);
    ASSERT(strncmp(lines, before, sizeof before - 1) == 0);
    ASSERT_STR(lines + kept, after);
    free(lines);
}

TEST(output_oom_is_told_by_the_cgroup)
{
    for (int oom = 0; oom < 2; oom++) {
        char events[200], limit[200], script[800];
        if (oom == 0)
            kit_begin();
        else
            ASSERT_EQ(attempt_dir_make(kit_dir, NULL), 0);
        snprintf(events, sizeof events, "%s/memory.events", kit_run_dir);
        FILE *f = fopen(events, "w");
        fputs("low 0\nhigh 0\nmax 4\noom 3\noom_kill 3\n", f);
        fclose(f);
        setenv("BESOM_MEMORY_EVENTS", events, 1);
        snprintf(limit, sizeof limit, "%s/memory.max", kit_run_dir);
        f = fopen(limit, "w");
        fputs("67108864\n", f);
        fclose(f);
        snprintf(script, sizeof script,
                 "until grep -q training %s/owner; do sleep 0.01; done; "
                 "printf 'low 0\\noom 4\\noom_kill %d\\n' > %s; kill -KILL $$",
                 kit_dir, 3 + oom, events);
        struct shim_end end = kit_run("", script);
        ASSERT_EQ(end.signal, SIGKILL);
        ASSERT_EQ(end.oom, oom);
        const char *text = "out of memory: its largest process had ", *of = " of 64 MiB";
        size_t len = strlen(end.error);
        ASSERT(oom ? strncmp(end.error, text, strlen(text)) == 0 && len > strlen(of) &&
                         strcmp(end.error + len - strlen(of), of) == 0
                   : len == 0);
        ASSERT_EQ(attempt_dir_trim(kit_dir, NULL), 0);
    }
}

static void group_write(const char *name, const char *text)
{
    char path[200];
    snprintf(path, sizeof path, "%s/group/%s", kit_run_dir, name);
    FILE *f = fopen(path, "w");
    ASSERT(f);
    fputs(text, f);
    fclose(f);
}

TEST(output_oom_is_told_by_the_cgroup_that_was_entered)
{
    char group[200], options[300], script[500];
    kit_begin();
    snprintf(group, sizeof group, "%s/group", kit_run_dir);
    ASSERT_EQ(mkdir(group, 0777), 0);
    group_write("cgroup.procs", "");
    group_write("memory.events", "oom_kill 0\n");
    group_write("memory.max", "67108864\n");
    snprintf(options, sizeof options, "--cgroup %s", group);
    snprintf(script, sizeof script,
             "until grep -q training %s/owner; do sleep 0.01; done; "
             "test \"$(cat %s/cgroup.procs)\" = 0 && echo oom_kill 1 > %s/memory.events; "
             "kill -KILL $$",
             kit_dir, group, group);
    struct shim_end end = kit_run(options, script);
    ASSERT_EQ(end.oom, 1);
    ASSERT(strstr(end.error, " of 64 MiB"));
    ASSERT_EQ(attempt_dir_trim(kit_dir, NULL), 0);
    ASSERT_EQ(attempt_dir_make(kit_dir, NULL), 0);
    end = kit_run("--cgroup /nowhere", "exit 3"); /* then training runs without limits */
    ASSERT_EQ(end.code, 3);
    char *log = kit_read(kit_log, NULL);
    ASSERT(strstr(log, "[besom: without limits of memory and cores: /nowhere cannot be entered: "));
    free(log);
}

/* Descriptors that the machine or its limits lack are not training's fault. */
TEST(output_without_descriptors)
{
    kit_begin();
    /* Enough to claim and to watch signals, and not for two pipes. */
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &(struct rlimit){7, 7}), 0);
    struct shim_end end = kit_run("--stdout all", "true");
    ASSERT_EQ(end.cause, SHIM_CAUSE_HOST);
    ASSERT(strstr(end.error, "Too many open files"));
}

/* A limit on the size of files is a full disk to the shim and what it is by default to training. */
TEST(output_under_a_limit_of_file_sizes)
{
    enum { BYTES = 8192 };
    kit_begin();
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &(struct rlimit){BYTES, BYTES}), 0);
    struct shim_end end = kit_run("--stdout all", "i=0; while [ $i -lt 300 ]; do i=$((i + 1)); "
                                                  "echo a line of fifty bytes or so, of which $i; "
                                                  "echo; done; exit 3");
    ASSERT_EQ(end.code, 3);
    ASSERT(end.dropped > 0);
    ASSERT_EQ(size_of(""), BYTES);
    ASSERT_EQ(attempt_dir_trim(kit_dir, NULL), 0);
    ASSERT_EQ(attempt_dir_make(kit_dir, NULL), 0);
    char script[300];
    snprintf(script, sizeof script, "head -c 100000 /dev/zero > %s/big; exit $?", kit_run_dir);
    ASSERT_EQ(kit_run("", script).code, 128 + SIGXFSZ);
}
