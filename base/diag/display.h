/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Text from outside, prepared for a terminal: made harmless, measured in columns, cut to fit.
 * Pure; knows no terminal. */
#include "base/buf.h"

/* Appends s without anything that a terminal would interpret: escape sequences of colour and
 * cursor are left out, other control characters become "^[", invalid bytes and the characters that
 * reorder text become "?". Tabs and newlines are control characters too. */
void display_clean(struct buf *out, const char *s, size_t len);
/* Bytes of the escape sequence at s: CSI "ESC [ … letter", OSC "ESC ] … BEL or ESC \". 0: none. */
size_t display_escape(const char *s, size_t len);
/* Whether display_clean() leaves s as it is. */
bool display_is_clean(const char *s, size_t len);
/* Whether s can be told from other names by its looks: clean, with no character that is not seen, no
 * space but ' ' within it, and no combining mark at its start. */
bool display_is_name(const char *s, size_t len);
/* Columns that s takes on a terminal: 2 for East Asian wide ones and emoji, 0 for combining marks.
 */
size_t display_width(const char *s, size_t len);
/* Bytes of the longest beginning of s that fits the columns. */
size_t display_fit(const char *s, size_t len, size_t columns);
/* The part of a log line that a terminal shows after a progress bar has redrawn it: the text after
 * the last carriage return, except trailing ones. Points into s. */
const char *display_redrawn(const char *s, size_t *len);
