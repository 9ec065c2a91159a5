/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a controller asks an agent for: logs, files, a new credential. */
#include "tests/test.h"
#include "tests/unit/agent/agent_core_kit.h"

TEST(agent_reads_a_log_it_is_asked_for)
{
    kit_begin(1);
    kit_step((struct agent_event){.kind = AGENT_EV_LINK_UP});
    struct message ask = kit_about(MESSAGE_LOG_READ, 4);
    ask.request = 11;
    ask.from = 100;
    ask.lines = 2;
    ask.max = 50;
    ask.to = 200;
    ask.fold = 1;
    ask.find = "loss";
    kit_hear(ask);
    ASSERT_EQ(kit_out.n, 0); /* it is not welcome yet */
    kit_hear((struct message){.type = MESSAGE_WELCOME, .store = "st", .epoch = 7, .version = 1});
    kit_hear(ask); /* an attempt that ended long ago: the log is all that is left */
    const struct agent_effect *e = kit_effect(AGENT_DO_ANSWER);
    ASSERT_STR(e->key.sweep, "s1");
    ASSERT_EQ(e->key.trial, 4);
    ASSERT_EQ(e->message.type, MESSAGE_LOG);
    ASSERT_STR(e->message.store, "st");
    ASSERT_EQ(e->message.epoch, 7);
    ASSERT_EQ(e->message.request, 11);
    ASSERT_EQ(e->message.from, 100);
    ASSERT_EQ(e->message.lines, 2);
    ASSERT_EQ(e->message.max, 50);
    ASSERT(e->message.to == 200 && e->message.fold == 1);
    ASSERT_STR(e->message.find, "loss");
    ask.epoch = 6;
    kit_hear(ask);
    ASSERT_EQ(kit_out.n, 0);
}

TEST(agent_reads_files_it_is_asked_for)
{
    kit_begin(1);
    kit_step((struct agent_event){.kind = AGENT_EV_LINK_UP});
    struct message ask = kit_about(MESSAGE_FILES_READ, 4);
    ask.request = 11;
    ask.from = 100;
    ask.max = 50;
    ask.path = "a/b";
    kit_hear(ask);
    ASSERT_EQ(kit_out.n, 0); /* it is not welcome yet */
    kit_hear((struct message){.type = MESSAGE_WELCOME, .store = "st", .epoch = 7, .version = 1});
    kit_hear(ask);
    const struct message *m = &kit_effect(AGENT_DO_ANSWER)->message;
    ASSERT_EQ(m->type, MESSAGE_FILES);
    ASSERT(m->request == 11 && m->trial == 4 && m->from == 100 && m->max == 50);
    ASSERT_STR(m->path, "a/b");
}

TEST(agent_renews_its_credential_when_its_controller_asks)
{
    const struct message ask = {.type = MESSAGE_RENEW, .store = "st", .epoch = 7};
    struct message answer = {.type = MESSAGE_RENEWED, .store = "st", .epoch = 7, .text = ""};
    kit_begin(1);
    kit_step((struct agent_event){.kind = AGENT_EV_LINK_UP});
    kit_hear(ask);
    ASSERT_EQ(kit_out.n, 0); /* it is not welcome yet */
    kit_welcome(7);
    kit_hear(ask);
    const struct agent_effect *e = kit_effect(AGENT_DO_RENEW);
    ASSERT_EQ(e->message.type, MESSAGE_RENEWAL);
    ASSERT_STR(e->message.store, "st");
    ASSERT_EQ(e->message.epoch, 7);
    answer.text = "it is not time yet";
    kit_hear(answer);
    ASSERT_STR(kit_effect(AGENT_DO_RENEWED)->message.text, "it is not time yet");
    answer.store = "another";
    kit_hear(answer);
    ASSERT_EQ(kit_out.n, 0);
}
