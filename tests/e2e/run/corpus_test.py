#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sweep files that people wrote for W&B, run as they are; small scripts stand in for their
programs and note the arguments that they got."""
import json
import os
import pathlib
import shutil
import sys

import scene

CORPUS = pathlib.Path(os.environ.get("BESOM_SHARED", scene.ROOT.parent / "shared")) / "corpus"

STAND_IN = """
import json, os, sys, time
with open("argv." + os.environ["BESOM_TRIAL"], "w") as f:
    json.dump(sys.argv, f)
with open(os.environ["BESOM_METRICS"], "a") as f:
    f.write(json.dumps({"loss": len(str(sys.argv)), "size/valid": 1, "latency": 1}) + "\\n")
"""


class Corpus(scene.Case):
    def run_file(self, name, program):
        shutil.copy(CORPUS / name, self.folder)
        self.write(program, STAND_IN)
        if not shutil.which("python"):  # some of them call it by that name
            tools = self.folder / "bin"
            tools.mkdir()
            os.symlink(sys.executable, tools / "python")
            self.env["PATH"] = "%s:%s" % (tools, self.env["PATH"])
        self.says("run", name, "--slots", 2)
        self.assertEqual(self.look("show", "last")["state"], "finished")
        trials = self.by_number()
        self.assertEqual({t["reason"] for t in trials}, {"ok"})
        argvs = [json.loads((self.folder / ("argv." + t["id"])).read_text()) for t in trials]
        self.assertEqual(len({tuple(argv) for argv in argvs}), len(argvs), "a point came twice")
        self.assertTrue(all(t["objective"] is not None for t in trials))
        self.assertIn("is finished", self.says("run", name))
        return argvs

    def test_grid(self):
        argvs = self.run_file("063.yaml", "main.py")
        self.assertEqual(len(argvs), 54)
        names = ["eval_batch_size=4", "generation_max_length=277", "model_name=", "models_path=",
                 "num_epochs=3", "project_dir=/home/", "random_gen_seed=42", "raw_path=",
                 "save_model=True", "test_path=", "test_size=0.2", "train_batch_size=4",
                 "train_path=data/train.csv", "warmup_steps=0"]
        self.assertEqual((argvs[0][0], len(argvs[0])), ("main.py", 1 + len(names)))
        for argument, begin in zip(argvs[0][1:], names):
            self.assertTrue(argument.startswith("--" + begin), argument)
        varied = {tuple(a for a in argv if a.split("=")[0] in
                        ("--model_name", "--num_epochs", "--warmup_steps")) for argv in argvs}
        self.assertEqual(len(varied), 6 * 3 * 3)

    def test_grid_with_a_command_of_its_own(self):
        argvs = self.run_file("130.yaml", "main.py")
        rest = ["dataset.name=small", "dataset.node_encoder_name=GraphStats", "gnn.dim_inner=256"]
        tail = ["gnn.layer_type=gcon", "gnn.layers_mp=16", "gnn.layers_post_mp=1",
                "gnn.layers_pre_mp=4", "optim.max_epoch=200"]
        self.assertEqual(argvs, [
            ["main.py", "--cfg", "copt_graphgym/configs/maxcut.yaml", *rest,
             "gnn.hybrid_v2.channel_list=" + channels, *tail, "seed=%d" % seed,
             "train.batch_size=256"]
            for channels in ("[[0, 1], [1, 2], [2, 4]]", "[[1], [2], [4]]") for seed in (1, 2, 3)])

    def test_random_over_a_finite_space_ends_by_itself(self):
        argvs = self.run_file("031.yaml", "ntrain.py")
        self.assertEqual({tuple(argv) for argv in argvs}, {
            ("ntrain.py", "--batch_size=1", "--decoder=plain", "--downblocks=%d" % down,
             "--encoder=plain", "--epochs=0", "--experiment_name=latency_testing2",
             "--model_name=segnet_modular", "--upblocks=%d" % up)
            for down in range(3, 7) for up in range(1, 6)})
        self.assertEqual(len(argvs), 20)


if __name__ == "__main__":
    if not CORPUS.is_dir():
        print("SKIPPED: no sweep files in %s ($BESOM_SHARED/corpus)" % CORPUS, file=sys.stderr)
        sys.exit(77)
    scene.main()
