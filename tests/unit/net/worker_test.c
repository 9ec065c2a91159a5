/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/worker.h"

#include <unistd.h>

#include "tests/test.h"

enum { JOBS = 2000 };

struct bench {
    struct worker *worker;
    uv_thread_t loop;
    size_t n, done; /* n: written by the thread, read on the loop once the job has come back */
    int again;
    bool close_at_end;
};

struct task {
    struct bench *bench;
    size_t number, saw;
};

static void task_run(void *arg)
{
    struct task *task = arg;
    uv_thread_t self = uv_thread_self();
    ASSERT(!uv_thread_equal(&self, &task->bench->loop));
    task->saw = task->bench->n++;
}

static void task_done(void *arg);

static void bench_push(struct bench *b, size_t number)
{
    struct task *task = calloc(1, sizeof *task);
    ASSERT(task);
    *task = (struct task){b, number, 0};
    worker_push(b->worker, task_run, task_done, task);
}

static void task_done(void *arg)
{
    struct task *task = arg;
    struct bench *b = task->bench;
    uv_thread_t self = uv_thread_self();
    ASSERT(uv_thread_equal(&self, &b->loop));
    ASSERT_EQ(task->number, b->done);
    ASSERT_EQ(task->saw, b->done);
    b->done++;
    free(task);
    if (b->again > 0) {
        b->again--;
        bench_push(b, b->done + worker_waiting(b->worker));
    }
    if (b->close_at_end && worker_waiting(b->worker) == 0)
        worker_close(b->worker);
}

static void bench_start(struct bench *b, uv_loop_t *loop)
{
    ASSERT_EQ(uv_loop_init(loop), 0);
    b->loop = uv_thread_self();
    ASSERT_EQ(worker_start(loop, &b->worker, NULL), 0);
}

TEST(worker_runs_jobs_in_order_and_brings_them_back)
{
    uv_loop_t loop;
    struct bench b = {.again = 50, .close_at_end = true};
    bench_start(&b, &loop);
    for (size_t i = 0; i < JOBS; i++)
        bench_push(&b, i);
    ASSERT_EQ(worker_waiting(b.worker), JOBS);
    uv_run(&loop, UV_RUN_DEFAULT);
    ASSERT_EQ(b.done, JOBS + 50);
    ASSERT_EQ(uv_loop_close(&loop), 0);
}

TEST(worker_closed_finishes_what_was_pushed)
{
    uv_loop_t loop;
    struct bench b = {0};
    bench_start(&b, &loop);
    for (size_t i = 0; i < JOBS; i++)
        bench_push(&b, i);
    worker_close(b.worker);
    uv_run(&loop, UV_RUN_DEFAULT);
    ASSERT_EQ(b.done, JOBS);
    ASSERT_EQ(uv_loop_close(&loop), 0);
}

TEST(worker_closed_without_a_job)
{
    uv_loop_t loop;
    struct bench b = {0};
    bench_start(&b, &loop);
    worker_close(b.worker);
    worker_close(NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    ASSERT_EQ(uv_loop_close(&loop), 0);
}

static void wait_run(void *arg)
{
    uv_sem_t *both = arg;
    uv_sem_post(&both[0]);
    uv_sem_wait(&both[1]);
}

static void wait_done(void *arg)
{
    (void)arg;
    ASSERT(false);
}

static struct worker *left; /* is never freed */

TEST(worker_left_waits_for_no_job)
{
    uv_loop_t loop;
    uv_sem_t both[2]; /* has begun, may end */
    struct bench b = {0};
    ASSERT_EQ(uv_sem_init(&both[0], 0), 0);
    ASSERT_EQ(uv_sem_init(&both[1], 0), 0);
    bench_start(&b, &loop);
    left = b.worker;
    worker_push(b.worker, wait_run, wait_done, both);
    worker_push(b.worker, wait_run, wait_done, both);
    uv_sem_wait(&both[0]);
    ASSERT(!worker_has_left());
    ASSERT(worker_leave(b.worker));
    ASSERT(worker_has_left());
    uv_run(&loop, UV_RUN_DEFAULT);
    ASSERT_EQ(uv_loop_close(&loop), 0);
    _exit(0); /* the job is still running */
}

TEST(worker_left_idle_ends)
{
    uv_loop_t loop;
    struct bench b = {0};
    bench_start(&b, &loop);
    ASSERT(!worker_leave(b.worker));
    ASSERT(!worker_leave(NULL));
    ASSERT(!worker_has_left());
    uv_run(&loop, UV_RUN_DEFAULT);
    ASSERT_EQ(uv_loop_close(&loop), 0);
}
