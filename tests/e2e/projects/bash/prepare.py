# SPDX-License-Identifier: GPL-3.0-or-later
import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--noise", type=float)
parser.add_argument("--out")
args = parser.parse_args()
with open(args.out, "w") as out:
    for i in range(40):
        x = i / 20 - 1
        out.write("%r,%r\n" % (x, x ** 3 - x + args.noise * (-1) ** i))
