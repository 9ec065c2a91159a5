/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A program that is started for one message, without arguments, and gets it on its standard input. */

struct uv_loop_s;
struct alert_program;

/* why: NULL if it has exited with 0. */
typedef void (*alert_done_fn)(void *arg, const char *why);

/* Calls done once, from the loop, also if it cannot be started; then it is freed. text is copied. program: a
 * path, not looked up. */
struct alert_program *alert_program_begin(struct uv_loop_s *loop, const char *program,
                                          const char *text, alert_done_fn done, void *arg);
/* Kills it and its process group; done follows. */
void alert_program_kill(struct alert_program *p);
/* Leaves it alone: done is not called. The loop must run on. */
void alert_program_leave(struct alert_program *p);
