/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "orchestrator/core/trust/controller_trust.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/controller_kit.h"

#define GRID "method: grid\nprogram: t\nparameters: {a: {values: [1, 2, 3]}}\n"
#define HASH_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HASH_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define HASH_C "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

static int grant(struct fact f)
{
    if (!f.hash)
        f.hash = HASH_A;
    kit_step((struct event){.kind = EVENT_TOKEN_CREATE,
                            .request = 9,
                            .by = "local user me",
                            .from = "this host",
                            .create = &f});
    return kit_reply()->code;
}

static int revoke(const char *token)
{
    kit_step((struct event){
        .kind = EVENT_TOKEN_REVOKE, .request = 9, .by = "local user me", .token = token});
    return kit_reply()->code;
}

static int join(const char *token, const char *hash, struct fact f)
{
    f.form = CREDENTIAL_KEY;
    kit_step((struct event){
        .kind = EVENT_JOIN, .request = 9, .token = token, .hash = hash, .create = &f});
    return kit_reply()->code;
}

static enum trust_reason reason(const char *store, const char *id, const char *hash)
{
    return trust_check(&kit.books.trust, store, id, hash, kit_now).reason;
}

TEST(controller_trust_makes_and_revokes)
{
    kit_begin(GRID);
    ASSERT_EQ(grant((struct fact){.token = "aaaaaaa1", .scope = CREDENTIAL_VIEWER, .name = "CI"}),
              0);
    ASSERT_STR(kit_fact(FACT_TOKEN_CREATED, 0)->by, "local user me");
    ASSERT_STR(kit_fact(FACT_TOKEN_CREATED, 0)->store, KIT_STORE);
    ASSERT_EQ(reason(KIT_STORE, "aaaaaaa1", HASH_A), TRUST_OK);
    ASSERT_EQ(reason(KIT_STORE, "aaaaaaa1", HASH_B), TRUST_UNKNOWN);
    ASSERT_EQ(reason(KIT_STORE, "aaaaaaa2", HASH_A), TRUST_UNKNOWN);
    ASSERT_EQ(grant((struct fact){.token = "aaaaaaa1"}), ERR_EXISTS);
    ASSERT_EQ(revoke("aaaaaaa1"), 0);
    ASSERT_EQ(kit_count(EFFECT_REVOKED), 1);
    ASSERT_EQ(reason(KIT_STORE, "aaaaaaa1", HASH_A), TRUST_REVOKED);
    ASSERT_EQ(reason(KIT_STORE, "aaaaaaa1", HASH_B), TRUST_UNKNOWN);
    ASSERT_EQ(revoke("aaaaaaa1"), 0);
    ASSERT_STR(kit_reply()->text, "is revoked already");
    ASSERT_EQ(kit_count(EFFECT_REVOKED), 0);
    ASSERT_EQ(revoke("nothing0"), ERR_NOT_FOUND);
    kit_restart();
    ASSERT_EQ(reason(KIT_STORE, "aaaaaaa1", HASH_A), TRUST_REVOKED);
    kit_end();
}

TEST(controller_trust_refuses_malformed_tokens)
{
    char name[CREDENTIAL_NAME_BYTES_MAX + 2];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    kit_begin(GRID);
    ASSERT_EQ(grant((struct fact){.token = "short"}), ERR_USAGE);
    ASSERT_EQ(grant((struct fact){.token = "aaaaaaa1", .hash = "AA"}), ERR_USAGE);
    ASSERT_EQ(grant((struct fact){.token = "aaaaaaa1", .name = ""}), ERR_USAGE);
    ASSERT_EQ(grant((struct fact){.token = "aaaaaaa1", .name = name}), ERR_USAGE);
    ASSERT_EQ(grant((struct fact){.token = "aaaaaaa1", .form = CREDENTIAL_KEY}), ERR_USAGE);
    ASSERT_EQ(grant((struct fact){.token = "aaaaaaa1", .expires_ms = kit_now}), ERR_USAGE);
    ASSERT_EQ(grant((struct fact){.token = "aaaaaaa1", .replaces = "nothing0"}), ERR_NOT_FOUND);
    ASSERT_EQ(kit.books.trust.ids.live, 0);
    kit_end();
}

