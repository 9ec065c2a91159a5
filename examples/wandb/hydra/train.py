#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Hydra composes the configuration, wandb records it."""
import hydra
import numpy
import wandb
from omegaconf import DictConfig, OmegaConf
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split


@hydra.main(version_base=None, config_path="conf", config_name="config")
def main(cfg: DictConfig):
    run = wandb.init(**cfg.wandb, config=OmegaConf.to_container(cfg, resolve=True, throw_on_missing=True))
    digits = load_digits()
    noise = numpy.random.default_rng(cfg.seed).normal(0, 1, digits.data.shape) * cfg.data.noise
    x_train, x_test, y_train, y_test = train_test_split(
        digits.data + noise, digits.target, test_size=cfg.data.test_size, random_state=cfg.seed)

    settings = {k: v for k, v in cfg.model.items() if k != "name"}
    model = hydra.utils.instantiate(settings)
    for share in 0.25, 0.5, 1.0:
        count = int(len(x_train) * share)
        model.fit(x_train[:count], y_train[:count])
        run.log({"val": {"accuracy": model.score(x_test, y_test)}, "images": count})
    run.summary["classes"] = len(model.classes_)
    run.finish()


if __name__ == "__main__":
    main()
