/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "orchestrator/core/trust/controller_renewal.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/controller_kit.h"

#define GRID "method: grid\nprogram: t\nparameters: {a: {values: [1, 2, 3]}}\n"
#define DAY (INT64_C(24) * 3600 * 1000)
/* No spread for a hash that begins with 00. */
#define OLD "0000000000000000000000000000000000000000000000000000000000000001"
#define NEW "0000000000000000000000000000000000000000000000000000000000000002"
#define NEWER "0000000000000000000000000000000000000000000000000000000000000003"
#define JOIN "0000000000000000000000000000000000000000000000000000000000000004"

static int64_t joined_ms;

static int create(struct fact f)
{
    kit_step((struct event){
        .kind = EVENT_TOKEN_CREATE, .request = 9, .by = "local user me", .create = &f});
    return kit_reply()->code;
}

static int join(const char *join, const char *id, const char *hash, const char *agent)
{
    struct fact f = {.token = id, .hash = hash, .name = agent, .form = CREDENTIAL_KEY};
    kit_step((struct event){
        .kind = EVENT_JOIN, .request = 9, .token = join, .hash = JOIN, .create = &f});
    return kit_reply()->code;
}

static void use(const char *id)
{
    kit_step((struct event){.kind = EVENT_TOKEN_USED, .token = id});
}

/* The agent `box` joins, with the key OLD, and says hello on link 1. */
static void begin(void)
{
    kit_begin(GRID);
    ASSERT_EQ(create((struct fact){.token = "join0001", .hash = JOIN, .scope = CREDENTIAL_JOIN}),
              0);
    ASSERT_EQ(join("join0001", "agent001", OLD, "box"), 0);
    joined_ms = kit_now;
    use("agent001");
    kit_credential = "agent001";
    kit_hello(1, "box", 1, "[]");
}

static void end(void)
{
    kit_credential = NULL;
    kit_end();
}

/* What the agent is answered: why its key is not taken, or "". */
static const char *renew(const char *id, const char *hash)
{
    kit_say(1, (struct message){.type = MESSAGE_RENEWAL, .token = id, .hash = hash});
    const struct message *m = kit_sent(MESSAGE_RENEWED, 0);
    return !m ? "no answer" : m->text ? m->text : "";
}

static enum trust_reason reason(const char *hash)
{
    return trust_check_key(&kit.books.trust, hash, kit_now).reason;
}

TEST(controller_renewal_comes_when_a_third_is_left)
{
    begin();
    ASSERT_EQ(reason(OLD), TRUST_OK);
    ASSERT_STR(renew("agent002", NEW), "it is not time yet");
    kit_tick(60 * DAY - 1);
    ASSERT(!kit_sent(MESSAGE_RENEW, 0));
    ASSERT(controller_deadline(&kit) <= joined_ms + 60 * DAY);
    kit_tick(1);
    ASSERT_EQ(kit_sent(MESSAGE_RENEW, 0)->epoch, 5);
    kit_tick(CONTROLLER_RENEWAL_AGAIN_MS - 1);
    ASSERT(!kit_sent(MESSAGE_RENEW, 0));
    kit_tick(1); /* it has not answered */
    ASSERT(kit_sent(MESSAGE_RENEW, 0));
    ASSERT_STR(renew("agent002", NEW), "");
    ASSERT_STR(kit_sent(MESSAGE_RENEWED, 0)->token, "agent002");
    const struct fact *f = kit_fact(FACT_TOKEN_CREATED, 0);
    ASSERT_STR(f->by, "agent001");
    ASSERT_STR(f->name, "box");
    ASSERT_EQ(f->scope, CREDENTIAL_AGENT);
    ASSERT_EQ(f->form, CREDENTIAL_KEY);
    ASSERT_EQ(f->expires_ms, kit_now + 90 * DAY);
    end();
}

/* The old key is good until the new one was used: no answer that is lost locks the agent out. */
TEST(controller_renewal_keeps_the_old_key_until_the_new_one_is_used)
{
    begin();
    kit_tick(60 * DAY);
    ASSERT_STR(renew("agent002", NEW), "");
    ASSERT_EQ(kit_count(EFFECT_REVOKED), 0);
    ASSERT_EQ(reason(OLD), TRUST_OK);
    ASSERT_EQ(reason(NEW), TRUST_OK);
    /* The answer was lost: it comes back with the old key, and asks again with the same new one. */
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 1});
    use("agent001");
    kit_hello(1, "box", 1, "[]");
    ASSERT(kit_sent(MESSAGE_RENEW, 0));
    ASSERT_STR(renew("agent003", NEW), "");
    ASSERT_STR(kit_sent(MESSAGE_RENEWED, 0)->token, "agent002");
    ASSERT(!kit_fact(FACT_TOKEN_CREATED, 0));
    kit_restart();
    ASSERT_EQ(reason(OLD), TRUST_OK);
    use("agent002");
    ASSERT_STR(kit_fact(FACT_TOKEN_REVOKED, 0)->token, "agent001");
    ASSERT_STR(kit_fact(FACT_TOKEN_REVOKED, 0)->by, "agent002");
    ASSERT_STR(kit_effect(EFFECT_REVOKED, 0)->text, "agent001");
    ASSERT_EQ(reason(OLD), TRUST_REVOKED);
    ASSERT_EQ(reason(NEW), TRUST_OK);
    kit_credential = "agent002";
    kit_hello(2, "box", 1, "[]");
    ASSERT(!kit_sent(MESSAGE_RENEW, 0));
    kit_tick(60 * DAY); /* and so on */
    ASSERT_EQ(kit_sent(MESSAGE_RENEW, 0)->epoch, 6);
    end();
}