TEST(controller_trust_tokens_expire)
{
    kit_begin(GRID);
    ASSERT_EQ(grant((struct fact){.token = "aaaaaaa1", .expires_ms = kit_now + 1000}), 0);
    kit_tick(999);
    ASSERT_EQ(reason(KIT_STORE, "aaaaaaa1", HASH_A), TRUST_OK);
    kit_tick(1);
    ASSERT_EQ(reason(KIT_STORE, "aaaaaaa1", HASH_A), TRUST_EXPIRED);
    kit_end();
}

static const char *ended(size_t n)
{
    const struct effect *e = kit_effect(EFFECT_REVOKED, n);
    return e ? e->text : "none";
}

TEST(controller_trust_ends_sessions_at_the_expiry)
{
    kit_begin(GRID);
    ASSERT_EQ(controller_deadline(&kit), INT64_MAX);
    int64_t from = kit_now;
    ASSERT_EQ(grant((struct fact){.token = "aaaaaaa1", .expires_ms = from + 70000}), 0);
    ASSERT_EQ(grant((struct fact){.token = "aaaaaaa2", .expires_ms = from + 5000}), 0);
    ASSERT_EQ(grant((struct fact){.token = "aaaaaaa3", .expires_ms = from + 5000}), 0);
    ASSERT_EQ(grant((struct fact){.token = "aaaaaaa4"}), 0);
    ASSERT_EQ(revoke("aaaaaaa3"), 0);
    ASSERT_EQ(controller_deadline(&kit), from + 5000);
    kit_tick(4999);
    ASSERT_EQ(kit_count(EFFECT_REVOKED), 0);
    kit_tick(1);
    ASSERT_STR(ended(0), "aaaaaaa2");
    ASSERT_STR(ended(1), "none");
    kit_tick(1);
    ASSERT_EQ(kit_count(EFFECT_REVOKED), 0);
    /* The wall clock may be set: it is looked at each minute. */
    ASSERT_EQ(controller_deadline(&kit), kit_now + CONTROLLER_EXPIRY_MS);
    kit_tick(64999);
    ASSERT_STR(ended(0), "aaaaaaa1");
    ASSERT_EQ(controller_deadline(&kit), INT64_MAX);
    kit_end();
}

/* A clock that is set back makes a token valid again, and its new sessions end again. */
TEST(controller_trust_ends_sessions_after_the_clock_was_set_back)
{
    kit_begin(GRID);
    ASSERT_EQ(grant((struct fact){.token = "aaaaaaa1", .expires_ms = kit_now + 5000}), 0);
    kit_tick(6000);
    ASSERT_STR(ended(0), "aaaaaaa1");
    kit_now -= 3000;
    kit_tick(0);
    ASSERT_EQ(kit_count(EFFECT_REVOKED), 0);
    kit_tick(2000);
    ASSERT_STR(ended(0), "aaaaaaa1");
    kit_end();
}

/* As after a restart: nothing was open then. */
TEST(controller_trust_knows_the_expiry_of_credentials_that_were_loaded)
{
    kit_begin(GRID);
    ASSERT_EQ(grant((struct fact){.token = "aaaaaaa1", .expires_ms = kit_now + 5000}), 0);
    ASSERT_EQ(grant((struct fact){.token = "aaaaaaa2", .expires_ms = kit_now + 9000}), 0);
    kit_now += 6000;
    kit_restart();
    kit_tick(0);
    ASSERT_EQ(kit_count(EFFECT_REVOKED), 0);
    ASSERT_EQ(controller_deadline(&kit), kit_now + 3000);
    kit_tick(3000);
    ASSERT_STR(ended(0), "aaaaaaa2");
    kit_end();
}

/* A browser's session is its token, with less to prove: whoever signed it knows the id. */
TEST(controller_trust_judges_a_session_as_its_token)
{
    kit_begin(GRID);
    ASSERT_EQ(grant((struct fact){.token = "aaaaaaa1", .expires_ms = kit_now + 5000}), 0);
    ASSERT_EQ(grant((struct fact){.token = "join0001", .scope = CREDENTIAL_JOIN}), 0);
    const struct trust *t = &kit.books.trust;
    ASSERT_EQ(trust_check_session(t, "aaaaaaa1", kit_now).reason, TRUST_OK);
    ASSERT_EQ(trust_check_session(t, "aaaaaaa1", kit_now + 5000).reason, TRUST_EXPIRED);
    ASSERT_EQ(trust_check_session(t, "aaaaaaa9", kit_now).reason, TRUST_UNKNOWN);
    ASSERT_EQ(trust_check_session(t, "join0001", kit_now).reason, TRUST_UNKNOWN);
    ASSERT_EQ(revoke("aaaaaaa1"), 0);
    ASSERT_EQ(trust_check_session(t, "aaaaaaa1", kit_now).reason, TRUST_REVOKED);
    kit_end();
}

