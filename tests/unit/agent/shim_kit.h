/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Real shims for tests: a run directory of its own, started and watched as the agent does it, and
 * whatever becomes of a test, no process and no file of it stays. */
#include <sys/types.h>
#include "agent/attempt_dir.h"

extern char kit_run_dir[];
extern char kit_dir[]; /* the attempt's directory, made by kit_begin */
extern char kit_log[];

void kit_begin(void);
/* Starts a shim on kit_dir; `options` are words split at blanks; `script` is run by sh. */
pid_t kit_start(const char *options, const char *script);
pid_t kit_start_argv(const char *options, char *const argv[]);
int kit_wait(pid_t shim); /* exit code, or 128 + signal */
/* Start, wait, probe: the shim exits 0 and there is an end. */
struct shim_end kit_run(const char *options, const char *script);
struct attempt_dir kit_probe(void);
struct shim_end kit_end(void); /* of an attempt that ended */
void kit_pause(void);          /* 10 ms, inside a loop that asks again */
/* Waits until the file holds the text, for as long as a slow machine may need. */
void kit_await(const char *path, const char *text);
char *kit_read(const char *path, size_t *ret_len); /* NULL where it is not there; to be freed */
/* Living processes whose environment names kit_run_dir. */
int kit_living(void);
void kit_await_living(int n);
bool kit_alive(pid_t pid);
