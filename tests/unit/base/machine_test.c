/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/machine.h"
#include "tests/test.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { IDLE, BUSY, GONE, STATES };
static const struct machine_state table[STATES] = {
    [IDLE] = {"idle", MACHINE_TO(BUSY) | MACHINE_TO(GONE), false},
    [BUSY] = {"busy", MACHINE_TO(IDLE), false},
    [GONE] = {"gone", 0, true},
};

TEST(machine_moves_as_its_table_says)
{
    int state = IDLE;
    machine_move(table, &state, BUSY);
    ASSERT_EQ(state, BUSY);
    ASSERT(!machine_may_move(table, BUSY, GONE));
    ASSERT(!machine_may_move(table, BUSY, BUSY));
    ASSERT(machine_may_move(table, BUSY, IDLE));
    ASSERT_EQ(machine_find(table, STATES, "gone"), GONE);
    ASSERT_EQ(machine_find(table, STATES, "went"), -1);
}

TEST(machine_refuses_a_move_by_ending_the_process)
{
    pid_t pid = fork();
    ASSERT(pid >= 0);
    if (pid == 0) {
        int state = GONE;
        ASSERT(freopen("/dev/null", "w", stderr) != NULL);
        machine_move(table, &state, IDLE);
        _exit(0);
    }
    int status = 0;
    ASSERT(waitpid(pid, &status, 0) == pid);
    ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}
