/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/telemetry/sample.h"

#include "tests/test.h"

TEST(sample_is_a_line_of_what_is_known)
{
    struct gpu_reading r = {0};
    struct buf out;
    buf_init(&out, SIZE_MAX);
    sample_print(&out, &(struct sample){.wall_ms = 1700000001500, .cpu_percent = -1, .memory = -1});
    ASSERT_STR(buf_str(&out), "{\"_time\":1700000001.5}\n");
    buf_clear(&out);
    struct gpu *g = gpu_reading_add(&r, "nvidia"), *part = gpu_reading_add(&r, "nvidia");
    snprintf(g->index, sizeof g->index, "3");
    g->utilisation = 93;
    g->memory_used = 5 << 20;
    g->memory_total = 80 << 20;
    g->power_mw = 612500;
    g->temperature_c = 71;
    snprintf(part->index, sizeof part->index, "0:1");
    part->memory_used = 7;
    const struct sample_gpu gpus[] = {{g, 3 << 20}, {part, -1}};
    sample_print(&out, &(struct sample){.wall_ms = 2000,
                                        .cpu_percent = 398.7654,
                                        .memory = 1ll << 40,
                                        .gpus = gpus,
                                        .gpus_n = 2});
    ASSERT_STR(buf_str(&out),
               "{\"_time\":2.0,\"system/cpu.percent\":398.8,\"system/memory\":1099511627776,"
               "\"system/gpu.3.utilization\":93.0,\"system/gpu.3.memory.used\":5242880.0,"
               "\"system/gpu.3.memory.total\":83886080.0,\"system/gpu.3.memory.trial\":3145728.0,"
               "\"system/gpu.3.power\":612.5,\"system/gpu.3.temperature\":71.0,"
               "\"system/gpu.0:1.memory.used\":7.0}\n");
    buf_done(&out);
}

TEST(sample_of_a_long_attempt_comes_late)
{
    int64_t age = 0;
    int n = 0;
    ASSERT_EQ(sample_wait_ms(10000, 0), 10000);
    ASSERT_EQ(sample_wait_ms(10000, 10000000), 10000);
    ASSERT_EQ(sample_wait_ms(10000, 20000000), 20000);
    for (; age < 86400000; n++)
        age += sample_wait_ms(10000, age);
    ASSERT(n > 3100 && n < 3200);
    for (; age < 30ll * 86400000; n++)
        age += sample_wait_ms(10000, age);
    ASSERT(n < 6600);
}
