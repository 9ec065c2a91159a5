# SPDX-License-Identifier: GPL-3.0-or-later
"""The mean squared error of the best polynomial of a degree."""
import sys

import numpy

data = numpy.loadtxt(sys.stdin, delimiter=",")
fitted = numpy.polyfit(data[:, 0], data[:, 1], int(sys.argv[1]))
print(float(numpy.mean((numpy.polyval(fitted, data[:, 0]) - data[:, 1]) ** 2)))
