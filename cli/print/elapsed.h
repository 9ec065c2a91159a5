/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Spans of time as people read them. Pure. */

enum { ELAPSED_BYTES = 24 };
/* "0.3s", "42s", "3m05s", "2h07m", "3d04h"; "-" if it is not a span of time. */
void elapsed_format(char out[ELAPSED_BYTES], double seconds);
/* "just now", "41 min ago", "2 h ago", "3 days ago" */
void elapsed_ago(char out[ELAPSED_BYTES], double seconds);
