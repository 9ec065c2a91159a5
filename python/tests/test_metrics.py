# SPDX-License-Identifier: MIT
"""What is a number, how it is written, and that lines stay whole."""
import json
import os
import resource
import subprocess
import sys
import tempfile
import textwrap
import threading
import unittest
from decimal import Decimal
from fractions import Fraction

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from besom import _metrics  # noqa: E402
from besom._run import Run  # noqa: E402

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(_metrics.__file__)))


class Scalar:
    """As NumPy's and PyTorch's: one number behind float()."""

    def __init__(self, value):
        self.value = value

    def __float__(self):
        return float(self.value)

    def __index__(self):
        if not isinstance(self.value, int):
            raise TypeError("only integer scalars can be converted to an index")
        return self.value


class Several:
    def __float__(self):
        raise ValueError("only one element can be converted")


class Numbers(unittest.TestCase):
    def test_what_counts(self):
        for value, want in [
            (3, 3), (0.25, 0.25), (True, 1), (False, 0), (Scalar(7), 7), (Scalar(0.5), 0.5),
            (Decimal("0.1"), 0.1), (Fraction(1, 4), 0.25), (2**60, float(2**60)),
            (float("nan"), "NaN"), (float("inf"), "Infinity"), (float("-inf"), "-Infinity"),
        ]:
            with self.subTest(value=value):
                got = _metrics.number(value)
                self.assertEqual(got, want)
                self.assertIs(type(got), type(want))

    def test_what_does_not(self):
        for value in ["1.5", b"1", None, [1], (), object(), Several(), 1j, 10**400]:
            with self.subTest(value=value):
                self.assertIsNone(_metrics.number(value))

    def test_nested_names(self):
        nested = {"val": {"loss": 1, "top": {5: 2}}, "lr": 3}
        self.assertEqual(_metrics.numbers(nested), {"val.loss": 1, "val.top.5": 2, "lr": 3})

    def test_long_records_are_split(self):
        values = {"metric/%05d" % i: i / 7 for i in range(5000)}
        records = _metrics.lines(3, 1.5, values)
        self.assertGreater(len(records), 1)
        merged = {}
        for record in records:
            self.assertLess(len(record), 64 << 10)
            point = json.loads(record)
            self.assertEqual((point.pop("step"), point.pop("_time")), (3, 1.5))
            merged.update(point)
        self.assertEqual(merged, values)


class InFile(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = os.path.join(self.folder.name, "metrics.jsonl")
        self.run_ = Run(environ={"BESOM_METRICS": self.path})
        _metrics._warned.clear()

    def points(self):
        with open(self.path) as f:
            return [json.loads(line) for line in f]

    def test_steps(self):
        said = [None, None, 7, None, Scalar(2), None, 3.0, "x", 2.5, 10**30, float("nan"), -5, None]
        for step in said:
            self.run_.log({"x": 0}, step=step)
        taken = [0, 1, 7, 8, 2, 3, 3, 4, 5, 6, 7, -5, -4]
        self.assertEqual([p["step"] for p in self.points()], taken)

    def test_nothing_to_say(self):
        """No line without a metric, but its step is used up."""
        self.run_.log({"note": "text"})
        self.run_.log({"x": 1})
        self.assertEqual([p["step"] for p in self.points()], [1])

    def test_step_among_the_metrics(self):
        self.run_.log({"step": 4, "x": 0})
        self.run_.log({"step": 4, "x": 0}, step=9)
        self.assertEqual([p["step"] for p in self.points()], [4, 9])

    def test_time_is_there(self):
        self.run_.log({"loss": 1.0})
        self.assertAlmostEqual(self.points()[0]["_time"], os.stat(self.path).st_mtime, delta=60)

    def test_nothing_raises(self):
        endless = {}
        endless["again"] = endless
        for junk in [None, 5, "text", [1], endless, {"x": Several()}, {("a", 1): 2}]:
            with self.subTest(junk=type(junk)):
                self.run_.log(junk)
        os.unlink(self.path)
        os.mkdir(self.path)
        self.run_.log({"x": 1})

    def test_descriptor_given_away(self):
        """A script that closes every descriptor and opens a file of its own keeps it clean."""
        self.run_.log({"x": 1})
        fd = self.run_._out._fd
        own = os.path.join(self.folder.name, "own")
        os.close(fd)
        taken = os.open(own, os.O_WRONLY | os.O_CREAT)
        self.assertEqual(taken, fd)
        self.run_.log({"x": 2})
        os.close(taken)
        self.assertEqual(os.path.getsize(own), 0)
        self.assertEqual([p["x"] for p in self.points()], [1, 2])

    def test_threads_and_forks(self):
        def work(who):
            for i in range(200):
                self.run_.log({"who": who, "pad": {"n%d" % k: i for k in range(50)}}, step=i)

        children = []
        for who in range(3):
            pid = os.fork()
            if pid == 0:
                try:
                    work(who)
                finally:
                    os._exit(0)
            children.append(pid)
        threads = [threading.Thread(target=work, args=(who,)) for who in (3, 4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for pid in children:
            os.waitpid(pid, 0)
        seen = sorted((p["who"], p["step"]) for p in self.points())
        self.assertEqual(seen, sorted((w, i) for w in range(5) for i in range(200)))

    def test_full_disk(self):
        """One warning, no exception, lines that fit stay whole, and it goes on with room."""
        script = textwrap.dedent("""
            import resource, signal, besom
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            limits = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
            for i in range(100):
                besom.log({"x": i})
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
            besom.log({"x": "last", "y": 1}, step=1000)
        """)
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", script], cwd=PACKAGE, stderr=subprocess.PIPE,
            env=dict(os.environ, BESOM_METRICS=self.path), universal_newlines=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr.count("cannot write metrics"), 1, done.stderr)
        with open(self.path) as f:
            text = f.read().splitlines()
        self.assertEqual(json.loads(text[-1])["step"], 1000)
        whole = [json.loads(line)["x"] for line in text[:-2]]
        self.assertGreater(len(whole), 5)
        self.assertEqual(whole, list(range(len(whole))))


if __name__ == "__main__":
    unittest.main()
