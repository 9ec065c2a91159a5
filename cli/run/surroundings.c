/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/run/surroundings.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ENVIRON_BYTES_MAX = 4 << 20 };

/* Reads what the process was started with: its "environ", as "A=b\0C=d\0", or its "cmdline". */
static bool surroundings_read(struct buf *out, long pid, const char *what)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/%s", pid, what);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : 1;
    while (n > 0) {
        char *room = buf_reserve(out, 4096);
        n = room ? read(fd, room, 4096) : -1;
        if (n > 0)
            buf_commit(out, (size_t)n);
    }
    if (fd >= 0)
        close(fd);
    return n == 0 && out->len > 0;
}

static const char *environ_find(const struct buf *env, const char *name)
{
    size_t len = strlen(name);
    const char *text = buf_peek(env), *end = text + env->len;
    for (; text < end; text += strlen(text) + 1)
        if (strncmp(text, name, len) == 0 && text[len] == '=')
            return text + len + 1;
    return "";
}

void surroundings_differ(struct buf *out, long pid)
{
    static const char *const names[] = {"PATH",       "VIRTUAL_ENV",     "CONDA_PREFIX",
                                        "PYTHONPATH", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES"};
    struct buf env;
    buf_init(&env, ENVIRON_BYTES_MAX);
    bool known = surroundings_read(&env, pid, "environ");
    for (size_t i = 0; known && i < sizeof names / sizeof *names; i++) {
        const char *here = getenv(names[i]);
        if (strcmp(environ_find(&env, names[i]), here ? here : "") != 0)
            buf_addf(out, "%s%s", out->len ? ", " : "", names[i]);
    }
    buf_done(&env);
}

bool surroundings_serves(long pid)
{
    static const char serve[] = "serve";
    struct buf line;
    buf_init(&line, ENVIRON_BYTES_MAX);
    bool known = surroundings_read(&line, pid, "cmdline");
    size_t word = known ? strnlen(buf_peek(&line), line.len) + 1 : 0;
    bool serves = known && word + sizeof serve <= line.len &&
                  memcmp(buf_peek(&line) + word, serve, sizeof serve) == 0;
    buf_done(&line);
    return serves;
}
