/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* An open view, for the files that query it. */
#include "orchestrator/store/store_sql.h"

struct chunk_codec;

struct view {
    sqlite3 *db;
    char *dir;
    struct chunk_codec *codec;
    sqlite3_stmt *metrics; /* the last values of a trial */
};
