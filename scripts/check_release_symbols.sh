#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# check_symbols.py on the archives of the release build, brought up to date first.
cd "$(dirname "$0")/.." || exit 2
mkdir -p build
log=build/release-layers.log
{ cmake --preset release && cmake --build --preset release --target layers; } >"$log" 2>&1 ||
    { cat "$log"; exit 1; }
exec python3 scripts/check_symbols.py build/release --all
