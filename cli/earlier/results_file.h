/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A file of earlier results: its format, and its trials as often as they are needed. */
#include "base/buf.h"
#include "sweep/earlier/earlier.h"

enum results_format { RESULTS_CSV, RESULTS_JSON, RESULTS_OPTUNA_JOURNAL, RESULTS_OPTUNA_SQLITE };

struct results_file {
    const char *path;
    const char *study; /* of an Optuna file; NULL: the only one */
    enum results_format format;
    struct buf text; /* all of it; empty for SQLite */
};

/* The format is known by its first bytes and, where these are not enough, by its name. Close it
 * after a failure too. */
NODISCARD int results_file_open(struct results_file *f, const char *path, const char *study,
                                struct err *err);
NODISCARD int results_file_read(const struct results_file *f, struct earlier *e, struct err *err);
void results_file_close(struct results_file *f);
