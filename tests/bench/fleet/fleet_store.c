/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/fleet/fleet_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "net/tls/secret.h"
#include "orchestrator/store/store.h"

#define SPEC                                              \
    "{\"method\":\"random\",\"command\":[\"/bin/true\"]," \
    "\"parameters\":{\"lr\":{\"min\":0.0,\"max\":1.0},\"batch\":{\"values\":[16,32,64]}}}"
#define PARAMS "{\"lr\":0.0012345678901234,\"batch\":64}"

enum { COMMIT_FACTS = 4000, DAYS = 30 };

struct filling {
    struct store *store;
    struct books books;
    struct arena arena;
    size_t facts;
};

static _Noreturn void fail(const struct err *err)
{
    fprintf(stderr, "fleet_load: %s\n", err->text);
    exit(2);
}

static void commit(struct filling *s)
{
    struct err err = {0};
    if (store_commit(s->store, &s->books, &err) < 0)
        fail(&err);
    books_sweep_out(&s->books);
    arena_clear(&s->arena);
    store_tidy(s->store);
}

static void put(struct filling *s, struct fact f)
{
    struct err err = {0};
    f.time_ms = (int64_t)time(NULL) * 1000;
    f.seq = s->books.seq + 1;
    if (books_apply(&s->books, &f, &err) < 0 || store_append(s->store, &f, &err) < 0)
        fail(&err);
    s->facts++;
}

static struct value *parsed(struct arena *a, const char *text)
{
    struct value *v;
    struct err err = {0};
    if (json_parse(a, text, strlen(text), &v, &err) < 0)
        fail(&err);
    return v;
}

/* Finished trials of a sweep that continues. */
static void put_past(struct filling *s, uint64_t past)
{
    static const char line[] = "{\"step\":1,\"loss\":0.25}\n";
    const char *id = "bench01";
    struct arena keep;
    arena_init(&keep);
    const struct value *params = parsed(&keep, PARAMS);
    put(s, (struct fact){.kind = FACT_SWEEP_CREATED,
                         .sweep = id,
                         .path = "/sweep.yaml",
                         .workdir = "/",
                         .seed = 1,
                         .content = parsed(&keep, SPEC)});
    for (uint64_t i = 0; i < past; i++) {
        struct fact points = {
            .kind = FACT_METRICS, .sweep = id, .trial = i, .attempt = 1, .to = sizeof line - 1};
        points_parse(&s->arena, line, sizeof line - 1, 0, NULL, &points.next_step, &points.points);
        put(s, (struct fact){
                   .kind = FACT_PROPOSED, .sweep = id, .trial = i, .cursor = i, .params = params});
        put(s, (struct fact){
                   .kind = FACT_LAUNCHED, .sweep = id, .trial = i, .attempt = 1, .agent = "p0"});
        put(s, points);
        put(s, (struct fact){.kind = FACT_ENDED,
                             .sweep = id,
                             .trial = i,
                             .attempt = 1,
                             .reason = REASON_OK,
                             .state = TRIAL_FINISHED});
        if (s->facts % COMMIT_FACTS < 4)
            commit(s);
    }
    commit(s);
    arena_done(&keep);
}

static void put_credential(struct filling *s, struct player *w, bool tls)
{
    unsigned char random[TOKEN_TEXT_RANDOM];
    char hash[SECRET_HASH_TEXT_BYTES];
    struct token_text token = {0};
    struct err err = {0};
    secret_random(random, sizeof random);
    token_text_make(CREDENTIAL_AGENT, random, w->token);
    secret_hash_text(w->token, strlen(w->token), hash);
    if (token_text_parse(w->token, &token, &err) != 0 ||
        (tls && identity_make(w->name, DAYS, &w->identity, &err) != 0))
        fail(&err);
    put(s, (struct fact){.kind = FACT_TOKEN_CREATED,
                         .sweep = "",
                         .token = token.id,
                         .scope = CREDENTIAL_AGENT,
                         .form = tls ? CREDENTIAL_KEY : CREDENTIAL_SECRET,
                         .hash = tls ? identity_fingerprint(w->identity) : hash,
                         .name = w->name,
                         .store = store_id(s->store),
                         .by = "besom",
                         .expires_ms = ((int64_t)time(NULL) + DAYS * 86400) * 1000});
}

void fleet_store_make(const char *dir, struct player *players, size_t n, bool tls, uint64_t past)
{
    struct filling s = {0};
    struct err err = {0};
    arena_init(&s.arena);
    books_init(&s.books);
    if (store_open(dir, true, &s.store, &err) < 0 || store_load(s.store, NULL, &s.books, &err) < 0)
        fail(&err);
    for (size_t i = 0; i < n; i++) {
        put_credential(&s, &players[i], tls);
        if (i % COMMIT_FACTS == 0)
            commit(&s);
    }
    if (past > 0)
        put_past(&s, past);
    commit(&s);
    store_close(s.store);
    books_done(&s.books);
    arena_done(&s.arena);
}
