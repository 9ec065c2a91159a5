# SPDX-License-Identifier: MIT
"""The run that the environment describes; in processes of their own, for signals and globals."""
import json
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = os.path.dirname(HERE)


def python(script, **environ):
    """Run a script with only these BESOM_ variables; (exit status, stdout, stderr)"""
    env = {k: v for k, v in os.environ.items() if not k.startswith("BESOM_")}
    env.update(environ, PYTHONPATH=PACKAGE)
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], env=env, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)
    return done.returncode, done.stdout, done.stderr


class Alone(unittest.TestCase):
    """Outside a sweep."""

    def test_defaults_and_printed_metrics(self):
        code, out, err = python("""
            import besom
            run = besom.init({"lr": 0.1, "model": {"depth": 2}})
            assert run.params == {"lr": 0.1, "model": {"depth": 2}}
            assert (run.trial, run.sweep, run.attempt) == (None, None, 1)
            run.log({"loss": run.params["lr"]})
            besom.log({"loss": float("nan")}, step=5)
        """)
        self.assertEqual((code, err), (0, ""))
        points = [json.loads(line) for line in out.splitlines()]
        self.assertEqual(points, [{"step": 0, "loss": 0.1}, {"step": 5, "loss": "NaN"}])

    def test_log_without_init(self):
        self.assertEqual(python("import besom; besom.log({'x': 1})")[1], '{"step": 0, "x": 1}\n')

    def test_closed_stdout(self):
        code, _, _ = python("import sys, besom; sys.stdout.close(); besom.log({'x': 1})")
        self.assertEqual(code, 0)

    def test_one_warning_a_name(self):
        code, _, err = python("""
            import besom
            for _ in range(3):
                besom.log({"note": "text", "other": [1]})
        """)
        self.assertEqual((code, len(err.splitlines())), (0, 2), err)
        self.assertIn("'note'", err)

    def test_init_again_adds_defaults(self):
        code, _, err = python("""
            import besom
            run = besom.init({"lr": 1, "model": {"depth": 2}})
            again = besom.init({"lr": 9, "model": {"width": 3}})
            assert again is run
            assert run.params == {"lr": 1, "model": {"depth": 2, "width": 3}}, run.params
        """)
        self.assertEqual(code, 0, err)


class InTrial(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.environ = {
            "BESOM_SWEEP": "s1", "BESOM_TRIAL": "t1", "BESOM_ATTEMPT": "2",
            "BESOM_DIR": self.folder.name,
            "BESOM_PARAMS": os.path.join(self.folder.name, "params.json"),
            "BESOM_METRICS": os.path.join(self.folder.name, "metrics.jsonl"),
        }
        with open(self.environ["BESOM_PARAMS"], "w") as f:
            json.dump({"lr": 0.5, "model": {"depth": 4}}, f)

    def test_environment(self):
        code, out, err = python("""
            import besom
            run = besom.init({"lr": 1, "epochs": 3, "model": {"depth": 1, "width": 8}})
            want = {"lr": 0.5, "epochs": 3, "model": {"depth": 4, "width": 8}}
            assert run.params == want, run.params
            assert (run.trial, run.sweep, run.attempt) == ("t1", "s1", 2)
            run.log({"loss": 1})
        """, **self.environ)
        self.assertEqual((code, out, err), (0, "", ""))
        with open(self.environ["BESOM_METRICS"]) as f:
            point = json.loads(f.read())
        self.assertEqual((point["step"], point["loss"]), (0, 1))

    def test_unreadable_parameters(self):
        for text in ["{", "[1]"]:
            with open(self.environ["BESOM_PARAMS"], "w") as f:
                f.write(text)
            code, _, err = python("import besom; besom.init({'lr': 1})", **self.environ)
            self.assertEqual(code, 1)
            self.assertIn("RuntimeError: besom:", err)

    def test_fork_while_another_thread_logs(self):
        code, _, err = python("""
            import os, threading, besom
            run = besom.init()
            stop = threading.Event()
            def chatter():
                while not stop.is_set():
                    run.log({"x": 1})
            thread = threading.Thread(target=chatter)
            thread.start()
            for _ in range(30):
                pid = os.fork()
                if pid == 0:
                    run.log({"child": 1})
                    os._exit(0)
                assert os.waitpid(pid, 0)[1] == 0
            stop.set()
            thread.join()
        """, **self.environ)
        self.assertEqual(code, 0, err)


class Stop(unittest.TestCase):
    def test_seen_by_one_who_asks(self):
        code, out, err = python("""
            import os, signal, besom
            besom.init()
            assert not besom.should_stop()
            os.kill(os.getpid(), signal.SIGTERM)
            assert besom.should_stop() and besom.init().should_stop()
            print("left politely")
        """)
        self.assertEqual((code, out), (0, "left politely\n"), err)

    def test_ends_one_who_never_asks(self):
        code, _, _ = python("import os, besom; besom.init(); os.kill(os.getpid(), 15); print('on')")
        self.assertEqual(code, -signal.SIGTERM)

    def test_own_handler_is_called_too(self):
        code, out, err = python("""
            import os, signal, besom
            signal.signal(signal.SIGTERM, lambda *a: print("mine"))
            besom.init()
            os.kill(os.getpid(), signal.SIGTERM)
            print(besom.should_stop())
        """)
        self.assertEqual((code, out), (0, "mine\nTrue\n"), err)

    def test_ignored_stays_ignored(self):
        code, out, _ = python("""
            import os, signal, besom
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            besom.init()
            os.kill(os.getpid(), signal.SIGTERM)
            print(besom.should_stop())
        """)
        self.assertEqual((code, out), (0, "False\n"))

    def test_forked_workers_end(self):
        code, _, err = python("""
            import multiprocessing, signal, time, besom
            besom.init()
            besom.should_stop()
            for _ in range(100):
                worker = multiprocessing.get_context("fork").Process(target=time.sleep, args=(60,))
                worker.start()
                worker.terminate()
                worker.join()
                assert worker.exitcode == -signal.SIGTERM, worker.exitcode
        """)
        self.assertEqual(code, 0, err)

    def test_forked_training_is_asked(self):
        """The script's work may be done in a fork, which has a SIGTERM of its own to see."""
        code, _, err = python("""
            import os, signal, besom
            besom.init()
            pid = os.fork()
            if pid == 0:
                assert not besom.should_stop()
                os.kill(os.getpid(), signal.SIGTERM)
                os._exit(0 if besom.should_stop() else 1)
            assert os.waitpid(pid, 0)[1] == 0
            assert not besom.should_stop()
        """)
        self.assertEqual(code, 0, err)

    def test_init_in_a_thread(self):
        code, out, err = python("""
            import threading, besom
            def work():
                besom.init()
                print(besom.should_stop())
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()
        """)
        self.assertEqual((code, out, err), (0, "False\n", ""))


if __name__ == "__main__":
    unittest.main()
