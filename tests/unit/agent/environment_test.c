/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/launch/environment.h"

#include "base/json.h"
#include "tests/test.h"

static struct arena arena;

/* The variables of a trial with this grant that begin so, as NAME=value with spaces between. */
static const char *seen(const char *grant, bool numbers)
{
    static char text[1000];
    static const char *const names[] = {"CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER",
                                        "ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES",
                                        "BESOM_GPUS"};
    struct value *v = NULL;
    struct err err = {0};
    ASSERT_EQ(json_parse(&arena, grant, strlen(grant), &v, &err), 0);
    const struct launch_context ctx = {
        .dir = "/s", .bin = "/b", .interpreter = "python", .gpu_numbers = numbers};
    const struct launch_attempt attempt = {.key = {.sweep = "s1", .attempt = 1}, .grant = v};
    struct environment e = environment_of(&arena, &ctx, &attempt, NULL);
    text[0] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = value_get_str(e.variables, names[i], NULL);
        if (value)
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s=%s ", names[i], value);
    }
    return text;
}

TEST(environment_shows_a_trial_its_gpus_alone)
{
    static const char two[] =
        "{\"gpus\":[\"GPU-a\",\"GPU-b\"],\"index\":\"1,3\",\"vendor\":\"nvidia\"}";
    static const char amd[] =
        "{\"gpus\":[\"GPU-a\",\"GPU-b\"],\"index\":\"1,3\",\"vendor\":\"amd\"}";
    static const char unnamed[] =
        "{\"gpus\":[\"PCI-0000:05:00.0\"],\"index\":\"2\",\"vendor\":\"amd\"}";
    arena_init(&arena);
    ASSERT_STR(seen(two, false),
               "CUDA_VISIBLE_DEVICES=GPU-a,GPU-b CUDA_DEVICE_ORDER=PCI_BUS_ID BESOM_GPUS=1,3 ");
    ASSERT_STR(seen(two, true),
               "CUDA_VISIBLE_DEVICES=1,3 CUDA_DEVICE_ORDER=PCI_BUS_ID BESOM_GPUS=1,3 ");
    ASSERT_STR(seen(amd, false),
               "ROCR_VISIBLE_DEVICES=GPU-a,GPU-b HIP_VISIBLE_DEVICES=0,1 BESOM_GPUS=1,3 ");
    ASSERT_STR(seen(unnamed, false), "ROCR_VISIBLE_DEVICES=2 HIP_VISIBLE_DEVICES=0 BESOM_GPUS=2 ");
    ASSERT_STR(seen("{}", false), ""); /* a host without GPUs: nothing changes */
    ASSERT_STR(seen("{\"gpus\":[]}", false),
               "CUDA_VISIBLE_DEVICES= ROCR_VISIBLE_DEVICES= HIP_VISIBLE_DEVICES= BESOM_GPUS= ");
    arena_done(&arena);
}