/* The agent has lost the key that was accepted, with its disk: it gets another, but not as many as
 * it likes. */
TEST(controller_renewal_replaces_a_key_that_was_never_used)
{
    begin();
    kit_tick(60 * DAY);
    ASSERT_STR(renew("agent002", NEW), "");
    ASSERT_STR(renew("agent003", NEWER), "another key was accepted within the last hour");
    kit_tick(CONTROLLER_RENEWAL_AGAIN_MS);
    ASSERT_STR(renew("agent003", NEWER), "");
    ASSERT_EQ(reason(NEW), TRUST_REVOKED);
    ASSERT_EQ(reason(NEWER), TRUST_OK);
    ASSERT_EQ(reason(OLD), TRUST_OK);
    end();
}

/* A compromised agent cannot make another's key its own. */
TEST(controller_renewal_takes_no_key_that_is_known)
{
    begin();
    ASSERT_EQ(create((struct fact){.token = "join0002", .hash = JOIN, .scope = CREDENTIAL_JOIN}),
              0);
    kit_tick(60 * DAY);
    ASSERT_STR(renew("agent002", OLD), "the key is known already");
    ASSERT_STR(renew("agent001", NEW), "the token agent001 exists already");
    ASSERT_STR(renew("short", NEW), "the id or the hash of the token is malformed");
    ASSERT_STR(renew("agent002", "x"), "the id or the hash of the token is malformed");
    kit_credential = NULL; /* a link within one process */
    kit_hello(1, "box", 1, "[]");
    ASSERT_STR(renew("agent002", NEW), "no answer");
    end();
}

TEST(controller_renewal_ends_with_the_expiry)
{
    begin();
    kit_tick(90 * DAY);
    ASSERT_STR(kit_effect(EFFECT_REVOKED, 0)->text, "agent001");
    ASSERT_STR(renew("agent002", NEW), "no answer");
    ASSERT_EQ(reason(OLD), TRUST_EXPIRED);
    end();
}

/* Who revokes an agent's credential means the agent. */
TEST(controller_renewal_is_revoked_with_the_credential_before_and_after)
{
    for (int i = 0; i < 2; i++) {
        begin();
        kit_tick(60 * DAY);
        ASSERT_STR(renew("agent002", NEW), "");
        kit_step((struct event){.kind = EVENT_TOKEN_REVOKE,
                                .request = 9,
                                .by = "local user me",
                                .token = i ? "agent002" : "agent001"});
        ASSERT_EQ(kit_count(EFFECT_REVOKED), 2);
        ASSERT_EQ(reason(OLD), TRUST_REVOKED);
        ASSERT_EQ(reason(NEW), TRUST_REVOKED);
        end();
    }
}

TEST(controller_renewal_is_revoked_when_another_host_takes_the_name)
{
    begin();
    kit_tick(60 * DAY);
    ASSERT_STR(renew("agent002", NEW), "");
    ASSERT_EQ(create((struct fact){
                  .token = "join0002", .hash = JOIN, .name = "box", .scope = CREDENTIAL_JOIN}),
              0);
    ASSERT_EQ(join("join0002", "agent003", NEWER, "box"), 0);
    ASSERT_EQ(kit_count(EFFECT_REVOKED), 2);
    ASSERT_EQ(reason(OLD), TRUST_REVOKED);
    ASSERT_EQ(reason(NEW), TRUST_REVOKED);
    ASSERT_EQ(reason(NEWER), TRUST_OK);
    end();
}

/* A fleet that joined in one hour does not renew in one hour. */
TEST(controller_renewal_is_spread)
{
    struct trust_credential c = {.scope = CREDENTIAL_AGENT, .expires_ms = 90 * DAY, .hash = OLD};
    ASSERT_EQ(trust_renewal_ms(&c), 60 * DAY);
    memset(c.hash, 'f', 2);
    ASSERT(trust_renewal_ms(&c) > 67 * DAY && trust_renewal_ms(&c) < 68 * DAY);
    c.expires_ms = 0;
    ASSERT_EQ(trust_renewal_ms(&c), INT64_MAX);
    c = (struct trust_credential){.scope = CREDENTIAL_VIEWER, .expires_ms = 90 * DAY, .hash = OLD};
    ASSERT_EQ(trust_renewal_ms(&c), INT64_MAX);
}
