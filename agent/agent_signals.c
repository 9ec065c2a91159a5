/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/agent_signals.h"

#include <signal.h>
#include <uv.h>

#include "agent/agent.h"
#include "base/check.h"
#include "base/mem.h"

static const int numbers[] = {SIGTERM, SIGUSR1, SIGINT, SIGHUP};
enum { SIGNALS = sizeof numbers / sizeof *numbers };

struct agent_signals {
    struct agent *agent;
    void (*hangup)(void *arg);
    void *arg;
    int first;
    uv_signal_t handles[SIGNALS];
};

static void on_signal(uv_signal_t *handle, int number)
{
    struct agent_signals *s = handle->data;
    if (s->first == 0 || number == SIGHUP)
        s->first = number;
    if (number == SIGHUP)
        s->hangup(s->arg);
    else
        agent_leave(s->agent, number != SIGINT);
}

struct agent_signals *agent_signals_new(struct uv_loop_s *loop, struct agent *a,
                                        void (*hangup)(void *arg), void *arg)
{
    struct agent_signals *s = mem_alloc(sizeof *s);
    *s = (struct agent_signals){.agent = a, .hangup = hangup, .arg = arg};
    for (int i = 0; i < SIGNALS; i++) {
        struct sigaction inherited;
        uv_signal_init(loop, &s->handles[i]);
        s->handles[i].data = s;
        check(sigaction(numbers[i], NULL, &inherited) == 0);
        if (inherited.sa_handler != SIG_IGN)
            uv_signal_start(&s->handles[i], on_signal, numbers[i]);
        uv_unref((uv_handle_t *)&s->handles[i]);
    }
    return s;
}

int agent_signals_status(const struct agent_signals *s)
{
    return s->first ? 128 + s->first : 0;
}

void agent_signals_close(struct agent_signals *s)
{
    for (int i = 0; i < SIGNALS; i++)
        uv_close((uv_handle_t *)&s->handles[i], NULL);
}

void agent_signals_free(struct agent_signals *s)
{
    mem_free(s);
}
