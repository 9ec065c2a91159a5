/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/gpu/gpu_choice.h"

#include "base/mem.h"
#include "tests/test.h"

static struct gpu_reading *reading_new(void)
{
    static const char *const uuids[] = {"GPU-aa11", "GPU-aa22", "GPU-bb33", "MIG-cc44"};
    static const char *const index[] = {"0", "1", "2", "3:0"};
    struct gpu_reading *r = mem_alloc(sizeof *r);
    for (size_t i = 0; i < 4; i++) {
        struct gpu *g = gpu_reading_add(r, "nvidia");
        snprintf(g->uuid, sizeof g->uuid, "%s", uuids[i]);
        snprintf(g->index, sizeof g->index, "%s", index[i]);
    }
    struct gpu *g = gpu_reading_add(r, "amd");
    snprintf(g->uuid, sizeof g->uuid, "GPU-00ff");
    snprintf(g->index, sizeof g->index, "0");
    return r;
}

static const char *shown(const struct gpu_reading *r, const struct gpu_choice *c)
{
    static char text[400];
    text[0] = '\0';
    for (size_t i = 0; i < c->n; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i ? " " : "",
                 r->gpus[c->gpus[i]].uuid);
    return text;
}

TEST(choice_reads_cuda_visible_devices_as_the_driver_does)
{
    static const struct {
        const char *cuda, *seen;
    } cases[] = {
        {NULL, "GPU-aa11 GPU-aa22 GPU-bb33 MIG-cc44"},
        {"2,0", "GPU-bb33 GPU-aa11"},
        {"", ""},
        {"-1", ""},
        {"NoDevFiles", ""},
        {"0,-1,1", "GPU-aa11"}, /* up to the first that is none */
        {"GPU-bb", "GPU-bb33"},
        {"GPU-aa", ""}, /* two begin so */
        {"GPU-aa22, MIG-cc44", "GPU-aa22 MIG-cc44"},
        {"1,1", "GPU-aa22"},
        {"3", ""},
    };
    struct gpu_reading *r = reading_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gpu_choice c;
        gpu_choice_visible(&c, r, &(struct gpu_visible){.cuda = cases[i].cuda, .rocr = ""});
        ASSERT_STR(shown(r, &c), cases[i].seen);
    }
    struct gpu_choice c;
    gpu_choice_visible(&c, r, &(struct gpu_visible){.cuda = "1"});
    ASSERT_STR(shown(r, &c), "GPU-aa22"); /* AMD's library reads it too, and has no number 1 */
    gpu_choice_visible(&c, r, &(struct gpu_visible){.cuda = "", .hip = "0"});
    ASSERT_STR(shown(r, &c), "GPU-00ff");
    mem_free(r);
}

TEST(choice_takes_a_list_of_gpus)
{
    static const struct {
        const char *list, *seen;
    } cases[] = {{"all", "GPU-aa11 GPU-aa22"},
                 {"none", ""},
                 {"1", "GPU-aa22"},
                 {"GPU-aa22,0", "GPU-aa22 GPU-aa11"}};
    struct gpu_reading *r = reading_new();
    struct gpu_choice c;
    struct err err = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gpu_choice_visible(&c, r, &(struct gpu_visible){.cuda = "0,1", .rocr = ""});
        ASSERT_EQ(gpu_choice_limit(&c, r, cases[i].list, &err), 0);
        ASSERT_STR(shown(r, &c), cases[i].seen);
    }
    ASSERT_EQ(gpu_choice_limit(&c, r, "9", &err), ERR_USAGE);
    ASSERT_STR(err.text, "--gpus: no GPU '9' here: besom gpus lists them");
    ASSERT_EQ(gpu_choice_limit(&c, r, "0,2", &err), ERR_USAGE);
    ASSERT_STR(err.text,
               "--gpus: GPU '2' is hidden by CUDA_VISIBLE_DEVICES or a variable of its kind");
    mem_free(r);
}

TEST(reading_survives_its_text)
{
    struct gpu_reading *r = reading_new(), *back = mem_alloc(sizeof *back);
    struct err err = {0};
    struct buf text, again;
    buf_init(&text, SIZE_MAX);
    buf_init(&again, SIZE_MAX);
    snprintf(r->error, sizeof r->error, "a \"driver\"\n");
    r->gpus[1].memory_used = 5;
    r->gpus[1].processes[0] = (struct gpu_process){12, -1};
    r->gpus[1].processes[1] = (struct gpu_process){13, 1ll << 40};
    r->gpus[1].processes_n = 2;
    gpu_reading_print(&text, r);
    ASSERT_EQ(gpu_reading_parse(buf_str(&text), text.len, back, &err), 0);
    gpu_reading_print(&again, back);
    ASSERT_STR(buf_str(&again), buf_str(&text));
    ASSERT_EQ(back->gpus[1].processes[1].memory, 1ll << 40);
    ASSERT_EQ(back->gpus[0].ecc, -1);
    static const char *const wrong[] = {"", "{}", "[1]", "{\"gpus\":3}",
                                        "{\"gpus\":[1,{\"processes\":[3,[1]]}]}"};
    for (size_t i = 0; i < 4; i++)
        ASSERT(gpu_reading_parse(wrong[i], strlen(wrong[i]), back, &err) != 0);
    ASSERT_EQ(gpu_reading_parse(wrong[4], strlen(wrong[4]), back, &err), 0);
    ASSERT_EQ(back->n, 2);
    buf_done(&text);
    buf_done(&again);
    mem_free(r);
    mem_free(back);
}
