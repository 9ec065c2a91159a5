#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Keras with wandb's callbacks."""
import keras
import wandb
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from wandb.integration.keras import WandbMetricsLogger, WandbModelCheckpoint


def main():
    wandb.init(project="digits-keras", config={"units": 16, "dropout": 0.1, "epochs": 3, "lr": 0.01})
    config = wandb.config
    keras.utils.set_random_seed(0)

    digits = load_digits()
    x_train, x_val, y_train, y_val = train_test_split(digits.data / 16, digits.target, random_state=0)

    model = keras.Sequential([
        keras.Input((64,)),
        keras.layers.Dense(config.units, activation="relu"),
        keras.layers.Dropout(config.dropout),
        keras.layers.Dense(10, activation="softmax"),
    ])
    model.compile(optimizer=keras.optimizers.Adam(config.lr), loss="sparse_categorical_crossentropy",
                  metrics=["accuracy"])
    model.fit(x_train, y_train, epochs=config.epochs, batch_size=64, validation_data=(x_val, y_val), verbose=2,
              callbacks=[WandbMetricsLogger(log_freq=10),
                         WandbModelCheckpoint("models/digits-{epoch:02d}.keras", monitor="val_loss",
                                              save_best_only=True)])
    wandb.finish()


if __name__ == "__main__":
    main()
