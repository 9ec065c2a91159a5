/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/gpu/gpu_amd.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_BYTES = 1024, TEXT_BYTES = 4096, NODES_MAX = 256 };
/* The memory that a processor with built-in graphics sets aside is smaller; nobody trains there. */
#define AMD_MEMORY_MIN (4ll << 30)

/* Reads a file's first bytes, without a newline at their end; false if it cannot be read. */
static bool file_read(const char *folder, const char *name, char out[TEXT_BYTES])
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, out, TEXT_BYTES - 1) : -1;
    if (fd >= 0)
        close(fd);
    if (n > 0 && out[n - 1] == '\n')
        n--;
    out[n > 0 ? n : 0] = '\0';
    return n >= 0;
}

static int64_t file_number(const char *folder, const char *name, int64_t divisor)
{
    char text[TEXT_BYTES], *end;
    if (!file_read(folder, name, text))
        return -1;
    int64_t n = strtoll(text, &end, 10);
    return end == text || n < 0 ? -1 : n / divisor;
}

/* The text after a key at the beginning of a line; NULL if no line begins with the key. */
static const char *line_after(const char *text, const char *key)
{
    size_t len = strlen(key);
    for (const char *at = text; at; at = strchr(at, '\n')) {
        at += *at == '\n';
        if (strncmp(at, key, len) == 0)
            return at + len;
    }
    return NULL;
}

/* The value of a line "key number". */
static int64_t line_number(const char *text, const char *key)
{
    const char *at = line_after(text, key);
    return at ? strtoll(at, NULL, 10) : -1;
}

static void amd_read_sensors(const char *device, struct gpu *g)
{
    char folder[PATH_BYTES];
    snprintf(folder, sizeof folder, "%s/hwmon", device);
    DIR *dir = opendir(folder);
    for (const struct dirent *e; dir && (e = readdir(dir));) {
        if (strncmp(e->d_name, "hwmon", 5) != 0)
            continue;
        snprintf(folder, sizeof folder, "%s/hwmon/%s", device, e->d_name);
        g->temperature_c = file_number(folder, "temp1_input", 1000);
        g->power_mw = file_number(folder, "power1_average", 1000);
        if (g->power_mw < 0)
            g->power_mw = file_number(folder, "power1_input", 1000);
    }
    if (dir)
        closedir(dir);
}

/* Reads one card; its name among GPUs is its unique_id, as ROCm prints it. */
static void amd_read_card(const char *device, struct gpu_reading *r)
{
    char text[TEXT_BYTES];
    int64_t total = file_number(device, "mem_info_vram_total", 1);
    if (total < AMD_MEMORY_MIN || !file_read(device, "vendor", text) || strcmp(text, "0x1002") != 0)
        return;
    struct gpu *g = gpu_reading_add(r, "amd");
    if (!g)
        return;
    g->memory_total = total;
    g->memory_used = file_number(device, "mem_info_vram_used", 1);
    g->utilisation = file_number(device, "gpu_busy_percent", 1);
    bool named = file_read(device, "product_name", text) && text[0];
    snprintf(g->name, sizeof g->name, "%.90s", named ? text : "AMD GPU");
    const char *slot =
        file_read(device, "uevent", text) ? line_after(text, "PCI_SLOT_NAME=") : NULL;
    if (slot)
        snprintf(g->bus, sizeof g->bus, "%.*s", (int)strcspn(slot, "\n") % 32, slot);
    if (file_read(device, "unique_id", text) && text[0])
        snprintf(g->uuid, sizeof g->uuid, "GPU-%.64s", text);
    else
        snprintf(g->uuid, sizeof g->uuid, "PCI-%s", g->bus);
    if (file_read(device, "ras/umc_err_count", text))
        g->ecc = line_number(text, "ue:");
    amd_read_sensors(device, g);
}

static int amd_compare(const void *a, const void *b)
{
    return strcmp(((const struct gpu *)a)->bus, ((const struct gpu *)b)->bus);
}

