/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/files/files_desk.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "net/worker.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/scratch.h"

static uv_loop_t loop;
static struct files_desk *desk;
static unsigned answered, busy, listed;
static uint64_t last;

static void desk_answered(void *arg, const struct message *answer)
{
    ASSERT(arg == &loop && answer->type == MESSAGE_FILES);
    ASSERT_STR(answer->store, "s");
    answered++;
    if (strcmp(answer->error, "ERR_BUSY") == 0) {
        busy++;
        return;
    }
    ASSERT(answer->request == last + 1);
    last = answer->request;
    listed += *answer->error == '\0' && answer->rows->list.n == 1;
}

static void ask(const char *sweep, uint64_t request)
{
    const struct message m = {.type = MESSAGE_FILES_READ,
                              .store = "s",
                              .sweep = sweep,
                              .trial = 3,
                              .attempt = 1,
                              .path = "",
                              .request = request};
    files_desk_ask(desk, &m);
}

static void scene_start(void)
{
    ASSERT_EQ(uv_loop_init(&loop), 0);
    ASSERT_EQ(chdir(scratch_dir()), 0);
    ASSERT(mkdir("trials", 0700) == 0 && mkdir("trials/aaaa", 0700) == 0 &&
           mkdir("trials/aaaa/3", 0700) == 0);
    close(open("trials/aaaa/3/one", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    desk = files_desk_new(&loop, scratch_dir(), desk_answered, &loop);
}

static void scene_end(void)
{
    files_desk_close(desk);
    uv_run(&loop, UV_RUN_DEFAULT);
    files_desk_free(desk);
    ASSERT_EQ(uv_loop_close(&loop), 0);
}

TEST(files_desk_does_not_hold_up_the_loop)
{
    scene_start();
    ask("aaaa", 1);
    ask("a-sweep-with-an-id-that-is-far-too-long-for-a-key", 2);
    ask("aaaa", 3);
    ASSERT_EQ(answered, 0);
    while (answered < 3)
        uv_run(&loop, UV_RUN_ONCE);
    ASSERT_EQ(listed, 2);
    scene_end();
}

TEST(files_desk_has_a_limit)
{
    scene_start();
    for (uint64_t i = 1; i <= FILES_DESK_WAITING; i++)
        ask("aaaa", i);
    ASSERT_EQ(answered, 0);
    ask("aaaa", 99);
    ASSERT(answered == 1 && busy == 1);
    while (answered < FILES_DESK_WAITING + 1)
        uv_run(&loop, UV_RUN_ONCE);
    ASSERT_EQ(listed, FILES_DESK_WAITING);
    scene_end();
}

TEST(files_desk_closes_while_questions_wait)
{
    scene_start();
    for (uint64_t i = 1; i <= FILES_DESK_WAITING; i++)
        ask("aaaa", i);
    scene_end();
    ASSERT_EQ(answered, 0);
    if (worker_has_left()) { /* as main() of besom does */
        scratch_clear(scratch_dir());
        rmdir(scratch_dir());
        _exit(0);
    }
}
