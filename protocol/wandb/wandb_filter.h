/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The filters of wandb's public API, in the manner of MongoDB: {"state":"finished","config.lr":{"$gt":0.01}}. $and, $or, $nor,
 * $not; $eq, $ne, $gt, $gte, $lt, $lte, $in, $nin, $all, $exists, $regex (with $options). A test on a list, such as the tags,
 * holds where it holds of one of its items. Fields: protocol/wandb/wandb_field.h. */
#include "protocol/wandb/wandb_field.h"

struct wandb_filter;

/* An empty text, null and {} match each run. ERR_SYNTAX and ERR_LIMIT have a message for the user. */
NODISCARD int wandb_filter_parse(const char *text, size_t len, struct wandb_filter **ret,
                                 struct err *err);
void wandb_filter_free(struct wandb_filter *f); /* takes NULL */
bool wandb_filter_reads(const struct wandb_filter *f, enum wandb_field_part part);
/* Where the filter is nothing but {"sweep": ID}, alone or in an $and: that id, else NULL. */
const char *wandb_filter_sweep(const struct wandb_filter *f);
/* Whether the run matches, or ERR_LIMIT where a regular expression takes too many steps. */
NODISCARD int wandb_filter_match(const struct wandb_filter *f, const struct value *run);
