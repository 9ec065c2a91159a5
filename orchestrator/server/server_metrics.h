/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Metrics for Prometheus, in its text format. */
#include "orchestrator/server/server_inside.h"

void server_metrics_answer(struct server *s, const struct server_request *r);
