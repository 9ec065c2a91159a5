/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plays the agents of a fleet over real connections to a real `besom serve`. It first writes their
 * credentials into the store, and then takes commands from its input, one a line, each answered by
 * one line:
 *   connect URL      connect all agents; seconds that it took
 *   measure SECONDS  the load of that time, as JSON
 *   watch            wait for the next launch of a trial; the monotonic clock then
 * The end of its input ends it. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/mem.h"
#include "tests/bench/fleet/fleet_store.h"
#include "tests/bench/fleet/player.h"

enum { TICK_MS = 5 };

struct load {
    uv_loop_t loop;
    uv_timer_t tick;
    uv_pipe_t input;
    struct play play;
    char line[1024];
    size_t len;
    int64_t begun_us, until_us; /* of the command that is being carried out; 0: none */
    enum { COMMAND_NONE, COMMAND_CONNECT, COMMAND_MEASURE, COMMAND_WATCH } command;
};

static int us_compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static double ack_ms(const struct play *p, double share)
{
    return p->acks_n ? p->acks_us[(size_t)((double)(p->acks_n - 1) * share)] / 1e3 : 0;
}

/* Messages that are not acknowledged yet count as if they were now: a stalled controller must not
 * look fast. */
static void acks_finish(struct play *p)
{
    int64_t now = play_now_us();
    for (size_t i = 0; i < p->n; i++) {
        const struct player *w = &p->players[i];
        if (!w->metrics_us || now <= w->metrics_us)
            continue;
        if (p->acks_n == p->acks_cap)
            p->acks_us = mem_grow(p->acks_us, &p->acks_cap, p->acks_n + 1, sizeof *p->acks_us);
        p->acks_us[p->acks_n++] = (uint32_t)(now - w->metrics_us);
    }
}

static void measure_print(struct load *l)
{
    struct play *p = &l->play;
    double seconds = (double)(play_now_us() - l->begun_us) / 1e6;
    size_t answered = p->acks_n;
    acks_finish(p);
    if (p->acks_n > 0)
        qsort(p->acks_us, p->acks_n, sizeof *p->acks_us, us_compare);
    printf("{\"seconds\":%.3f,\"agents\":%zu,\"wanted\":%zu,\"acks\":%zu,\"p50\":%.2f,\"p99\":%.2f,"
           "\"max\":%.2f,"
           "\"ended\":%llu,\"launched\":%llu}\n",
           seconds, p->welcome, p->n, answered, ack_ms(p, .5), ack_ms(p, .99), ack_ms(p, 1),
           (unsigned long long)p->ended, (unsigned long long)p->launched);
}

/* The command that is being carried out may be done. */
static void command_look(struct load *l)
{
    struct play *p = &l->play;
    int64_t now = play_now_us();
    if (l->command == COMMAND_CONNECT && p->welcome == p->n) {
        printf("%.3f\n", (double)(now - l->begun_us) / 1e6);
    } else if (l->command == COMMAND_MEASURE && now >= l->until_us) {
        measure_print(l);
        p->measuring = false;
    } else if (l->command == COMMAND_WATCH && p->first_launch > 0) {
        printf("%.6f\n", p->first_launch);
    } else {
        return;
    }
    fflush(stdout);
    l->command = COMMAND_NONE;
}

static void on_tick(uv_timer_t *timer)
{
    struct load *l = timer->data;
    play_tick(&l->play);
    command_look(l);
}

static void command_begin(struct load *l, const char *line)
{
    struct play *p = &l->play;
    struct err err = {0};
    l->begun_us = play_now_us();
    if (strncmp(line, "connect ", 8) == 0) {
        if (endpoint_parse(line + 8, &p->endpoint, &err) != 0) {
            fprintf(stderr, "fleet_load: %s\n", err.text);
            exit(2);
        }
        l->command = COMMAND_CONNECT;
        play_begin(p);
    } else if (strncmp(line, "measure ", 8) == 0) {
        l->command = COMMAND_MEASURE;
        l->until_us = l->begun_us + (int64_t)(strtod(line + 8, NULL) * 1e6);
        p->measuring = true;
        p->acks_n = 0;
        p->ended = p->launched = 0;
    } else if (strcmp(line, "watch") == 0) {
        l->command = COMMAND_WATCH;
        p->first_launch = 0;
    } else {
        fprintf(stderr, "fleet_load: unknown command: %s\n", line);
        exit(2);
    }
}

static void input_alloc(uv_handle_t *handle, size_t size, uv_buf_t *ret)
{
    struct load *l = handle->data;
    (void)size;
    *ret = uv_buf_init(l->line + l->len, (unsigned)(sizeof l->line - l->len));
}

static void input_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct load *l = stream->data;
    char *end;
    (void)buf;
    if (n < 0)
        exit(0);
    l->len += (size_t)n;
    while ((end = memchr(l->line, '\n', l->len)) != NULL) {
        size_t used = (size_t)(end + 1 - l->line);
        *end = '\0';
        command_begin(l, l->line);
        memmove(l->line, end + 1, l->len - used);
        l->len -= used;
    }
}

static void load_run(struct load *l)
{
    check(uv_loop_init(&l->loop) == 0);
    l->play.loop = &l->loop;
    l->play.arena = (struct arena){0};
    arena_init(&l->play.arena);
    buf_init(&l->play.text, SIZE_MAX);
    uv_timer_init(&l->loop, &l->tick);
    l->tick.data = l->input.data = l;
    uv_timer_start(&l->tick, on_tick, TICK_MS, TICK_MS);
    uv_pipe_init(&l->loop, &l->input, 0);
    l->input.data = l;
    check(uv_pipe_open(&l->input, STDIN_FILENO) == 0);
    uv_read_start((uv_stream_t *)&l->input, input_alloc, input_read);
    puts("ready");
    fflush(stdout);
    uv_run(&l->loop, UV_RUN_DEFAULT);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"agents", required_argument, NULL, 'a'},   {"tls", no_argument, NULL, 't'},
        {"train-ms", required_argument, NULL, 'm'}, {"metrics", no_argument, NULL, 'r'},
        {"past", required_argument, NULL, 'p'},     {NULL, 0, NULL, 0}};
    static struct load l;
    uint64_t past = 0;
    bool tls = false;
    int c;
    l.play.n = 100;
    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (c == 'a')
            l.play.n = strtoul(optarg, NULL, 10);
        else if (c == 'm')
            l.play.train_ms = strtol(optarg, NULL, 10);
        else if (c == 'p')
            past = strtoull(optarg, NULL, 10);
        else if (c == 't')
            tls = true;
        else if (c == 'r')
            l.play.metrics = true;
        else
            return 2;
    }
    if (optind + 1 != argc || l.play.n == 0) {
        fprintf(stderr, "usage: fleet_load [--agents N] [--tls] [--train-ms MS] [--metrics] "
                        "[--past TRIALS] STORE\n");
        return 2;
    }
    sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    l.play.players = mem_alloc(l.play.n * sizeof *l.play.players);
    for (size_t i = 0; i < l.play.n; i++) {
        struct player *w = &l.play.players[i];
        w->play = &l.play;
        w->instance = i + 1;
        snprintf(w->name, sizeof w->name, "p%zu", i);
    }
    fleet_store_make(argv[optind], l.play.players, l.play.n, tls, past);
    load_run(&l);
    return 0;
}
