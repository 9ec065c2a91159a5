/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The function of each subcommand: cmd_ls() is in ls.c. Each returns the exit code of the process,
 * and has printed its errors. */
struct invocation;

int cmd_run(struct invocation *inv);
int cmd_sweep(struct invocation *inv);
int cmd_watch(struct invocation *inv);
int cmd_top(struct invocation *inv);
int cmd_serve(struct invocation *inv);
int cmd_agent(struct invocation *inv);
int cmd_ask(struct invocation *inv);
int cmd_lint(struct invocation *inv);
int cmd_plan(struct invocation *inv);
int cmd_ls(struct invocation *inv);
int cmd_show(struct invocation *inv);
int cmd_gpus(struct invocation *inv);
int cmd_explain(struct invocation *inv);
int cmd_trials(struct invocation *inv);
int cmd_runs(struct invocation *inv);
int cmd_best(struct invocation *inv);
int cmd_metrics(struct invocation *inv);
int cmd_logs(struct invocation *inv);
int cmd_retry(struct invocation *inv);
int cmd_tag(struct invocation *inv);
int cmd_steer(struct invocation *inv); /* pause, resume, stop and cancel */
int cmd_agents(struct invocation *inv);
int cmd_agents_steer(struct invocation *inv); /* drain, cordon, uncordon, forget */
int cmd_edit(struct invocation *inv);
int cmd_import(struct invocation *inv);
int cmd_enqueue(struct invocation *inv);
int cmd_rename(struct invocation *inv);
int cmd_rerun(struct invocation *inv);
int cmd_rm(struct invocation *inv);
int cmd_check(struct invocation *inv);
int cmd_gc(struct invocation *inv);
int cmd_replay(struct invocation *inv);
int cmd_backup(struct invocation *inv);
int cmd_report(struct invocation *inv);
int cmd_try_report(struct invocation *inv);
int cmd_completion(struct invocation *inv);
int cmd_importance(struct invocation *inv);
int cmd_plot(struct invocation *inv);
int cmd_export(struct invocation *inv);
int cmd_token(struct invocation *inv);
int cmd_audit(struct invocation *inv);
int cmd_wandb(struct invocation *inv);
int cmd_version(struct invocation *inv);
int cmd_help(struct invocation *inv);
