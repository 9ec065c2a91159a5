#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Formatting: .clang-format decides. Skips (77) where there is no clang-format.
cd "${1:-$(dirname "$0")/..}" || exit 2
command -v clang-format >/dev/null || {
    echo "SKIPPED: no clang-format here (apt-get install clang-format)" >&2
    exit 77
}
mapfile -t files < <(find base expr sweep language strategies protocol net orchestrator agent cli tests examples \
    -name '*.[ch]' 2>/dev/null)
[ ${#files[@]} -gt 0 ] || { echo "format: nothing to look at" >&2; exit 1; }
clang-format --dry-run --Werror "${files[@]}" && echo "format: ${#files[@]} files, 0 wrong"
