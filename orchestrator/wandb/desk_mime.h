/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The media type of a file, by the end of its name. */
const char *desk_mime(const char *name);
