# SPDX-License-Identifier: GPL-3.0-or-later
"""A command of click's with a list option, an on/off option and a choice."""
import click


@click.command()
@click.option("--lr", type=float, default=0.1)
@click.option("--layer", "layers", type=int, multiple=True, default=[8])
@click.option("--augment/--no-augment", default=True)
@click.option("--activation", type=click.Choice(["relu", "tanh"]), default="relu")
@click.option("-v", "--verbose", count=True)
def main(lr, layers, augment, activation, verbose):
    click.secho("training", fg="green", bold=True, color=True)
    for epoch in range(1, 4):
        loss = abs(lr - 0.1) + sum(layers) / 100 + (0 if augment else 0.5) + 1 / epoch
        click.echo(f"Epoch {epoch}: val_loss={loss!r}, verbosity={verbose}")
    click.echo(f"finished with {activation}")


main()
