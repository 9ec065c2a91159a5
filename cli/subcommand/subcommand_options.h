/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The options of the subcommands in cli/subcommand/subcommand_table.h; some have the same ones. */
#include "cli/subcommand/subcommand.h"

extern const struct subcommand_option subcommand_options_run[];
extern const struct subcommand_option subcommand_options_token[];
extern const struct subcommand_option subcommand_options_audit[];
extern const struct subcommand_option subcommand_options_wandb[];
extern const struct subcommand_option subcommand_options_ask[];
extern const struct subcommand_option subcommand_options_lint[];
extern const struct subcommand_option subcommand_options_try_report[];
extern const struct subcommand_option subcommand_options_plan[];
extern const struct subcommand_option subcommand_options_gpus[];
extern const struct subcommand_option subcommand_options_looking[];
extern const struct subcommand_option subcommand_options_store[];
extern const struct subcommand_option subcommand_options_sweep[];
extern const struct subcommand_option subcommand_options_serve[];
extern const struct subcommand_option subcommand_options_agent[];
extern const struct subcommand_option subcommand_options_backup[];
extern const struct subcommand_option subcommand_options_rm[];
extern const struct subcommand_option subcommand_options_gc[];
extern const struct subcommand_option subcommand_options_rerun[];
extern const struct subcommand_option subcommand_options_trials[];
extern const struct subcommand_option subcommand_options_runs[];
extern const struct subcommand_option subcommand_options_best[];
extern const struct subcommand_option subcommand_options_importance[];
extern const struct subcommand_option subcommand_options_plot[];
extern const struct subcommand_option subcommand_options_metrics[];
extern const struct subcommand_option subcommand_options_export[];
extern const struct subcommand_option subcommand_options_logs[];
extern const struct subcommand_option subcommand_options_steer[];
extern const struct subcommand_option subcommand_options_enqueue[];
extern const struct subcommand_option subcommand_options_agents[];
extern const struct subcommand_option subcommand_options_drain[];
extern const struct subcommand_option subcommand_options_cordon[];
extern const struct subcommand_option subcommand_options_import[];
extern const struct subcommand_option subcommand_options_edit[];
extern const struct subcommand_option subcommand_options_retry[];
extern const struct subcommand_option subcommand_options_tag[];
extern const struct subcommand_option subcommand_options_report[];
extern const struct subcommand_option subcommand_options_completion[];
extern const struct subcommand_option subcommand_options_version[];
extern const struct subcommand_option subcommand_options_help[];
