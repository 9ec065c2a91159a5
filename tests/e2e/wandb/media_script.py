# SPDX-License-Identifier: GPL-3.0-or-later
"""Logs masks, boxes, point clouds, lists of media, and tables that are joined, partitioned or logged in increments. What wandb's
client sent of it is in recorded_media.json: rows, files, and the newest version of each artifact. Needs numpy and pillow."""
import pathlib

import numpy
import wandb

dice = numpy.random.default_rng(0)
image = numpy.full((24, 32, 3), 200, numpy.uint8)
mask = numpy.zeros((24, 32), numpy.uint8)
mask[4:12, 4:16] = 1
mask[14:20, 18:30] = 2
mask[0, 0] = 7
names = {0: "road", 1: "car", 2: "<img src=x onerror=window.hit=1>"}
classes = wandb.Classes([{"id": k, "name": v} for k, v in names.items()])


def normal(*size):
    return numpy.round(dice.normal(size=size), 2)


def scene():
    boxes = [{"position": {"minX": 0.125, "maxX": 0.5, "minY": 0.25, "maxY": 0.5}, "class_id": 1, "box_caption": "a car", "scores": {"acc": 0.75}},
             {"position": {"middle": [24, 17], "width": 12, "height": 6}, "domain": "pixel", "class_id": 2, "scores": {"acc": 0.5, "iou": 0.25}}]
    return wandb.Image(image, caption="scene", boxes={"predictions": {"box_data": boxes, "class_labels": names}},
                       masks={"predictions": {"mask_data": mask, "class_labels": names}}, classes=classes)


with wandb.init(entity="besom", project="recorded", id="sdk") as run:
    run.log({"scene": scene()})
    run.log({"scenes": [scene(), wandb.Image(image, caption="plain")], "val": {"inner": scene()}})
    cloud = normal(20, 3)
    cloud[3] = numpy.nan
    box = wandb.box3d(center=(0, 0, 0), size=(1, 2, 3), orientation=(1, 0.2, 0, 0), color=(1, 0, 0), label="car", score=0.9)
    points = numpy.c_[normal(8, 3), dice.integers(0, 255, (8, 3))].tolist()
    run.log({"cloud": wandb.Object3D(cloud), "category": wandb.Object3D(numpy.c_[normal(6, 3), dice.integers(1, 15, 6)]),
             "lidar": wandb.Object3D.from_point_cloud(points=points, boxes=[box], vectors=[{"start": [0, 0, 0], "end": [1, 1, 1]}]),
             "clouds": [wandb.Object3D(normal(3, 3)), wandb.Object3D(normal(3, 3))]})
    pathlib.Path("m.obj").write_text("v 0 0 0\n")
    pathlib.Path("m.pdb").write_text("ATOM\n")
    run.log({"mesh": wandb.Object3D("m.obj"), "molecule": wandb.Molecule("m.pdb"), "molecules": [wandb.Molecule("m.pdb")],
             "pages": [wandb.Html("<h1>one</h1>"), wandb.Html("<h1>two</h1>")]})
    left = wandb.Table(columns=["id", "score"], data=[[1, 0.5], [2, 0.25], [3, 0.125]])
    right = wandb.Table(columns=["id", "score", "image"], data=[[2, 10, scene()], [1, 20, scene()], [4, 30, scene()], [1, 40, scene()]])
    run.log({"joined": wandb.JoinedTable(left, right, "id")})
    parts = wandb.Artifact("parts", "dataset")
    for i in range(3):
        parts.add(wandb.Table(columns=["n", "who"], data=[[10 * i + k, "p%d" % i] for k in range(2)]), "folder/%d" % i)
    parts.add(wandb.data_types.PartitionedTable("folder"), "whole")
    run.log_artifact(parts).wait()
    run.log({"partitioned": run.use_artifact("parts:latest").get("whole")})
    growing = wandb.Table(columns=["step", "x"], log_mode="INCREMENTAL")
    for step in range(3):
        growing.add_data(step, step * step)
        run.log({"growing": growing})