TEST(controller_trust_joins_once)
{
    const struct fact box = {.token = "agent001", .hash = HASH_B, .name = "box"};
    kit_begin(GRID);
    ASSERT_EQ(grant((struct fact){.token = "join0001", .scope = CREDENTIAL_JOIN}), 0);
    ASSERT_EQ(join("join0001", HASH_C, box), ERR_PERMISSION);
    ASSERT(!kit_fact(FACT_ACTION, 0)); /* a stranger */
    ASSERT_EQ(join("join0001", HASH_A, box), 0);
    ASSERT_STR(kit_reply()->text, "agent001");
    ASSERT_STR(kit_fact(FACT_TOKEN_USED, 0)->token, "join0001");
    ASSERT_EQ(kit_fact(FACT_TOKEN_CREATED, 0)->scope, CREDENTIAL_AGENT);
    ASSERT_STR(kit_fact(FACT_ACTION, 0)->by, "join0001");
    ASSERT_STR(kit_fact(FACT_ACTION, 0)->subject, "box");
    struct trust_verdict v = trust_check_key(&kit.books.trust, HASH_B, kit_now);
    ASSERT_EQ(v.reason, TRUST_OK);
    ASSERT_STR(v.credential->name, "box");
    /* The agent did not get the answer and asks again, with another id for the same key. */
    ASSERT_EQ(
        join("join0001", HASH_A, (struct fact){.token = "agent002", .hash = HASH_B, .name = "box"}),
        0);
    ASSERT_STR(kit_reply()->text, "agent001");
    /* Another agent cannot. */
    ASSERT_EQ(join("join0001", HASH_A,
                   (struct fact){.token = "agent003", .hash = HASH_C, .name = "other"}),
              ERR_PERMISSION);
    ASSERT_STR(kit_reply()->text, "the join token has been used: make another with "
                                  "besom token create --scope join");
    ASSERT_EQ(trust_check_key(&kit.books.trust, HASH_C, kit_now).reason, TRUST_UNKNOWN);
    kit_end();
}

/* The fingerprint of a key is public: whoever has a token of that id does not hold the key. */
TEST(controller_trust_takes_no_token_for_a_key)
{
    kit_begin(GRID);
    ASSERT_EQ(grant((struct fact){.token = "join0001", .scope = CREDENTIAL_JOIN}), 0);
    ASSERT_EQ(
        join("join0001", HASH_A, (struct fact){.token = "agent001", .hash = HASH_B, .name = "box"}),
        0);
    ASSERT_EQ(reason(KIT_STORE, "agent001", HASH_B), TRUST_UNKNOWN);
    ASSERT_EQ(trust_check_key(&kit.books.trust, HASH_A, kit_now).reason, TRUST_UNKNOWN);
    kit_end();
}

TEST(controller_trust_joins_only_with_a_join_token)
{
    const struct fact box = {.token = "agent001", .hash = HASH_B, .name = "box"};
    kit_begin(GRID);
    ASSERT_EQ(grant((struct fact){.token = "admin001", .scope = CREDENTIAL_ADMIN}), 0);
    ASSERT_EQ(join("admin001", HASH_A, box), ERR_PERMISSION);
    ASSERT_STR(kit_reply()->text, "the token is not a join token");
    ASSERT_EQ(grant((struct fact){.token = "join0001", .scope = CREDENTIAL_JOIN}), 0);
    ASSERT_EQ(join("join0001", HASH_A, (struct fact){.token = "agent001", .hash = HASH_B}),
              ERR_USAGE);
    ASSERT_EQ(join("join0001", HASH_A, box), 0);
    kit_end();
}

