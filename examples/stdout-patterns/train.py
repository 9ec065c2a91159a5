#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Counts the primes found by trial division with few divisors; prints lines for people."""
import argparse

cli = argparse.ArgumentParser()
cli.add_argument("--patience", type=int, default=3)
args = cli.parse_args()


def looks_prime(n, divisors):
    return n > 1 and all(n % d or n == d for d in range(2, 2 + divisors))


right = 0
for epoch in range(args.patience):
    numbers = range(100)
    right = sum(looks_prime(n, epoch) == looks_prime(n, 98) for n in numbers)
    print(f"[train] epoch {epoch}: loss={1 - right / 100:.2f} ({epoch} divisors)", flush=True)
print(f"final accuracy {right:.1f} %")
