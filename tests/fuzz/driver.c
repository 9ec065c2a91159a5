/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs a fuzz target without libFuzzer: fuzz_NAME CORPUS [MUTATIONS], or fuzz_NAME FILE for one
 * input. The inputs are the same on every run; one that ends the target is written to a file. */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/number/rng.h"
#include "tests/fuzz/fuzz.h"

enum { SEEDS_MAX = 1000, INPUT_BYTES_MAX = 64 << 10 };

struct input {
    uint8_t bytes[INPUT_BYTES_MAX];
    size_t len;
};

static struct dirent **names;
static struct input *seeds[SEEDS_MAX];
static size_t n_seeds;

static struct input *read_input(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s%s%s", folder, *folder ? "/" : "", name);
    FILE *f = fopen(path, "rb");
    if (!f) {
        perror(path);
        exit(2);
    }
    struct input *in = mem_alloc(sizeof *in);
    in->len = fread(in->bytes, 1, sizeof in->bytes, f);
    fclose(f);
    return in;
}

static int is_visible(const struct dirent *d)
{
    return d->d_name[0] != '.';
}

static void read_corpus(const char *folder)
{
    int n = scandir(folder, &names, is_visible, alphasort);
    if (n <= 0 || n > SEEDS_MAX) {
        fprintf(stderr, "%s: no corpus, or more than %d files\n", folder, SEEDS_MAX);
        exit(2);
    }
    for (; n_seeds < (size_t)n; n_seeds++)
        seeds[n_seeds] = read_input(folder, names[n_seeds]->d_name);
}

/* Puts len bytes in the place of `cut` bytes at `at`; what does not fit falls off the end. */
static void splice(struct input *in, size_t at, size_t cut, const uint8_t *bytes, size_t len)
{
    struct input before = *in;
    size_t room = INPUT_BYTES_MAX - at;
    len = len < room ? len : room;
    memmove(in->bytes + at, bytes, len);
    size_t tail = before.len - at - cut;
    tail = tail < room - len ? tail : room - len;
    memcpy(in->bytes + at + len, before.bytes + at + cut, tail);
    in->len = at + len + tail;
}

static void mutate_once(struct rng *r, struct input *in)
{
    static const char *const pieces[] = {
        "0",       "-1", "1e309", "1e-5",    "NaN",  "\"",   "\\", "\\u0000",
        "\\ud800", "[",  "]",     "{",       "}",    ":",    ",",  "\n",
        "\n  ",    "- ", "&a",    "*a",      "<<",   "null", "~",  "#",
        "'",       "%",  "true",  "${args}", "\xff", "\xc3", "\t", "9223372036854775808"};
    size_t at = (size_t)rng_below(r, in->len + 1), left = in->len - at;
    size_t some = (size_t)rng_below(r, (left < 16 ? left : 16) + 1);
    const struct input *other = seeds[rng_below(r, n_seeds)];
    const char *piece = pieces[rng_below(r, sizeof pieces / sizeof *pieces)];
    uint8_t byte = (uint8_t)rng_u32(r), copy[16];
    size_t from = (size_t)rng_below(r, other->len + 1);
    switch (rng_below(r, 6)) {
    case 0:
        splice(in, at, left > 0, &byte, 1);
        break;
    case 1:
        splice(in, at, some, &byte, 0);
        break;
    case 2:
        splice(in, at, rng_below(r, 2) ? some : 0, (const uint8_t *)piece, strlen(piece));
        break;
    case 3:
        memcpy(copy, in->bytes + at, some);
        splice(in, (size_t)rng_below(r, in->len + 1), 0, copy, some);
        break;
    case 4:
        splice(in, at, left, other->bytes + from, other->len - from);
        break;
    default:
        if (left > 0)
            in->bytes[at] ^= (uint8_t)(1u << rng_below(r, 8));
    }
}

/* Input i: the seeds as they are, then mutations of them in turn. */
static void make_input(struct input *in, size_t i)
{
    *in = *seeds[i % n_seeds];
    if (i < n_seeds)
        return;
    struct rng r;
    rng_init(&r, 1, i, RNG_TEST);
    for (uint64_t left = 1 + rng_below(&r, 6); left > 0; left--)
        mutate_once(&r, in);
}

/* The bytes go to a block of their own size, so that a sanitizer sees a read past the end. */
static void run_one(const struct input *in)
{
    uint8_t *bytes = mem_resize(NULL, in->len);
    memcpy(bytes, in->bytes, in->len);
    LLVMFuzzerTestOneInput(bytes, in->len);
    mem_free(bytes);
}

static void keep(const char *program, size_t i)
{
    struct input *in = mem_alloc(sizeof *in);
    const char *base = strrchr(program, '/');
    char path[256];
    make_input(in, i);
    snprintf(path, sizeof path, "%s-found-%zu", base ? base + 1 : program, i);
    FILE *f = fopen(path, "wb");
    if (f) {
        fwrite(in->bytes, 1, in->len, f);
        fclose(f);
    }
    if (i < n_seeds)
        fprintf(stderr, "FAILED on the seed %s\n", names[i]->d_name);
    else
        fprintf(stderr, "FAILED on mutation %zu, written to %s\n", i, path);
    mem_free(in);
}

/* A child runs them all and notes in shared memory where it is; the parent outlives what it finds.
 */
static bool run_all(const char *program, size_t n)
{
    size_t *at = mmap(NULL, sizeof *at, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid = at == MAP_FAILED ? -1 : fork();
    if (pid == 0) {
        struct input *in = mem_alloc(sizeof *in);
        for (*at = 0; *at < n; ++*at) {
            make_input(in, *at);
            run_one(in);
        }
        mem_free(in);
        _exit(0);
    }
    int status = 0;
    if (pid < 0 || waitpid(pid, &status, 0) != pid) {
        perror("fuzz driver");
        return false;
    }
    bool fine = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!fine)
        keep(program, *at);
    munmap(at, sizeof *at);
    return fine;
}

int main(int argc, char **argv)
{
    struct stat st;
    if (argc < 2 || stat(argv[1], &st) < 0) {
        fprintf(stderr, "usage: %s CORPUS [MUTATIONS] | FILE\n", argv[0]);
        return 2;
    }
    if (!S_ISDIR(st.st_mode)) {
        struct input *in = read_input("", argv[1]);
        run_one(in);
        mem_free(in);
        return 0;
    }
    read_corpus(argv[1]);
    size_t mutations = argc > 2 ? strtoul(argv[2], NULL, 10) : 3000;
    bool fine = run_all(argv[0], n_seeds + mutations);
    printf("%zu seeds, %zu mutations: %s\n", n_seeds, mutations, fine ? "ok" : "FAILED");
    for (size_t i = 0; i < n_seeds; i++) {
        mem_free(seeds[i]);
        free(names[i]);
    }
    free(names);
    return fine ? 0 : 1;
}
