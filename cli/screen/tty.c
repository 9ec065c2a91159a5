/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/screen/tty.h"

#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define SCREEN_ON "\x1b[?1049h\x1b[?25l\x1b[H\x1b[2J"
#define SCREEN_OFF "\x1b[0m\x1b[?25h\x1b[?1049l"

static struct {
    bool known, set, screen;
    int out;
    struct termios before;
} tty;

static void text_write(const char *text)
{
    ssize_t n = write(tty.out, text, strlen(text));
    (void)n; /* the terminal is gone: nothing is to be restored */
}

static void on_abort(int number)
{
    tty_end();
    sigaction(number, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
    raise(number);
}

static bool is_foreground(void)
{
    return tcgetpgrp(STDIN_FILENO) == getpgrp();
}

static bool mode_set(void)
{
    if (!tty.known || tty.set || !is_foreground())
        return tty.set;
    struct termios mode = tty.before;
    mode.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
    mode.c_cc[VMIN] = 1;
    mode.c_cc[VTIME] = 0;
    tty.set = tcsetattr(STDIN_FILENO, TCSADRAIN, &mode) == 0;
    if (tty.set && tty.screen)
        text_write(SCREEN_ON);
    return tty.set;
}

bool tty_begin(int out, bool screen)
{
    if (!isatty(STDIN_FILENO) || !isatty(out) || !is_foreground() ||
        tcgetattr(STDIN_FILENO, &tty.before) != 0)
        return false;
    tty.known = true;
    tty.out = out;
    tty.screen = screen;
    sigaction(SIGABRT, &(struct sigaction){.sa_handler = on_abort}, NULL);
    return mode_set();
}

void tty_end(void)
{
    if (!tty.set)
        return;
    tty.set = false;
    if (tty.screen)
        text_write(SCREEN_OFF);
    if (is_foreground()) /* in the background it would stop this process */
        tcsetattr(STDIN_FILENO, TCSADRAIN, &tty.before);
}

void tty_stop(void)
{
    tty_end();
    raise(SIGSTOP);
}

bool tty_resume(void)
{
    return mode_set();
}
