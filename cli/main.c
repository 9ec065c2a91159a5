/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The besom command: finds the subcommand, reads its options, runs it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/gpu/gpu_watch.h"
#include "cli/complain.h"
#include "cli/help/help.h"
#include "cli/invocation.h"
#include "cli/subcommand/subcommand_table.h"
#include "net/worker.h"

static void print_help(FILE *to, const struct subcommand *s)
{
    struct buf out;
    buf_init(&out, SIZE_MAX);
    s ? help_one(&out, s) : help_all(&out, subcommand_table);
    fwrite(buf_str(&out), 1, out.len, to);
    buf_done(&out);
}

/* Lost output is a failure, unless the reader closed the pipe (besom trials | head). */
static int end_output(int code)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    if (errno == EPIPE)
        return code;
    struct err err = {0};
    err_set(&err, ERR_IO, "cannot write the output: %s", errno ? strerror(errno) : "it failed");
    return complain(&err);
}

static int complain_unknown(const char *word)
{
    struct err err = {0};
    const char *near = subcommand_nearest(subcommand_table, word);
    if (word[0] == '-')
        err_set(&err, ERR_USAGE, "options come after the command: besom COMMAND %.60s", word);
    else if (near)
        err_set(&err, ERR_USAGE, "no command '%.60s': did you mean '%s'?", word, near);
    else
        err_set(&err, ERR_USAGE, "no command '%.60s': besom --help lists them", word);
    return complain(&err);
}

static int run_command(int argc, const char **argv)
{
    if (argc < 2) {
        print_help(stderr, NULL);
        return COMPLAIN_USAGE;
    }
    const char *word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        word = "help";
    else if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0)
        word = "version";
    const struct subcommand *s = subcommand_find(subcommand_table, word);
    if (!s)
        return complain_unknown(word);
    struct invocation inv;
    struct err err = {0};
    if (invocation_parse(s, argc - 2, argv + 2, &inv, &err))
        return complain(&err);
    inv.table = subcommand_table;
    if (invocation_flag(&inv, "help")) {
        print_help(stdout, s);
        return COMPLAIN_DONE;
    }
    return s->run(&inv);
}

/* A store or socket would get the number of a closed standard descriptor, and printed text would go
 * into it. The replacements are read-only, so that printing still fails. */
static void hold_standard_descriptors(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDONLY);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

/* `besom gpu-watch`, which besom starts itself: no command for people. */
static int run_gpu_watch(int argc, char **argv)
{
    bool once = argc > 2 && strcmp(argv[2], "--once") == 0;
    int64_t period_ms = argc > 2 && !once ? strtoll(argv[2], NULL, 10) : 0;
    return gpu_watch_run(period_ms > 0 ? period_ms : 10000, once);
}

int main(int argc, char **argv)
{
    hold_standard_descriptors();
    /* A file that reaches the limit on its size (ulimit -f) is handled as a full disk. */
    sigaction(SIGXFSZ, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    if (argc > 1 && strcmp(argv[1], "gpu-watch") == 0)
        return run_gpu_watch(argc, argv);
    int code = end_output(run_command(argc, (const char **)argv));
    if (worker_has_left()) { /* exit() would free what its thread uses */
        fflush(stderr);
        _exit(code);
    }
    return code;
}
