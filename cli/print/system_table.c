/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/print/system_table.h"

#include <stdio.h>
#include <string.h>

#include "cli/print/elapsed.h"

enum unit { UNIT_PERCENT, UNIT_BYTES, UNIT_SECONDS, UNIT_WATT, UNIT_CELSIUS };

/* Names that are not here are for programs. A name of a GPU ends like this. */
static const struct {
    const char *name, *label;
    enum unit unit;
    bool once; /* one number, of the whole attempt */
} host_rows[] = {{"system/cpu.percent", "cpu", UNIT_PERCENT, false},
                 {"system/cpu.seconds", "cpu time", UNIT_SECONDS, true},
                 {"system/memory", "memory", UNIT_BYTES, false},
                 {"system/memory.peak", "largest process", UNIT_BYTES, true}},
  gpu_rows[] = {{"utilization", "busy", UNIT_PERCENT, false},
                {"memory.used", "memory", UNIT_BYTES, false},
                {"memory.trial", "memory of the trial", UNIT_BYTES, false},
                {"power", "power", UNIT_WATT, false},
                {"temperature", "temperature", UNIT_CELSIUS, false}};

static const char *quantity_text(struct arena *a, enum unit unit, double n)
{
    char span[ELAPSED_BYTES];
    switch (unit) {
    case UNIT_PERCENT:
        return arena_printf(a, "%.0f %%", n);
    case UNIT_SECONDS:
        elapsed_format(span, n);
        return arena_strdup(a, span);
    case UNIT_WATT:
        return arena_printf(a, "%.0f W", n);
    case UNIT_CELSIUS:
        return arena_printf(a, "%.0f °C", n);
    default:
        return n < 1 << 30 ? arena_printf(a, "%.0f MiB", n / (1 << 20))
                           : arena_printf(a, "%.1f GiB", n / (1 << 30));
    }
}

static void row_add(struct table *t, const char *label, enum unit unit, bool once,
                    const struct value *numbers, double total)
{
    struct arena *a = t->arena;
    const char *most = quantity_text(a, unit, value_get_float(numbers, "max", 0));
    if (total > 0)
        most = arena_printf(a, "%s of %s", most, quantity_text(a, unit, total));
    table_cell(t, label, TABLE_PLAIN);
    table_cell(t, once ? NULL : quantity_text(a, unit, value_get_float(numbers, "mean", 0)),
               TABLE_PLAIN);
    table_cell(t, most, TABLE_PLAIN);
}

/* "system/gpu.0:1.memory.used" is "0:1", and "memory.used". */
static const char *gpu_part(const char *name, const char **ret_index, int *ret_len)
{
    static const char before[] = "system/gpu.";
    if (strncmp(name, before, sizeof before - 1) != 0)
        return NULL;
    *ret_index = name + sizeof before - 1;
    *ret_len = (int)strcspn(*ret_index, ".");
    return (*ret_index)[*ret_len] ? *ret_index + *ret_len + 1 : NULL;
}

static void gpu_row(struct table *t, const struct value *system, const char *name,
                    const struct value *numbers)
{
    const char *index, *part;
    int len;
    if (!(part = gpu_part(name, &index, &len)))
        return;
    for (size_t i = 0; i < sizeof gpu_rows / sizeof *gpu_rows; i++) {
        if (strcmp(part, gpu_rows[i].name) != 0)
            continue;
        bool used = strcmp(part, "memory.used") == 0;
        const char *total = arena_printf(t->arena, "system/gpu.%.*s.memory.total", len, index);
        row_add(t, arena_printf(t->arena, "gpu %.*s %s", len, index, gpu_rows[i].label),
                gpu_rows[i].unit, gpu_rows[i].once, numbers,
                used ? value_get_float(value_get(system, total), "max", 0) : 0);
    }
}

void system_table_fill(struct table *t, const struct value *system)
{
    if (!system || system->kind != VALUE_DICT)
        return;
    table_column(t, "used", 0);
    table_column(t, "mean", TABLE_RIGHT);
    table_column(t, "most", TABLE_RIGHT);
    for (size_t i = 0; i < sizeof host_rows / sizeof *host_rows; i++) {
        const struct value *numbers = value_get(system, host_rows[i].name);
        if (numbers)
            row_add(t, host_rows[i].label, host_rows[i].unit, host_rows[i].once, numbers, 0);
    }
    for (size_t i = 0; i < system->dict.n; i++)
        gpu_row(t, system, system->dict.entries[i].key, system->dict.entries[i].value);
}
