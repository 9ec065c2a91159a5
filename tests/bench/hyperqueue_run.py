# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs N times /bin/true through HyperQueue with two cores: its server and its worker as its own Python package
starts them, in memory (no journal), the output of the tasks thrown away. Prints the seconds from the submission to
the end of the last task, and the CPU seconds of all its processes in that time: its start and its end cost it nothing
here."""

import resource
import sys
import tempfile
import time

from hyperqueue import Job, LocalCluster
from hyperqueue.cluster import WorkerConfig


def cpu_seconds():
    usage = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in usage)


def main(tasks):
    with tempfile.TemporaryDirectory(prefix="besom-bench-") as folder:
        with LocalCluster(folder, WorkerConfig(cores=2)) as cluster:
            client = cluster.client()
            job = Job()
            for _ in range(tasks):
                job.program(["/bin/true"], stdout=None, stderr=None)
            began, cpu = time.monotonic(), cpu_seconds()
            client.wait_for_jobs([client.submit(job)])
            print("took", time.monotonic() - began, cpu_seconds() - cpu)


if __name__ == "__main__":
    main(int(sys.argv[1]))
