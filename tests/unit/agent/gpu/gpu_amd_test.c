/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Against a folder that is laid out as the kernel lays out /sys. */
#include "agent/gpu/gpu_amd.h"

#include <sys/stat.h>

#include "base/mem.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/scratch.h"

static void put(const char *path, const char *text)
{
    char full[500];
    snprintf(full, sizeof full, "%s/%s", scratch_dir(), path);
    for (char *at = full + strlen(scratch_dir()) + 1; (at = strchr(at, '/')); at++) {
        *at = '\0';
        mkdir(full, 0777);
        *at = '/';
    }
    FILE *f = fopen(full, "w");
    ASSERT(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

static void put_card(const char *card, const char *slot, const char *id, const char *total)
{
    char path[200], text[200];
    const struct {
        const char *file, *text;
    } files[] = {{"vendor", "0x1002\n"},
                 {"mem_info_vram_total", total},
                 {"mem_info_vram_used", "1073741824\n"},
                 {"gpu_busy_percent", "42\n"},
                 {"product_name", "AMD Instinct MI300X\n"},
                 {"unique_id", id},
                 {"hwmon/hwmon3/temp1_input", "61000\n"},
                 {"hwmon/hwmon3/power1_average", "312000000\n"},
                 {"ras/umc_err_count", "ue: 4\nce: 9\n"}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "class/drm/%s/device/%s", card, files[i].file);
        put(path, files[i].text);
    }
    snprintf(path, sizeof path, "class/drm/%s/device/uevent", card);
    snprintf(text, sizeof text, "DRIVER=amdgpu\nPCI_SLOT_NAME=%s\nMODALIAS=x\n", slot);
    put(path, text);
}

TEST(amd_reads_cards_in_the_order_of_the_bus)
{
    struct gpu_reading *r = mem_alloc(sizeof *r);
    ASSERT(!gpu_amd_is_there(scratch_dir()));
    put_card("card0", "0000:c5:00.0", "b2\n", "206141652992\n");
    put_card("card1", "0000:05:00.0", "a1\n", "206141652992\n");
    put_card("card2", "0000:0a:00.0", "c3\n", "536870912\n"); /* built into the processor */
    put("class/drm/card0-HDMI-A-1/status", "connected\n");
    put("class/kfd/kfd/topology/nodes/0/gpu_id", "0\n");
    put("class/kfd/kfd/topology/nodes/1/gpu_id", "4711\n");
    put("class/kfd/kfd/topology/nodes/1/properties",
        "simd_count 1216\nlocation_id 50432\ndomain 0\n"); /* c5:00.0 */
    put("class/kfd/kfd/proc/1234/vram_4711", "2147483648\n");
    put("class/kfd/kfd/proc/1235/vram_4711", "0\n");
    ASSERT(gpu_amd_is_there(scratch_dir()));
    gpu_amd_read(scratch_dir(), r);
    ASSERT_EQ(r->n, 2);
    ASSERT_STR(r->gpus[0].uuid, "GPU-a1");
    ASSERT_STR(r->gpus[0].index, "0");
    ASSERT_STR(r->gpus[0].bus, "0000:05:00.0");
    const struct gpu *g = &r->gpus[1];
    ASSERT_STR(g->uuid, "GPU-b2");
    ASSERT_STR(g->vendor, "amd");
    ASSERT_STR(g->name, "AMD Instinct MI300X");
    ASSERT_EQ(g->memory_used, 1ll << 30);
    ASSERT_EQ(g->utilisation, 42);
    ASSERT_EQ(g->temperature_c, 61);
    ASSERT_EQ(g->power_mw, 312000);
    ASSERT_EQ(g->ecc, 4);
    ASSERT_EQ(r->gpus[0].processes_n, 0);
    ASSERT_EQ(g->processes_n, 1);
    ASSERT_EQ(g->processes[0].pid, 1234);
    ASSERT_EQ(g->processes[0].memory, 2ll << 30);
    mem_free(r);
}
