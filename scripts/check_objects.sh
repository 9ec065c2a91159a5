#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# check_objects.sh symbols|circles: the check on the archives of the release build, brought up to date first.
cd "$(dirname "$0")/.." || exit 2
mkdir -p build
log=build/release-layers.log
(
    flock 9 # the two checks may run at the same time
    { cmake --preset release && cmake --build --preset release --target layers; } >"$log" 2>&1 ||
        { cat "$log"; exit 1; }
) 9>build/release-layers.lock || exit 1
case $1 in
symbols) exec python3 scripts/check_symbols.py build/release --all ;;
circles) exec python3 scripts/check_circles.py . build/release ;;
*) echo "usage: check_objects.sh symbols|circles" >&2; exit 2 ;;
esac
