/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The signals of an agent's process. SIGTERM and SIGUSR1: its host is taken away (a preempted
 * machine, scancel, Slurm's --signal=USR1@60). SIGINT: Ctrl-C. In both cases it ends its trainings,
 * whose trials go back to the queue at no cost; a second signal kills them. SIGHUP: the terminal is
 * gone, or the agent is to be replaced: trainings continue, and the next agent adopts them. */
struct uv_loop_s;
struct agent;
struct agent_signals;

/* A signal that is ignored at the start stays ignored, as nohup wants it. `hangup` is called at
 * SIGHUP: close the agent and exit. */
struct agent_signals *agent_signals_new(struct uv_loop_s *loop, struct agent *a,
                                        void (*hangup)(void *arg), void *arg);
/* The exit status: 128 + the first signal, or 0 without one, as after a drain. */
int agent_signals_status(const struct agent_signals *s);
/* Closes its handles, which no longer keep the loop running; then call agent_signals_free. */
void agent_signals_close(struct agent_signals *s);
void agent_signals_free(struct agent_signals *s);
