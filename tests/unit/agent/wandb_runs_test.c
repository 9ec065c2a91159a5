/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/wandb/wandb_runs.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/wandb/wandb_spool.h"
#include "base/limits.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/scratch.h"

static const struct agent_key key = {.sweep = "abcd", .trial = 3, .attempt = 2};
static struct wandb_runs *runs;
static bool records;
static struct buf out;
static char metrics[300];

static void begin(void)
{
    char path[280];
    scratch_clear(scratch_dir());
    snprintf(path, sizeof path, "%s/run", scratch_dir());
    ASSERT_EQ(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/run/abcd-3-2", scratch_dir());
    ASSERT_EQ(mkdir(path, 0700), 0);
    snprintf(metrics, sizeof metrics, "%s/metrics", path);
    runs = wandb_runs_new(scratch_dir(), records);
    buf_init(&out, SIZE_MAX);
}

static void end(void)
{
    wandb_runs_free(runs);
    buf_done(&out);
}

/* As a new process of the agent, which knows only what is on the disk. */
static void begin_again(void)
{
    wandb_runs_free(runs);
    runs = wandb_runs_new(scratch_dir(), records);
}

static int send(const char *run, const char *body)
{
    struct wandb_call call = {.key = key,
                              .stream = run != NULL,
                              .run = run,
                              .path = "/files/e/p/abcd-3/file_stream",
                              .uploads = "http://h/upload",
                              .body = body,
                              .len = strlen(body)};
    buf_clear(&out);
    return wandb_runs_answer(runs, &call, &out);
}

static int send_rows(int from, int n)
{
    struct buf body;
    buf_init(&body, SIZE_MAX);
    buf_addf(&body, "{\"files\":{\"wandb-history.jsonl\":{\"offset\":%d,\"content\":[", from);
    for (int i = from; i < from + n; i++)
        buf_addf(&body, "%s\"{\\\"loss\\\":%d,\\\"_step\\\":%d}\"", i > from ? "," : "", i, i);
    buf_adds(&body, "]}}}");
    int status = send("abcd-3", buf_str(&body));
    buf_done(&body);
    return status;
}

static const char *written(void)
{
    static char text[4096];
    int fd = open(metrics, O_RDONLY);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;
    text[n > 0 ? n : 0] = '\0';
    close(fd);
    return text;
}

static size_t lines(void)
{
    size_t n = 0;
    for (const char *at = written(); *at; at++)
        n += *at == '\n';
    return n;
}

TEST(wandb_runs_write_each_row_once)
{
    begin();
    ASSERT_EQ(send_rows(0, 3), 200);
    ASSERT_STR(buf_str(&out), "{}");
    ASSERT_EQ(send_rows(0, 3), 200); /* its answer was lost */
    ASSERT_EQ(send_rows(2, 3), 200);
    ASSERT_EQ(lines(), 5);
    begin_again();
    ASSERT_EQ(send_rows(3, 4), 200);
    ASSERT_EQ(lines(), 7);
    ASSERT(strstr(written(), "{\"_row\":\"6\",\"loss\":6,\"step\":6}\n"));
    end();
}

TEST(wandb_runs_write_a_line_that_counts_as_bad_for_a_row_that_is_lost)
{
    begin();
    ASSERT_EQ(send_rows(0, 1), 200);
    ASSERT_EQ(send("abcd-3", "{\"files\":{\"wandb-history.jsonl\":{\"offset\":1,\"content\":["
                             "\"junk\",\"{\\\"_step\\\":2}\",\"{\\\"loss\\\":1e400}\"]}}}"),
              200);
    ASSERT(strstr(written(), "\n{\"_row\":\"1\",\"_bad\":\"junk\"}\n"
                             "{\"_row\":\"3\",\"_bad\":\"{\\\"loss\\\":1e400}\"}\n"));
    begin_again();
    ASSERT_EQ(send_rows(3, 2), 200); /* the lost one is not written again */
    ASSERT_EQ(lines(), 4);
    end();
}

TEST(wandb_runs_find_the_last_row_behind_much_else)
{
    begin();
    ASSERT_EQ(send_rows(0, 3), 200);
    FILE *f = fopen(metrics, "a");
    for (int i = 0; i < 20000; i++)
        fprintf(f, "{\"other\":%d}\n", i);
    fclose(f);
    begin_again();
    ASSERT_EQ(send(NULL, "{\"query\":\"query RunResumeStatus {x}\"}"), 200);
    ASSERT(strstr(buf_str(&out), "\"historyLineCount\":3"));
    ASSERT(strstr(buf_str(&out), "_step\\\\\\\":2"));
    end();
}

TEST(wandb_runs_do_not_read_all_of_a_file_that_training_made_long)
{
    begin();
    ASSERT_EQ(send_rows(0, 3), 200);
    ASSERT_EQ(truncate(metrics, (off_t)1 << 40), 0);
    begin_again();
    ASSERT_EQ(send(NULL, "{\"query\":\"query RunResumeStatus {x}\"}"), 200);
    ASSERT(strstr(buf_str(&out), "\"historyLineCount\":3"));
    end();
}

/* A row of names that no row had before, and no other. */
static void send_names(int row, int from, int n)
{
    struct buf body;
    buf_init(&body, SIZE_MAX);
    buf_addf(&body, "{\"files\":{\"wandb-history.jsonl\":{\"offset\":%d,\"content\":[\"{", row);
    for (int i = from; i < from + n; i++)
        buf_addf(&body, "%s\\\"n%d\\\":1", i > from ? "," : "", i);
    buf_adds(&body, "}\"]}}}");
    ASSERT_EQ(send("abcd-3", buf_str(&body)), 200);
    buf_done(&body);
}

TEST(wandb_runs_keep_no_more_names_than_an_attempt_may_have)
{
    static const char summary[] =
        "{\"files\":{\"wandb-summary.json\":{\"offset\":0,\"content\":[\"{\\\"%s\\\":5}\"]}},"
        "\"complete\":true}";
    char body[200];
    struct stat before, after;
    begin();
    send_names(0, 0, LIMIT_METRIC_KEYS - 1);
    snprintf(body, sizeof body, summary, "last");
    ASSERT(stat(metrics, &before) == 0 && send("abcd-3", body) == 200 &&
           stat(metrics, &after) == 0);
    ASSERT(after.st_size > before.st_size);
    send_names(1, LIMIT_METRIC_KEYS, 5);
    snprintf(body, sizeof body, summary, "one_more");
    ASSERT(stat(metrics, &before) == 0 && send("abcd-3", body) == 200 &&
           stat(metrics, &after) == 0);
    ASSERT_EQ(after.st_size, before.st_size);
    end();
}

TEST(wandb_runs_report_what_only_the_summary_has)
{
    begin();
    ASSERT_EQ(send_rows(0, 2), 200);
    ASSERT_EQ(send("abcd-3", "{\"files\":{\"wandb-summary.json\":{\"offset\":0,\"content\":["
                             "\"{\\\"loss\\\":1,\\\"best\\\":5,\\\"_step\\\":1}\"]}},"
                             "\"complete\":true,\"exitcode\":0}"),
              200);
    ASSERT(strstr(written(), "\n{\"_sum\":\"\",\"best\":5,\"step\":1}\n"));
    ASSERT_EQ(lines(), 3);
    end();
}

TEST(wandb_runs_refuse_other_runs)
{
    begin();
    ASSERT_EQ(send("abcd-4", "{\"files\":{}}"), 403);
    ASSERT_EQ(
        send(NULL, "{\"query\":\"mutation UpsertBucket {x}\",\"variables\":{\"name\":\"x\"}}"),
        200);
    ASSERT(strstr(buf_str(&out), "errors"));
    ASSERT_EQ(send(NULL, "{\"query\":\"query NoSuchThing {x}\"}"), 200);
    ASSERT(strstr(buf_str(&out), "unsupported operation NoSuchThing"));
    ASSERT_EQ(send(NULL, "nonsense"), 400);
    ASSERT_EQ(send("abcd-3", "nonsense"), 400);
    ASSERT_EQ(lines(), 0);
    end();
}

TEST(wandb_runs_refuse_attempts_whose_folder_is_gone)
{
    begin();
    unlink(metrics);
    char path[280];
    snprintf(path, sizeof path, "%s/run/abcd-3-2", scratch_dir());
    rmdir(path);
    ASSERT_EQ(send_rows(0, 1), 404);
    end();
}

TEST(wandb_keys_are_good_for_their_attempt_alone)
{
    struct wandb_access access = {.url = "http://127.0.0.1:1", .secret = "abc"};
    struct wandb_access other = {.url = "http://127.0.0.1:1", .secret = "abd"};
    struct agent_key read;
    char text[WANDB_KEY_BYTES];
    wandb_access_key(&access, &key, text);
    ASSERT(strlen(text) >= 40 && strncmp(text, "besom-abcd-3-2-", 15) == 0);
    ASSERT(wandb_access_read(&access, text, &read));
    ASSERT(read.trial == 3 && read.attempt == 2 && strcmp(read.sweep, "abcd") == 0);
    ASSERT(!wandb_access_read(&other, text, &read));
    text[11] = '4'; /* of another trial */
    ASSERT(!wandb_access_read(&access, text, &read));
    static const char *const none[] = {
        "", "-", "besom-", "besom--", "besom-a-1-1", "besom-a-1-1-", "bsm_trial_x"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        ASSERT(!wandb_access_read(&access, none[i], &read));
}

static struct arena arena;

/* The kinds of the frames that are kept, in order. */
static const char *kept(void)
{
    static char kinds[32];
    struct wandb_spool s;
    struct wandb_frame f;
    size_t n = 0;
    if (wandb_spool_open(&s, scratch_dir(), &key, false) != 0)
        return "none";
    for (uint64_t at = 0; n + 1 < sizeof kinds && wandb_spool_read(&s, &arena, at, &f); at = f.next)
        kinds[n++] = (char)f.kind;
    kinds[n] = '\0';
    wandb_spool_close(&s);
    return kinds;
}

static const char *frame(size_t number)
{
    struct wandb_spool s;
    struct wandb_frame f = {.body = ""};
    uint64_t at = 0;
    ASSERT_EQ(wandb_spool_open(&s, scratch_dir(), &key, false), 0);
    for (size_t i = 0; i <= number && wandb_spool_read(&s, &arena, at, &f); i++)
        at = f.next;
    wandb_spool_close(&s);
    return f.body;
}

#define UPSERT "{\"query\":\"mutation UpsertBucket { x }\",\"variables\":{\"name\":\"abcd-3\"}}"

TEST(wandb_runs_keeps_what_is_said_of_the_run)
{
    records = true;
    begin();
    ASSERT_EQ(send(NULL, UPSERT), 200);
    ASSERT_EQ(send_rows(0, 3), 200);
    begin_again();
    ASSERT_EQ(send("abcd-3", "{\"complete\":true,\"exitcode\":0}"), 200);
    ASSERT(!wandb_spool_open_run(&arena, scratch_dir(), &key));
    wandb_runs_collect(runs, &key, 0);
    wandb_runs_collect(runs, &key, 0); /* as a process that finds the ended attempt again */
    ASSERT_STR(kept(), "ccsse");       /* a second attempt begins the run anew */
    ASSERT(strstr(frame(0), "RewindRun"));
    ASSERT(strstr(frame(1), "\"entity\": \"besom\""));
    ASSERT(strstr(frame(1), "\"sweep\": \"abcd\""));
    ASSERT(strstr(frame(2), "\\\"loss\\\":2"));
    arena_done(&arena);
    end();
}

TEST(wandb_runs_tells_the_end_of_a_run_that_was_cut)
{
    records = true;
    begin();
    ASSERT_EQ(send(NULL, UPSERT), 200);
    ASSERT_EQ(send_rows(0, 1), 200);
    ASSERT(wandb_spool_open_run(&arena, scratch_dir(), &key) != NULL);
    begin_again();
    wandb_runs_collect(runs, &key, 137);
    ASSERT_STR(kept(), "ccsse");
    ASSERT_STR(frame(3), "{\"complete\":true,\"exitcode\":137}");
    arena_done(&arena);
    end();
}

/* Training may put anything into the folder of the agent, which it can write. */
TEST(wandb_runs_waits_for_no_pipe)
{
    static const char *const names[] = {"sent", "open"};
    char path[300];
    records = true;
    begin();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/" WANDB_SPOOL_DIR, scratch_dir());
        (void)mkdir(path, 0700);
        snprintf(path, sizeof path, "%s/" WANDB_SPOOL_DIR "/abcd-3-2", scratch_dir());
        (void)mkdir(path, 0700);
        snprintf(path, sizeof path, "%s/" WANDB_SPOOL_DIR "/abcd-3-2/%s", scratch_dir(), names[i]);
        ASSERT_EQ(mkfifo(path, 0600), 0);
    }
    alarm(60);
    ASSERT_EQ(send(NULL, UPSERT), 200);
    ASSERT_EQ(send_rows(0, 1), 200);
    ASSERT(!wandb_spool_open_run(&arena, scratch_dir(), &key));
    ASSERT_STR(kept(), "ccs");
    alarm(0);
    arena_done(&arena);
    end();
}

TEST(wandb_runs_passes_on_what_is_not_of_its_run)
{
    records = true;
    begin();
    ASSERT_EQ(send(NULL, "{\"query\":\"query Runs { x }\"}"), WANDB_RUNS_PASS);
    ASSERT_EQ(send(NULL, "{\"query\":\"query RunResumeStatus { x }\",\"variables\":"
                         "{\"name\":\"abcd-3\"}}"),
              WANDB_RUNS_PASS); /* what earlier attempts logged */
    ASSERT_EQ(send(NULL, UPSERT), 200);
    ASSERT_STR(kept(), "c"); /* the script continues it */
    ASSERT_EQ(send(NULL, "{\"query\":\"query Viewer { x }\"}"), 200);
    ASSERT_EQ(send(NULL,
                   "{\"query\":\"mutation CreateRunFiles { x }\",\"variables\":{\"run\":"
                   "\"abcd-3\",\"entity\":\"e\",\"project\":\"p\",\"files\":[\"a b/c.txt\"]}}"),
              200);
    ASSERT(strstr(buf_str(&out), "http://h/upload?entity=e&project=p&name=a%20b%2Fc.txt"));
    records = false;
    begin_again();
    ASSERT_EQ(send(NULL, "{\"query\":\"query Runs { x }\"}"), 200);
    ASSERT(strstr(buf_str(&out), "unsupported"));
    arena_done(&arena);
    end();
}

TEST(wandb_runs_takes_uploads)
{
    char path[300];
    struct digest digest = {.sha256 = "ab"};
    records = true;
    begin();
    snprintf(path, sizeof path, "%s/upload", scratch_dir());
    FILE *f = fopen(path, "w");
    fputs("abc", f);
    fclose(f);
    ASSERT_EQ(wandb_runs_upload(runs, &key, "entity=e&project=p", path, 3, &digest), 400);
    ASSERT_EQ(wandb_runs_upload(runs, &key, "entity=e&project=p&name=a%2Fb", path, 3, &digest),
              200);
    ASSERT_STR(kept(), "f");
    ASSERT(strstr(frame(0), "\"name\":\"a/b\",\"file\":\"file-0\",\"size\":3,\"sha256\":\"ab\""));
    ASSERT(access(path, F_OK) != 0);
    arena_done(&arena);
    end();
}
