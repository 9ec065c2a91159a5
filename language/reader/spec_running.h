/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Reads besom's own keys for running trials: resources, env, retry, report, budget. W&B does not
 * know them, so a mistake in them is an error. All except env are given mappings. */
#include "language/spec.h"
#include "language/reader/spec_node.h"

void spec_running_read_code(struct spec_reader *r, struct spec *s, const struct spec_node *n);
void spec_running_read_resources(struct spec_reader *r, struct spec *s, const struct spec_node *n);
void spec_running_read_env(struct spec_reader *r, struct spec *s, const struct spec_node *n);
void spec_running_read_retry(struct spec_reader *r, struct spec *s, const struct spec_node *n);
void spec_running_read_report(struct spec_reader *r, struct spec *s, const struct spec_node *n);
/* A metric that no pattern can give is an error; metric is the node of `metric`. */
void spec_running_check_metric(struct spec_reader *r, const struct spec *s,
                               const struct spec_node *metric);
void spec_running_read_budget(struct spec_reader *r, struct spec *s, const struct spec_node *n);
