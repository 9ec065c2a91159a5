/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The mode of the process's terminal: keys that arrive at once and are not echoed, and a screen
 * of its own in place of the one of the shell. What was there before is restored at the end, also when a
 * bug ends the process. One a process. */
#include <stdbool.h>

/* Whether stdin is a terminal, `out` (a descriptor) too, and this process in its foreground: then the
 * mode is set. screen: the other screen, without a cursor. Ctrl-C and Ctrl-Z stay signals. */
bool tty_begin(int out, bool screen);
/* Restores the terminal; does nothing where it is. */
void tty_end(void);
/* Ctrl-Z: restores the terminal and stops this process. It continues after SIGCONT. */
void tty_stop(void);
/* After SIGCONT: sets the mode again, if the process is in the foreground; true where it is set. */
bool tty_resume(void);
