/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Against tests/fake/nvml.c, whose GPUs are a file. */
#include "agent/gpu/gpu_nvml.h"

#include "tests/test.h"
#include "tests/unit/orchestrator/scratch.h"

static struct gpu_nvml *nvml;
static struct gpu_reading reading;

static void script(const char *text)
{
    char path[200];
    snprintf(path, sizeof path, "%s/gpus", scratch_dir());
    FILE *f = fopen(path, "w");
    ASSERT(f && fputs(text, f) >= 0 && fclose(f) == 0);
    setenv("FAKE_NVML", path, 1);
}

static void read_gpus(const char *text)
{
    struct err err = {0};
    script(text);
    if (!nvml && gpu_nvml_open(FAKE_NVML, &nvml, &err) != 0)
        FAIL("%s", err.text);
    reading = (struct gpu_reading){0};
    gpu_nvml_read(nvml, &reading);
}

TEST(nvml_reads_what_a_gpu_does)
{
    read_gpus("gpu GPU-a 81920 3000\nset GPU-a util 87\nset GPU-a power 640\nset GPU-a ecc 3\n"
              "process GPU-a 4242 2048\nprocess GPU-a 4243 -1\ngpu GPU-b 81920 10\n");
    const struct gpu *g = &reading.gpus[0];
    ASSERT_EQ(reading.n, 2);
    ASSERT_STR(reading.error, "");
    ASSERT_STR(g->uuid, "GPU-a");
    ASSERT_STR(g->index, "0");
    ASSERT_STR(g->vendor, "nvidia");
    ASSERT_STR(g->name, "Fake H200");
    ASSERT_EQ(g->memory_total, 81920ll << 20);
    ASSERT_EQ(g->memory_used, 3000ll << 20);
    ASSERT_EQ(g->utilisation, 87);
    ASSERT_EQ(g->power_mw, 640000);
    ASSERT_EQ(g->temperature_c, 50);
    ASSERT_EQ(g->ecc, 3);
    ASSERT_EQ(g->processes_n, 2);
    ASSERT_EQ(g->processes[0].pid, 4242);
    ASSERT_EQ(g->processes[0].memory, 2048ll << 20);
    ASSERT_EQ(g->processes[1].memory, -1);
    ASSERT_STR(reading.gpus[1].uuid, "GPU-b");
    gpu_nvml_free(nvml);
}

TEST(nvml_remembers_a_gpu_that_is_lost)
{
    read_gpus("gpu GPU-a 81920 0\ngpu GPU-b 81920 0\n");
    read_gpus("gpu GPU-a 81920 0\ngpu GPU-b 81920 0\nset GPU-b lost 1\n");
    ASSERT_EQ(reading.n, 2);
    ASSERT_STR(reading.gpus[1].uuid, "GPU-b");
    ASSERT_STR(reading.gpus[1].fault, "GPU is lost");
    ASSERT_STR(reading.gpus[0].fault, "");
    read_gpus("gpu GPU-a 81920 0\n");
    ASSERT_EQ(reading.n, 2);
    gpu_nvml_free(nvml);
}

TEST(nvml_reports_failures_of_the_gpu_but_not_of_programs)
{
    static const char gpus[] = "gpu GPU-a 81920 0\ngpu GPU-b 81920 0\n";
    char text[200];
    read_gpus(gpus);
    snprintf(text, sizeof text, "%sxid GPU-a 31\n", gpus); /* a program's wild pointer */
    script(text);
    ASSERT(!gpu_nvml_events(nvml));
    snprintf(text, sizeof text, "%sxid GPU-b 79\n", gpus);
    script(text);
    ASSERT(gpu_nvml_events(nvml) && !gpu_nvml_events(nvml));
    read_gpus(gpus);
    ASSERT_STR(reading.gpus[0].fault, "");
    ASSERT_STR(reading.gpus[1].fault, "Xid 79");
    gpu_nvml_free(nvml);
}

TEST(nvml_lists_the_parts_of_a_divided_gpu)
{
    read_gpus("gpu GPU-a 81920 0\ngpu GPU-b 81920 700\nmig GPU-b MIG-x 9728 30\n"
              "mig GPU-b MIG-y 9728 2000\nprocess MIG-y 77 1900\n");
    ASSERT_EQ(reading.n, 3);
    ASSERT_STR(reading.gpus[1].uuid, "MIG-x");
    ASSERT_STR(reading.gpus[1].index, "1:0");
    ASSERT_STR(reading.gpus[2].index, "1:1");
    ASSERT_STR(reading.gpus[2].name, "Fake 1g.10gb");
    ASSERT_EQ(reading.gpus[1].processes_n, 0);
    ASSERT_EQ(reading.gpus[2].processes[0].pid, 77);
    gpu_nvml_free(nvml);
}

TEST(nvml_says_why_the_driver_cannot_be_read)
{
    struct err err = {0};
    read_gpus("init 18\n");
    ASSERT_EQ(reading.n, 0);
    ASSERT_STR(reading.error, "NVIDIA's driver: Driver/library version mismatch");
    read_gpus("init 9\n"); /* not loaded: a host without its GPU */
    ASSERT_STR(reading.error, "");
    gpu_nvml_free(nvml);
    ASSERT_EQ(gpu_nvml_open("/nowhere/libnvidia-ml.so.1", &nvml, &err), ERR_NOT_FOUND);
}