/* The place on the bus of each GPU that kfd, the driver for computing, knows. */
struct node {
    uint64_t gpu_id;
    char bus[32];
};

static size_t nodes_read(const char *root, struct node nodes[NODES_MAX])
{
    char folder[PATH_BYTES], path[PATH_BYTES + 264], text[TEXT_BYTES];
    size_t n = 0;
    snprintf(folder, sizeof folder, "%s/class/kfd/kfd/topology/nodes", root);
    DIR *dir = opendir(folder);
    for (const struct dirent *e; dir && (e = readdir(dir)) && n < NODES_MAX;) {
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        int64_t id = isdigit((unsigned char)e->d_name[0]) ? file_number(path, "gpu_id", 1) : 0;
        if (id <= 0 || !file_read(path, "properties", text))
            continue;
        int64_t place = line_number(text, "location_id "), domain = line_number(text, "domain ");
        nodes[n].gpu_id = (uint64_t)id;
        snprintf(nodes[n++].bus, sizeof nodes->bus, "%04x:%02x:%02x.%x",
                 (unsigned)(domain < 0 ? 0 : domain), (unsigned)(place >> 8 & 0xff),
                 (unsigned)(place >> 3 & 0x1f), (unsigned)(place & 7));
    }
    if (dir)
        closedir(dir);
    return n;
}

static void process_add(struct gpu_reading *r, const char *bus, int64_t pid, int64_t memory)
{
    for (size_t i = 0; i < r->n; i++) {
        struct gpu *g = &r->gpus[i];
        if (strcmp(g->bus, bus) == 0 && g->processes_n < GPU_PROCESSES_MAX)
            g->processes[g->processes_n++] = (struct gpu_process){pid, memory};
    }
}

/* A process that uses the GPU for computing has allocated GPU memory. */
static void amd_read_processes(const char *root, struct gpu_reading *r)
{
    struct node nodes[NODES_MAX];
    char folder[PATH_BYTES], path[PATH_BYTES + 264], name[40];
    size_t n = nodes_read(root, nodes);
    snprintf(folder, sizeof folder, "%s/class/kfd/kfd/proc", root);
    DIR *dir = opendir(folder);
    for (const struct dirent *e; dir && (e = readdir(dir));) {
        int64_t pid = strtoll(e->d_name, NULL, 10);
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        for (size_t i = 0; pid > 0 && i < n; i++) {
            snprintf(name, sizeof name, "vram_%" PRIu64, nodes[i].gpu_id);
            int64_t memory = file_number(path, name, 1);
            if (memory > 0)
                process_add(r, nodes[i].bus, pid, memory);
        }
    }
    if (dir)
        closedir(dir);
}

/* Calls a function for each card; returns the number of cards that can compute. */
static size_t cards_each(const char *root, struct gpu_reading *r)
{
    char folder[PATH_BYTES], path[PATH_BYTES + 264];
    size_t n = 0;
    snprintf(folder, sizeof folder, "%s/class/drm", root);
    DIR *dir = opendir(folder);
    for (const struct dirent *e; dir && (e = readdir(dir));) {
        if (strncmp(e->d_name, "card", 4) != 0 || strchr(e->d_name, '-'))
            continue;
        snprintf(path, sizeof path, "%s/%s/device/mem_info_vram_total", folder, e->d_name);
        if (access(path, F_OK) != 0)
            continue;
        n++;
        *strrchr(path, '/') = '\0';
        if (r)
            amd_read_card(path, r);
    }
    if (dir)
        closedir(dir);
    return n;
}

bool gpu_amd_is_there(const char *root)
{
    return cards_each(root, NULL) > 0;
}

void gpu_amd_read(const char *root, struct gpu_reading *r)
{
    size_t from = r->n;
    cards_each(root, r);
    qsort(r->gpus + from, r->n - from, sizeof *r->gpus, amd_compare);
    for (size_t i = from; i < r->n; i++)
        snprintf(r->gpus[i].index, sizeof r->gpus[i].index, "%zu", i - from);
    amd_read_processes(root, r);
}
