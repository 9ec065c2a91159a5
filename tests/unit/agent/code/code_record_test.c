/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/code/code_record.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/code/code_child.h"
#include "agent/code/code_git.h"
#include "base/err.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/scratch.h"

static char root[300];

static void text_put(const char *name, const char *text)
{
    char path[400];
    snprintf(path, sizeof path, "%s/%s", root, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    ASSERT(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
}

static void git(const char *const *args)
{
    const char *argv[20] = {"git", "-c", "user.name=t", "-c", "user.email=t@example.com"};
    struct buf out;
    struct err err = {0};
    for (size_t n = 5; *args;)
        argv[n++] = *args++;
    struct code_child c = {.argv = argv, .folder = root, .limit_ms = 20000};
    buf_init(&out, SIZE_MAX);
    int rc = code_child_run(&c, &out, &err);
    buf_done(&out);
    if (rc == ERR_NOT_FOUND)
        test_skip("there is no git");
    if (rc != 0 || c.status != 0)
        FAIL("git: %s %s", err.text, c.said);
}
#define GIT(...) git((const char *const[]){__VA_ARGS__, NULL})

static void repository_make(void)
{
    setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
    setenv("GIT_CONFIG_SYSTEM", "/dev/null", 1);
    snprintf(root, sizeof root, "%s/project", scratch_dir());
    mkdir(root, 0755);
    GIT("init", "-q", "-b", "main");
    char lib[400];
    snprintf(lib, sizeof lib, "%s/lib", root);
    mkdir(lib, 0755);
    text_put("train.py", "one\n");
    text_put("lib/net.py", "net\n");
    text_put(".gitignore", "data\n");
    text_put("data", "large\n");
    text_put(".env", "TOKEN=very-secret\n");
    text_put("sweep.yaml", "method: random\n");
}

static struct value *record(struct arena *a, bool snapshot, const char *workdir)
{
    static char spec[400], folder[400], real[PATH_MAX];
    struct value *code = NULL;
    struct err err = {0};
    snprintf(folder, sizeof folder, "%s/store", scratch_dir());
    mkdir(folder, 0755);
    snprintf(real, sizeof real, "%s%s", root, workdir);
    snprintf(spec, sizeof spec, "%s/sweep.yaml", root);
    const struct code_record_from from = {
        .workdir = real, .dir = folder, .spec = spec, .snapshot = snapshot};
    if (code_record(a, &from, &code, &err) != 0)
        FAIL("%s", err.text);
    return code;
}

static size_t changes(const struct value *code, const char *wanted)
{
    struct buf names;
    char spec[400];
    snprintf(spec, sizeof spec, "%s/sweep.yaml", root);
    buf_init(&names, SIZE_MAX);
    size_t n = code_record_changes(code, root, spec, &names);
    ASSERT_STR(buf_str(&names), wanted);
    buf_done(&names);
    return n;
}

TEST(commit_and_difference_are_recorded)
{
    struct arena a;
    arena_init(&a);
    repository_make();
    struct value *code = record(&a, false, ""); /* no commit yet */
    ASSERT(value_get(code, "commit")->kind == VALUE_NULL && value_get_bool(code, "dirty", false));
    GIT("add", "-f", ".");
    GIT("commit", "-q", "-m", "one");
    code = record(&a, false, "");
    ASSERT_EQ(strlen(value_get_str(code, "commit", "")), 40);
    ASSERT_STR(value_get_str(code, "branch", ""), "main");
    ASSERT(!value_get_bool(code, "dirty", true) && !value_get(code, "diff") &&
           !value_get(code, "snapshot"));
    text_put("train.py", "two\n");
    text_put(".env", "TOKEN=more-secret\n");
    code = record(&a, false, "/lib");
    const char *diff = value_get_str(code, "diff", "");
    ASSERT(value_get_bool(code, "dirty", false));
    ASSERT(strstr(diff, "-one\n+two\n") && !strstr(diff, "secret"));
    arena_done(&a);
}

TEST(later_changes_are_found)
{
    struct arena a;
    arena_init(&a);
    repository_make();
    GIT("add", ".");
    GIT("commit", "-q", "-m", "one");
    text_put("train.py", "two\n");
    text_put("notes.txt", "new\n");
    struct value *code = record(&a, false, "");
    ASSERT_EQ(changes(code, ""), 0);
    text_put("results.csv", "made by a trial\n"); /* it was not there: no trial has read it */
    text_put("sweep.yaml", "method: grid\n");     /* told elsewhere */
    ASSERT_EQ(changes(code, ""), 0);
    GIT("add", "train.py");
    GIT("commit", "-q", "-m", "two"); /* the same content, committed */
    ASSERT_EQ(changes(code, ""), 0);
    text_put("lib/net.py", "other\n");
    text_put("notes.txt", "newer\n");
    ASSERT_EQ(changes(code, "notes.txt, lib/net.py"), 2);
    GIT("checkout", "-q", "HEAD~1", "--", "train.py");
    ASSERT_EQ(changes(code, "notes.txt, train.py, lib/net.py"), 3);
    arena_done(&a);
}

TEST(snapshot_has_what_git_does_not_ignore)
{
    struct arena a;
    arena_init(&a);
    repository_make();
    GIT("add", "train.py");
    struct value *code = record(&a, true, "/lib");
    ASSERT_STR(value_get_str(code, "folder", ""), "lib");
    ASSERT_EQ(strlen(value_get_str(code, "snapshot", "")), 64);
    ASSERT_EQ(value_get_int(code, "snapshot_files", 0), 4);
    const struct value *left = value_get(code, "left_out");
    ASSERT_EQ(left->list.n, 1);
    ASSERT_STR(value_get_str(left->list.items[0], "path", ""), ".env");
    arena_done(&a);
}

TEST(variables_of_another_repository_are_ignored)
{
    struct arena a;
    arena_init(&a);
    repository_make();
    setenv("GIT_DIR", "/nowhere", 1);
    ASSERT(record(&a, true, "") != NULL);
    arena_done(&a);
}

TEST(folder_without_git_has_no_record)
{
    struct arena a;
    struct err err = {0};
    struct value *code = NULL;
    arena_init(&a);
    struct code_record_from from = {
        .workdir = scratch_dir(), .dir = scratch_dir(), .spec = "/s.yaml"};
    ASSERT_EQ(code_record(&a, &from, &code, &err), 0);
    ASSERT(code == NULL);
    from.snapshot = true;
    ASSERT_EQ(code_record(&a, &from, &code, &err), ERR_SPEC);
    ASSERT(strstr(err.text, "list the files"));
    snprintf(root, sizeof root, "%s", scratch_dir());
    text_put("train.py", "one\n");
    struct value *files = value_list(&a);
    value_push(&a, files, value_str(&a, "*.py"));
    from.files = files;
    ASSERT_EQ(code_record(&a, &from, &code, &err), 0);
    ASSERT(value_get(code, "commit") == NULL);
    ASSERT_EQ(code_record_changes(code, scratch_dir(), "/s.yaml", &(struct buf){0}), 0);
    text_put("train.py", "two\n");
    struct buf names;
    buf_init(&names, SIZE_MAX);
    ASSERT_EQ(code_record_changes(code, scratch_dir(), "/s.yaml", &names), 1);
    ASSERT_STR(buf_str(&names), "train.py");
    buf_done(&names);
    value_push(&a, files, value_str(&a, "no-such"));
    ASSERT_EQ(code_record(&a, &from, &code, &err), ERR_NOT_FOUND);
    arena_done(&a);
}

TEST(command_that_never_ends_is_killed)
{
    struct buf out;
    struct err err = {0};
    buf_init(&out, 1000);
    struct code_child c = {
        .argv = (const char *const[]){"sh", "-c", "echo said >&2; sleep 300 & wait", NULL},
        .folder = "/",
        .limit_ms = 200};
    ASSERT_EQ(code_child_run(&c, &out, &err), ERR_UNREACHABLE);
    ASSERT_STR(c.said, "said");
    c.argv = (const char *const[]){"sh", "-c", "while :; do echo much; done", NULL};
    c.limit_ms = 60000;
    ASSERT_EQ(code_child_run(&c, &out, &err), 0);
    ASSERT(out.overflow);
    c.argv = (const char *const[]){"no-such-command", NULL};
    ASSERT_EQ(code_child_run(&c, &out, &err), ERR_NOT_FOUND);
    buf_done(&out);
}
