/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hostile-histories: tells the strategies that learn many hostile histories, and judges what they
 * propose (./dev hostile-histories). A child tells them; where it dies, or thinks about a proposal
 * for too long, the parent knows of which. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/histories/history.h"

static const char usage[] =
    "usage: ./dev hostile-histories [--count N] [--from NUMBER] [--limit SECONDS] [--verbose]\n"
    "\n"
    "  --count N          tell N histories (10000)\n"
    "  --from NUMBER      begin with this one (0); the same number gives the same history\n"
    "  --limit SECONDS    fail where a proposal takes more CPU than that (5)\n"
    "  --verbose          print the specs, points, results and proposals\n";

struct slowest {
    uint64_t number;
    double s;
};

/* Shared by the parent and its child. */
static struct shared {
    uint64_t at;               /* the history that is told now */
    struct slowest slowest[3]; /* of each method */
    uint64_t proposals;
} * shared;
static long limit_s = 5;

static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void time_proposal(uint64_t number, int begins)
{
    static double began_s;
    struct itimerval timer = {.it_value.tv_sec = begins ? limit_s : 0};
    struct slowest *s = &shared->slowest[number % 3];
    setitimer(ITIMER_VIRTUAL, &timer, NULL); /* its signal ends the child */
    if (begins)
        began_s = cpu_s();
    else {
        double took_s = cpu_s() - began_s;
        shared->proposals++;
        if (took_s > s->s)
            *s = (struct slowest){number, took_s};
    }
}

static void tell_all(uint64_t from, uint64_t count, int verbose)
{
    for (uint64_t i = 0; i < count; i++) {
        if (i > 0 && i % 10000 == 0)
            fprintf(stderr, "%llu histories told\n", (unsigned long long)i);
        shared->at = from + i;
        history_tell(from + i, verbose, time_proposal);
    }
}

static int report_end(uint64_t count, int status)
{
    if (status == 0) {
        printf("%llu histories, %llu proposals: all within the space, none failed\n",
               (unsigned long long)count, (unsigned long long)shared->proposals);
        for (int i = 0; i < 3; i++)
            if (shared->slowest[i].s >= 0.001)
                printf("slowest of %s: %.3f s of CPU, history %llu\n",
                       history_method(shared->slowest[i].number), shared->slowest[i].s,
                       (unsigned long long)shared->slowest[i].number);
        return 0;
    }
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGVTALRM)
        fprintf(stderr, "a proposal of %s took over %ld s of CPU\n", history_method(shared->at),
                limit_s);
    else if (WIFSIGNALED(status))
        fprintf(stderr, "%s died: %s\n", history_method(shared->at), strsignal(WTERMSIG(status)));
    fprintf(stderr, "to see it again: ./dev hostile-histories --count 1 --verbose --from %llu\n",
            (unsigned long long)shared->at);
    return 1;
}

static uint64_t number_of(const char *text)
{
    char *end;
    unsigned long long n = text ? strtoull(text, &end, 10) : 0;
    if (!text || end == text || *end != '\0') {
        fputs(usage, stderr);
        exit(2);
    }
    return n;
}

int main(int argc, char **argv)
{
    uint64_t count = 10000, from = 0;
    int verbose = 0, status = 1;
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--verbose") == 0)
            verbose = 1;
        else if (strcmp(argv[i], "--count") == 0)
            count = number_of(argv[++i]);
        else if (strcmp(argv[i], "--from") == 0)
            from = number_of(argv[++i]);
        else if (strcmp(argv[i], "--limit") == 0)
            limit_s = (long)number_of(argv[++i]);
        else
            number_of(NULL);
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return 1;
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a signal that ends the parent ends this process too */
        if (getppid() != parent)
            return 1;
        tell_all(from, count, verbose);
        exit(0);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return 1;
    return report_end(count, status);
}
