#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A pipeline: one program prepares the data, another fits it, and the script prints the result.
set -euo pipefail
degree=2
noise=0.1
for argument in "$@"; do
  case $argument in
  degree=*) degree=${argument#*=} ;;
  noise=*) noise=${argument#*=} ;;
  *) echo "unknown argument: $argument" >&2; exit 2 ;;
  esac
done

python3 prepare.py --noise "$noise" --out "$BESOM_DIR/data.csv"
error=$(python3 fit.py "$degree" < "$BESOM_DIR/data.csv")
echo "degree $degree, error $error"
