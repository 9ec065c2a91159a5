/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Takes a sweep out of a store: its facts, chunks and rows. One fact stays, that it was removed. The
 * trials' files on disk are not the store's. For a store that no loop drives. */
#include "orchestrator/store/store.h"

/* Removes the sweep in one transaction: all of it is gone when this returns 0, else nothing is.
 * by: who asks, for the record of actions; NULL: nobody.
 * ERR_NOT_FOUND where there is none, ERR_STATE where it or a trial of it has not ended. */
NODISCARD int store_remove(struct store *s, const char *id, const char *by, int64_t now_ms,
                           struct err *err);
/* Whether a sweep with this id was removed. False where the store cannot tell. */
bool store_remove_was(struct store *s, const char *id);
/* Whether a sweep of the store runs this snapshot. True where the store cannot tell. */
bool store_remove_keeps(struct store *s, const char *snapshot);
/* Where a quarter of the file is free, gives the free pages back to the file system. A failure leaves
 * the file as it is. */
void store_remove_shrink(struct store *s);
