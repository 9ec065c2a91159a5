/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The points, boxes and vectors of a wandb.Object3D, made small enough to be drawn: thinned, moved to their middle and
 * scaled to whole numbers. Knows no files. */
#include "base/json_span.h"
#include "base/value.h"
#include "orchestrator/runs/document/document_work.h"

enum {
    DOCUMENT_CLOUD_POINTS = 30000,
    DOCUMENT_CLOUD_BOXES = 1000,
    DOCUMENT_CLOUD_UNIT = 10000, /* nearly all that is drawn is this far from the middle, or less */
};

/* {"text":what there is, in words,"middle":[x,y,z],"unit":n,"points":[x,y,z,rgb,…],"boxes":[{"text","rgb","ends":[x,y,z,x,y,z,…]}]}; "ends" has two
 * places for each edge. Places that are not finite are left out. A place x was middle + unit * x in the file. */
NODISCARD int document_cloud_make(struct arena *a, struct json_span file, struct document_work *w,
                                  struct value **ret, struct err *err);
