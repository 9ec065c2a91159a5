/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The texts that YAML 1.1 reads as dates, by PyYAML's pattern of timestamps. Knows only text. */
#include <stdbool.h>
#include <stddef.h>

/* 2024-05-01, 2024-5-1 18:00:00.5 +2:00; whether there is such a day does not matter. */
bool yaml_date_is(const char *s, size_t len);
