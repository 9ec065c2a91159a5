/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Reads a study from an SQLite database of Optuna (its schema version 12, as Optuna 3 to 5 write
 * it). Opens the file read-only and changes nothing. */
#include "sweep/earlier/earlier.h"

/* study: the one to read; NULL: the only one. */
NODISCARD int store_optuna_read(struct earlier *e, const char *path, const char *study,
                                struct err *err);
