/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The join string of a new token. besom serve leaves the address of its controller in the file
 * `address` of its store, so that commands on the same machine know it. */
#include <stdbool.h>
#include "base/err.h"
#include "net/endpoint.h"
#include "sweep/trust/join_text.h"

/* Replaces the file of the store. */
NODISCARD int invitation_leave(const char *dir, const struct endpoint *e, struct err *err);
/* The join string for a controller that is reached there, and back. */
void invitation_make(const struct endpoint *e, const char *token, char ret[JOIN_TEXT_BYTES]);
void invitation_endpoint(const struct join_text *join, struct endpoint *ret);
/* place: a store, or the address of a controller. False: its address is not known, or has no
 * fingerprint. */
bool invitation_find(const char *place, const char *token, char ret[JOIN_TEXT_BYTES]);
/* endpoint_page() of a controller, for a place as above. */
bool invitation_page(const char *place, char ret[ENDPOINT_BYTES]);
