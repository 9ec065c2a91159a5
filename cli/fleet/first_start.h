/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What `besom serve` prints when it serves: its address and, where its store has no credential of an
 * admin yet, one of those and a join string, both shown only this once. */
#include "net/endpoint.h"
#include "orchestrator/driver.h"

struct first_start;

/* Prints from the loop, after the credentials are durable. */
struct first_start *first_start_begin(struct driver *driver, const struct endpoint *endpoint,
                                      const char *dir, bool json);
void first_start_free(struct first_start *f); /* takes NULL */
