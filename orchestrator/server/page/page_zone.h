/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The time zone of this host, by the name that browsers know. The zone's rules are theirs. */
enum { PAGE_ZONE_BYTES = 64 };

/* "Europe/Berlin", in `ret`; NULL: not known. */
const char *page_zone_name(char ret[PAGE_ZONE_BYTES]);
