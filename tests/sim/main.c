/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom-sim: runs one seed, with the same events each time. Or runs many seeds, each in its own
 * child, so that a failing check() ends only that child. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "tests/sim/audit.h"
#include "tests/sim/faults.h"
#include "tests/sim/host.h"
#include "tests/sim/options.h"
#include "tests/sim/server.h"
#include "tests/sim/store.h"
#include "tests/sim/sweeps.h"
#include "tests/sim/user.h"

enum { HEAL_MS_MAX = 40000000, STEPS_MAX = 5000000 };

struct outcome {
    uint64_t seed, hash, steps;
    int64_t virtual_ms;
    bool failed;
};

static void begin(struct sim *s)
{
    struct buf text;
    arena_init(&s->arena);
    for (int i = 0; i < SIM_STREAMS; i++)
        rng_init(&s->rng[i], s->seed, (uint64_t)i, RNG_SIM);
    options_draw(s);
    buf_init(&text, SIZE_MAX);
    options_print(&text, &s->options);
    sim_trace(s, "options", "%s", buf_str(&text));
    buf_clear(&text);
    sweeps_init(s);
    sweeps_print(&text, s);
    sim_trace(s, "sweeps", "%s", buf_str(&text));
    buf_done(&text);
    store_init(s);
    links_init(s);
    hosts_init(s);
    server_init(s);
    audit_init(s);
    faults_start(s);
    users_start(s);
    server_start(s);
    hosts_start(s);
}

static void end(struct sim *s)
{
    server_done(s);
    users_done(s);
    audit_done(s);
    hosts_done(s);
    links_done(s);
    store_done(s);
    sweeps_done(s);
    arena_done(&s->arena);
    mem_free(s->timers);
}

static struct outcome tell(uint64_t seed, bool verbose)
{
    struct sim s = {.seed = seed, .verbose = verbose, .hash = 0xcbf29ce484222325u};
    int64_t healed_at = 0;
    bool over = false;
    begin(&s);
    while (!s.failed && !over && sim_next(&s)) {
        if (s.healing && healed_at == 0)
            healed_at = s.now;
        over = s.steps % 17 == 0 && s.healing && audit_is_over(&s);
        if (s.steps > STEPS_MAX || (s.healing && s.now > healed_at + HEAL_MS_MAX))
            sim_fail(&s, "it does not come to an end");
    }
    if (!s.failed)
        audit_end(&s);
    struct outcome o = {
        .seed = seed, .hash = s.hash, .steps = s.steps, .virtual_ms = s.now, .failed = s.failed};
    if (s.failed) {
        struct buf options;
        buf_init(&options, SIZE_MAX);
        options_print(&options, &s.options);
        buf_adds(&options, "\n  ");
        sweeps_print(&options, &s);
        fflush(stdout);
        fprintf(stderr, "seed %llu at %.3f s: %s\n  %s\n", (unsigned long long)seed,
                (double)s.now / 1000, s.failure, buf_str(&options));
        buf_done(&options);
    }
    end(&s);
    return o;
}

/* Tells the stories [from, to) and writes their outcomes. */
static void child(uint64_t from, uint64_t to, int fd)
{
    for (uint64_t seed = from; seed < to; seed++) {
        struct outcome o = tell(seed, false);
        if (write(fd, &o, sizeof o) != (ssize_t)sizeof o)
            _exit(1);
    }
}

struct total {
    uint64_t done, failed, steps;
    int64_t virtual_ms;
    uint64_t failing[20];
};

static void count(struct total *t, const struct outcome *o)
{
    t->done++;
    t->steps += o->steps;
    t->virtual_ms += o->virtual_ms;
    if (o->failed && t->failed < sizeof t->failing / sizeof *t->failing)
        t->failing[t->failed] = o->seed;
    t->failed += o->failed;
    if (t->done % 1000 == 0)
        fprintf(stderr, "%llu stories told, %llu failed\n", (unsigned long long)t->done,
                (unsigned long long)t->failed);
}

static int run_many(uint64_t from, uint64_t n, uint64_t most, const char *program)
{
    struct total t = {0};
    uint64_t next = from;
    while (next < from + n && t.failed < most) {
        int fds[2];
        struct outcome o;
        if (pipe(fds) != 0)
            return 1;
        fflush(NULL);
        pid_t pid = fork();
        if (pid == 0) {
            close(fds[0]);
            child(next, from + n, fds[1]);
            exit(0);
        }
        close(fds[1]);
        while (t.failed < most && read(fds[0], &o, sizeof o) == (ssize_t)sizeof o) {
            next = o.seed + 1;
            count(&t, &o);
        }
        close(fds[0]);
        int status = 0;
        if (pid < 0 || waitpid(pid, &status, 0) < 0)
            return 1;
        if (next < from + n && t.failed < most) {
            o = (struct outcome){.seed = next++, .failed = true};
            fprintf(stderr, "seed %llu ended the process\n", (unsigned long long)o.seed);
            count(&t, &o);
        }
    }
    printf("%llu stories, %llu failed; %.1f virtual hours, %.1f million events\n",
           (unsigned long long)t.done, (unsigned long long)t.failed, (double)t.virtual_ms / 3600000,
           (double)t.steps / 1e6);
    for (uint64_t i = 0; i < t.failed && i < sizeof t.failing / sizeof *t.failing; i++)
        printf("repeat with: %s --seed %llu -v\n", program, (unsigned long long)t.failing[i]);
    return t.failed > 0;
}

static int usage(void)
{
    fputs("usage: besom-sim --seed N [-v]\n"
          "       besom-sim --seeds COUNT [--from N] [--failures MOST]\n"
          "Tells the story of seed N; or COUNT of them, ends after MOST that failed (20).\n",
          stderr);
    return 2;
}

int main(int argc, char **argv)
{
    uint64_t seed = 0, count = 0, from = 1, most = 20;
    bool one = false, verbose = false;
    for (int i = 1; i < argc; i++) {
        char *end = NULL;
        if (strcmp(argv[i], "-v") == 0) {
            verbose = true;
            continue;
        }
        uint64_t *to = strcmp(argv[i], "--seed") == 0       ? &seed
                       : strcmp(argv[i], "--seeds") == 0    ? &count
                       : strcmp(argv[i], "--from") == 0     ? &from
                       : strcmp(argv[i], "--failures") == 0 ? &most
                                                            : NULL;
        if (!to || i + 1 == argc)
            return usage();
        one |= to == &seed;
        *to = strtoull(argv[++i], &end, 10);
        if (*end != '\0' || end == argv[i])
            return usage();
    }
    if (one) {
        setvbuf(stdout, NULL, _IOLBF, 0); /* a check() that fails leaves what was told so far */
        struct outcome o = tell(seed, verbose);
        printf("seed %llu: %s, trace %016llx, %llu events, %.1f s\n", (unsigned long long)o.seed,
               o.failed ? "FAILED" : "passed", (unsigned long long)o.hash,
               (unsigned long long)o.steps, (double)o.virtual_ms / 1000);
        return o.failed;
    }
    return count ? run_many(from, count, most, argv[0]) : usage();
}
