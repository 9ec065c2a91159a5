#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Walks down (x - 3)^2 and reports each step.
set -eu
lr=0.1 steps=8
for arg; do
    case $arg in
        --lr=*) lr=${arg#*=} ;;
        --steps=*) steps=${arg#*=} ;;
    esac
done

x=0
for ((step = 0; step < steps; step++)); do
    read -r x loss < <(awk -v x="$x" -v lr="$lr" \
        'BEGIN { x -= lr * 2 * (x - 3); printf "%.9g %.9g\n", x, (x - 3) ^ 2 }')
    besom report loss="$loss" x="$x" --step "$step"
done
