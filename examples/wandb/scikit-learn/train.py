#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A random forest on handwritten digits, with wandb's plots for classifiers."""
import wandb
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import f1_score, log_loss
from sklearn.model_selection import train_test_split

DEFAULTS = {"n_estimators": 20, "max_depth": 6, "seed": 0}


def main():
    run = wandb.init(project="digits", job_type="train", config=DEFAULTS)
    config = run.config

    digits = load_digits()
    x_train, x_test, y_train, y_test = train_test_split(
        digits.data, digits.target, test_size=0.3, random_state=config.seed)

    model = RandomForestClassifier(n_estimators=config.n_estimators, max_depth=config.max_depth,
                                   random_state=config.seed)
    model.fit(x_train, y_train)
    predicted, probabilities = model.predict(x_test), model.predict_proba(x_test)

    run.log({
        "accuracy": model.score(x_test, y_test),
        "f1": f1_score(y_test, predicted, average="macro"),
        "log_loss": log_loss(y_test, probabilities),
    })

    names = [str(name) for name in digits.target_names]
    run.log({
        "confusion": wandb.plot.confusion_matrix(y_true=y_test, preds=predicted, class_names=names),
        "roc": wandb.plot.roc_curve(y_test, probabilities, labels=names),
        "pr": wandb.plot.pr_curve(y_test, probabilities, labels=names),
    })
    wandb.sklearn.plot_feature_importances(model)
    wandb.sklearn.plot_class_proportions(y_train, y_test, names)

    table = wandb.Table(columns=["image", "guess", "truth"])
    for image, guess, truth in list(zip(x_test, predicted, y_test))[:16]:
        table.add_data(wandb.Image(image.reshape(8, 8)), int(guess), int(truth))
    run.log({"predictions": table})


if __name__ == "__main__":
    main()
