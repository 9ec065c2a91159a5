/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/core/agent_shape.h"

#include "tests/test.h"
#include "tests/unit/agent/agent_core_kit.h"

static bool shape_of(enum message_type type, const char *own)
{
    struct message m;
    const char *text = arena_printf(
        &kit_arena,
        "{\"store\":\"st\",\"epoch\":7,\"sweep\":\"s1\",\"trial\":0,\"attempt\":1,\"slot\":0,"
        "\"grant\":{},"
        "\"offsets\":[0,0],\"flags\":null,\"program\":\"\",\"workdir\":\"\",\"snapshot\":\"\","
        "\"time_ms\":0,\"wandb\":null,\"type\":\"%s\",%s}",
        message_name(type), own);
    ASSERT_EQ(message_parse(&kit_arena, text, strlen(text), &m, NULL), 0);
    return agent_shape_is_good(&m);
}

TEST(agent_shape_of_what_starts_training)
{
    static const char *const bad[] = {
        "\"command\":\"a\",\"env\":{},\"report\":{}",
        "\"command\":[\"a\",1],\"env\":{},\"report\":{}",
        "\"command\":[],\"env\":[1],\"report\":{}",
        "\"command\":[],\"env\":{\"X\":5},\"report\":{}",
        "\"command\":[],\"env\":null,\"report\":[1]",
        "\"command\":[],\"env\":null,\"report\":{},\"wandb\":{\"project\":1}",
    };
    kit_begin(1);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ASSERT(!shape_of(MESSAGE_SWEEP, bad[i]));
    ASSERT(shape_of(MESSAGE_SWEEP, "\"command\":[\"a\"],\"env\":{\"X\":\"5\"},\"report\":{}"));
    ASSERT(shape_of(MESSAGE_SWEEP, "\"command\":null,\"env\":null,\"report\":{}"));
    ASSERT(!shape_of(MESSAGE_LAUNCH, "\"params\":[1]"));
    ASSERT(shape_of(MESSAGE_LAUNCH, "\"params\":{\"a\":[1]}"));
}
