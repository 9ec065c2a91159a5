/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The output of `besom serve` at its start: its address and, if the store has no admin credential yet,
 * an admin token and a join string, which are never shown again. */
#include "net/endpoint.h"
#include "orchestrator/driver.h"

struct first_start;

/* Prints from the loop, after the credentials are durable. */
struct first_start *first_start_begin(struct driver *driver, const struct endpoint *endpoint,
                                      const char *dir, bool json);
void first_start_free(struct first_start *f); /* takes NULL */
