/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The keys of `besom run` on a terminal. */
#include "cli/run/run_state.h"

/* Reads keys until keyboard_close(r->keyboard); nothing where there is no terminal. */
void run_keys_begin(struct run *r, struct uv_loop_s *loop);
