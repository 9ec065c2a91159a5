/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store_of_facts DIR: makes a store, or opens it, of the facts that stand on stdin, one JSON object
 * a line. A fact of kind "metrics" holds the lines themselves as "text". For tests of looking. With
 * a second argument it then stays until its stdin ends. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "orchestrator/store/store.h"

static _Noreturn void fail(const char *what, const struct err *err)
{
    fprintf(stderr, "store_of_facts: %s: %s\n", what, err->text);
    exit(1);
}

static int metrics(struct arena *a, const struct books *b, const struct value *v, struct fact *f,
                   struct err *err)
{
    *f = (struct fact){.kind = FACT_METRICS,
                       .time_ms = value_get_int(v, "time", 0),
                       .sweep = value_get_str(v, "sweep", ""),
                       .trial = (uint64_t)value_get_int(v, "trial", 0),
                       .attempt = (uint32_t)value_get_int(v, "attempt", 1)};
    const struct book_sweep *s = books_sweep(b, f->sweep);
    const struct book_trial *t = s ? books_trial(s, f->trial) : NULL;
    if (!t)
        return err_set(err, ERR_NOT_FOUND, "no such trial is open");
    const char *text = value_get_str(v, "text", "");
    f->from = t->attempt.offset[FACT_STREAM_FILE];
    f->to = f->from + strlen(text);
    f->next_step = t->attempt.next_step;
    points_parse(a, text, strlen(text), f->time_ms, NULL, &f->next_step, &f->points);
    return 0;
}

int main(int argc, char **argv)
{
    struct store *store;
    struct books books;
    struct arena a;
    struct err err = {0};
    char *line = NULL;
    size_t cap = 0;
    if (argc < 2)
        return 2;
    books_init(&books);
    arena_init(&a);
    if (store_open(argv[1], true, &store, &err) || store_load(store, NULL, &books, &err))
        fail(argv[1], &err);
    while (getline(&line, &cap, stdin) > 1) {
        struct value *v;
        struct fact f = {0};
        int rc = json_parse(&a, line, strcspn(line, "\n"), &v, &err);
        if (!rc)
            rc = strcmp(value_get_str(v, "kind", ""), "metrics") == 0
                     ? metrics(&a, &books, v, &f, &err)
                     : fact_decode(v, &f, &err);
        f.seq = books.seq + 1;
        if (!rc)
            rc = books_apply(&books, &f, &err);
        if (!rc)
            rc = store_append(store, &f, &err);
        if (rc)
            fail(line, &err);
    }
    if (store_commit(store, &books, &err))
        fail("commit", &err);
    books_sweep_out(&books);
    printf("ready\n");
    fflush(stdout);
    while (argc > 2 && getchar() != EOF)
        continue;
    store_close(store);
    books_done(&books);
    arena_done(&a);
    free(line);
    return 0;
}
