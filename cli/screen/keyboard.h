/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The keyboard and the size of the terminal, as events of a loop. Nothing without a terminal, or in the background. */
#include <stdbool.h>

struct keyboard;
struct uv_loop_s;

enum keyboard_event {
    KEYBOARD_KEY,     /* as in cli/screen/keys.h */
    KEYBOARD_SIZE,    /* the terminal has another size */
    KEYBOARD_RESUMED, /* Ctrl-Z had stopped the process: what stands on the terminal is not known */
};

typedef void (*keyboard_fn)(void *arg, enum keyboard_event event, int key);
/* out: the descriptor that is drawn to. screen: use the alternate screen. NULL if it is not a
 * terminal. */
struct keyboard *keyboard_open(struct uv_loop_s *loop, int out, bool screen, keyboard_fn fn,
                               void *arg);
bool keyboard_has_keys(const struct keyboard *k); /* takes NULL */
/* Restores the terminal. Its handles close in the next turn of the loop. Takes NULL. */
void keyboard_close(struct keyboard *k);
