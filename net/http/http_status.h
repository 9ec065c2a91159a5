/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The reason phrases of HTTP status codes. */
const char *http_status_text(int status);