TEST(controller_trust_keeps_the_names_of_agents_apart)
{
    kit_begin(GRID);
    ASSERT_EQ(grant((struct fact){.token = "join0001", .scope = CREDENTIAL_JOIN}), 0);
    ASSERT_EQ(
        join("join0001", HASH_A, (struct fact){.token = "agent001", .hash = HASH_B, .name = "box"}),
        0);
    ASSERT_EQ(grant((struct fact){.token = "join0002", .scope = CREDENTIAL_JOIN}), 0);
    ASSERT_EQ(
        join("join0002", HASH_A, (struct fact){.token = "agent002", .hash = HASH_C, .name = "box"}),
        ERR_EXISTS);
    ASSERT_EQ(reason(KIT_STORE, "join0002", HASH_A), TRUST_OK);
    /* A join token for this agent replaces its credential, and is for no other. */
    ASSERT_EQ(grant((struct fact){.token = "join0003", .scope = CREDENTIAL_JOIN, .name = "box"}),
              0);
    ASSERT_EQ(join("join0003", HASH_A,
                   (struct fact){.token = "agent003", .hash = HASH_C, .name = "other"}),
              ERR_PERMISSION);
    ASSERT_EQ(
        join("join0003", HASH_A, (struct fact){.token = "agent003", .hash = HASH_C, .name = "box"}),
        0);
    ASSERT_EQ(trust_check_key(&kit.books.trust, HASH_B, kit_now).reason, TRUST_REVOKED);
    ASSERT_EQ(trust_check_key(&kit.books.trust, HASH_C, kit_now).reason, TRUST_OK);
    ASSERT_EQ(kit_count(EFFECT_REVOKED), 1);
    kit_end();
}

/* Alerts name it in commands to copy, such as `besom forget NAME`. */
TEST(controller_trust_refuses_an_agent_whose_name_is_no_word_of_a_shell)
{
    static const char *const bad[] = {"x; rm -rf ~", "$(id)", "a b", "a'b", "-rf", "--all",
                                      "a|b",         " ",     "*",   "~",   "a#b", "a\\b"};
    char name[CREDENTIAL_AGENT_BYTES_MAX + 2];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    kit_begin(GRID);
    ASSERT_EQ(grant((struct fact){.token = "join0001", .scope = CREDENTIAL_JOIN}), 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ASSERT_EQ(
            grant((struct fact){.token = "agent001", .scope = CREDENTIAL_AGENT, .name = bad[i]}),
            ERR_USAGE);
        ASSERT_EQ(
            grant((struct fact){.token = "join0002", .scope = CREDENTIAL_JOIN, .name = bad[i]}),
            ERR_USAGE);
        ASSERT_EQ(join("join0001", HASH_A,
                       (struct fact){.token = "agent001", .hash = HASH_B, .name = bad[i]}),
                  ERR_USAGE);
    }
    ASSERT_EQ(
        join("join0001", HASH_A, (struct fact){.token = "agent001", .hash = HASH_B, .name = name}),
        ERR_USAGE);
    ASSERT_EQ(join("join0001", HASH_A,
                   (struct fact){.token = "agent001", .hash = HASH_B, .name = "gpu-1.lab_2@b:ü"}),
              0);
    ASSERT_EQ(grant((struct fact){.token = "viewer01", .name = "of Ann's phone"}), 0);
    kit_end();
}

TEST(controller_trust_renews_in_one_step)
{
    kit_begin(GRID);
    ASSERT_EQ(grant((struct fact){.token = "join0001", .scope = CREDENTIAL_JOIN}), 0);
    ASSERT_EQ(
        join("join0001", HASH_A, (struct fact){.token = "agent001", .hash = HASH_B, .name = "box"}),
        0);
    struct fact next = {.token = "agent002",
                        .scope = CREDENTIAL_AGENT,
                        .form = CREDENTIAL_KEY,
                        .hash = HASH_C,
                        .name = "box",
                        .replaces = "agent001"};
    struct fact admin = next, other = next;
    admin.scope = CREDENTIAL_ADMIN;
    admin.form = CREDENTIAL_SECRET;
    other.name = "other";
    ASSERT_EQ(grant(admin), ERR_PERMISSION);
    ASSERT_EQ(grant(other), ERR_PERMISSION);
    ASSERT_EQ(grant(next), 0);
    ASSERT_STR(kit_fact(FACT_ACTION, 0)->what, "token renew");
    ASSERT_EQ(trust_check_key(&kit.books.trust, HASH_B, kit_now).reason, TRUST_REVOKED);
    ASSERT_EQ(trust_check_key(&kit.books.trust, HASH_C, kit_now).reason, TRUST_OK);
    next.token = "agent003";
    ASSERT_EQ(grant(next), ERR_PERMISSION);
    kit_end();
}

