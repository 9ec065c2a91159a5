/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Folders that all trials of a sweep would write to. Knows names and texts, and no command. */
#include <stdbool.h>
#include <stddef.h>

/* Whether an option of that name, with its dashes, certainly names an output folder, and the text
 * is the same folder for every trial. */
bool advice_folder_is_shared(const char *name, size_t len, const char *folder);
