/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/screen/keyboard.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>
#include <uv.h>

#include "base/mem.h"
#include "cli/screen/keys.h"
#include "cli/screen/tty.h"

static const int signals[] = {SIGWINCH, SIGTSTP, SIGCONT};
enum { SIGNALS = sizeof signals / sizeof *signals };

struct keyboard {
    uv_poll_t keys;
    uv_signal_t signals[SIGNALS];
    size_t open; /* handles */
    bool has_keys;
    keyboard_fn fn;
    void *arg;
};

static void on_closed(uv_handle_t *handle)
{
    struct keyboard *k = handle->data;
    if (--k->open == 0)
        mem_free(k);
}

static void on_readable(uv_poll_t *handle, int status, int events)
{
    struct keyboard *k = handle->data;
    char bytes[64];
    (void)events;
    ssize_t n = status == 0 ? read(STDIN_FILENO, bytes, sizeof bytes) : -1;
    if (n <= 0 && errno != EINTR && errno != EAGAIN)
        uv_poll_stop(handle); /* the terminal is gone */
    for (size_t at = 0, len; n > 0 && at < (size_t)n; at += len) {
        int key = keys_read(bytes + at, (size_t)n - at, &len);
        k->fn(k->arg, KEYBOARD_KEY, key);
    }
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct keyboard *k = handle->data;
    if (number == SIGTSTP) {
        tty_stop();
        return;
    }
    if (number == SIGCONT)
        tty_resume();
    k->fn(k->arg, number == SIGWINCH ? KEYBOARD_SIZE : KEYBOARD_RESUMED, 0);
}

struct keyboard *keyboard_open(uv_loop_t *loop, int out, bool screen, keyboard_fn fn, void *arg)
{
    if (!isatty(out))
        return NULL;
    struct keyboard *k = mem_alloc(sizeof *k);
    k->fn = fn;
    k->arg = arg;
    for (int i = 0; i < SIGNALS; i++) {
        struct sigaction inherited;
        uv_signal_init(loop, &k->signals[i]);
        k->signals[i].data = k;
        k->open++;
        if (sigaction(signals[i], NULL, &inherited) == 0 && inherited.sa_handler != SIG_IGN)
            uv_signal_start(&k->signals[i], on_signal, signals[i]);
        uv_unref((uv_handle_t *)&k->signals[i]);
    }
    k->has_keys = tty_begin(out, screen) && uv_poll_init(loop, &k->keys, STDIN_FILENO) == 0;
    if (k->has_keys) {
        k->keys.data = k;
        k->open++;
        uv_poll_start(&k->keys, UV_READABLE, on_readable);
        uv_unref((uv_handle_t *)&k->keys);
    }
    return k;
}

bool keyboard_has_keys(const struct keyboard *k)
{
    return k && k->has_keys;
}

void keyboard_close(struct keyboard *k)
{
    if (!k)
        return;
    tty_end();
    if (k->has_keys)
        uv_close((uv_handle_t *)&k->keys, on_closed);
    for (int i = 0; i < SIGNALS; i++)
        uv_close((uv_handle_t *)&k->signals[i], on_closed);
}