/* A restored copy of a store does not know which join tokens were used after it was made. */
TEST(controller_trust_of_a_copy_takes_no_old_join_token)
{
    kit_begin(GRID);
    ASSERT_EQ(grant((struct fact){.token = "join0001", .scope = CREDENTIAL_JOIN}), 0);
    ASSERT_EQ(grant((struct fact){.token = "view0001", .scope = CREDENTIAL_VIEWER}), 0);
    ASSERT_EQ(reason("copy", "join0001", HASH_A), TRUST_COPIED);
    ASSERT_EQ(reason("copy", "view0001", HASH_A), TRUST_OK);
    kit_end();
}

TEST(controller_trust_records_a_use_once_an_hour)
{
    kit_begin(GRID);
    ASSERT_EQ(grant((struct fact){.token = "view0001", .scope = CREDENTIAL_VIEWER}), 0);
    for (int minute = 0; minute < 150; minute++) {
        kit_step((struct event){.kind = EVENT_TOKEN_USED, .token = "view0001"});
        ASSERT((kit_fact(FACT_TOKEN_USED, 0) != NULL) == (minute % 60 == 0));
        kit_tick(60000);
    }
    kit_step((struct event){.kind = EVENT_TOKEN_USED, .token = "nothing0"});
    ASSERT(!kit_fact(FACT_TOKEN_USED, 0));
    kit_end();
}

TEST(controller_trust_records_who_asked)
{
    kit_begin(GRID);
    struct event pause = {.kind = EVENT_COMMAND,
                          .request = 9,
                          .command = COMMAND_PAUSE,
                          .sweep = "s1",
                          .by = "oper0001",
                          .from = "10.0.0.7"};
    kit_step(pause);
    const struct fact *f = kit_fact(FACT_ACTION, 0);
    ASSERT_STR(f->by, "oper0001");
    ASSERT_STR(f->address, "10.0.0.7");
    ASSERT_STR(f->what, "pause");
    ASSERT_STR(f->subject, "s1");
    ASSERT(f->result == 0 && !f->text);
    pause.command = COMMAND_CANCEL;
    kit_step(pause);
    pause.command = COMMAND_RESUME;
    kit_step(pause);
    f = kit_fact(FACT_ACTION, 0);
    ASSERT_EQ(f->result, ERR_STATE);
    ASSERT_STR(f->text, "sweep s1 is cancelled");
    pause.by = NULL; /* besom itself */
    kit_step(pause);
    ASSERT(!kit_fact(FACT_ACTION, 0));
    kit_end();
}

/* A credential that is refused again and again cannot fill the disk; users of this machine could
 * anyway. */
TEST(controller_trust_bounds_what_is_refused)
{
    kit_begin(GRID);
    ASSERT_EQ(grant((struct fact){.token = "view0001", .scope = CREDENTIAL_VIEWER}), 0);
    struct fact f = {.kind = FACT_ACTION,
                     .by = "view0001",
                     .what = "cancel",
                     .subject = "s1",
                     .result = ERR_PERMISSION,
                     .text = "needs operator"};
    int recorded = 0;
    for (int i = 0; i < 1000; i++) {
        kit_step((struct event){.kind = EVENT_ACTION, .create = &f});
        recorded += kit_fact(FACT_ACTION, 0) != NULL;
    }
    ASSERT_EQ(recorded, TRUST_REFUSALS_MAX);
    f.result = 0;
    kit_step((struct event){.kind = EVENT_ACTION, .create = &f});
    ASSERT(kit_fact(FACT_ACTION, 0));
    kit_tick(3600000);
    f.result = ERR_PERMISSION;
    kit_step((struct event){.kind = EVENT_ACTION, .create = &f});
    ASSERT(kit_fact(FACT_ACTION, 0));
    kit_end();
}
