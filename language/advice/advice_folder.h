/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Folders that all trials of a sweep would write to. Knows names and texts, and no command. */
#include <stdbool.h>
#include <stddef.h>

/* Whether an option of that name, dashes and all, surely names a folder to write to, and the text one
 * that is the same for every trial. */
bool advice_folder_is_shared(const char *name, size_t len, const char *folder);
