/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/cmd.h"
#include "cli/subcommand/subcommand_list.h"
#include "cli/subcommand/subcommand_options.h"

const struct subcommand subcommand_completion = {
    "completion",
    "print the completion script for a shell",
    "bash|zsh|fish",
    0,
    1,
    "Prints a completion script. Read it from the start-up file of the shell; ./dev install "
    "puts it in the place where the shell looks for it.\n"
    "The script completes commands and options, and asks besom completion --list for the "
    "sweeps, trials, columns and metrics of the store.",
    "source <(besom completion bash)       # in ~/.bashrc\n"
    "source <(besom completion zsh)        # in ~/.zshrc, after compinit\n"
    "besom completion fish | source        # in config.fish\n",
    subcommand_options_completion,
    cmd_completion,
};

const struct subcommand subcommand_version = {
    "version",
    "print the version",
    NULL,
    0,
    0,
    "Prints the version of besom.",
    "besom version\n",
    subcommand_options_version,
    cmd_version,
};

const struct subcommand subcommand_help = {
    "help",
    "list the commands, or describe one",
    "[COMMAND]",
    0,
    1,
    "Without COMMAND, lists the commands; the same as besom --help. With it, the same as besom "
    "COMMAND --help.",
    "besom help trials\n"
    "besom help --man run | man -l -\n",
    subcommand_options_help,
    cmd_help,
};
