# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for training, configured by Hydra's config groups."""
import json

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import OmegaConf


@hydra.main(version_base=None, config_path="conf", config_name="config")
def main(cfg):
    print("configuration:", json.dumps(OmegaConf.to_container(cfg)))
    print("output in", HydraConfig.get().runtime.output_dir)
    best = {"mlp": 0.05, "cnn": 0.02}[cfg.model.name]
    for epoch in range(cfg.epochs):
        loss = abs(cfg.optimizer.lr - best) + cfg.model.width / 1000 + 1 / (epoch + 1)
        print(f"epoch={epoch} train/loss={loss!r}")


main()
