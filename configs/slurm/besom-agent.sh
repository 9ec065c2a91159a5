#!/bin/bash
# SPDX-License-Identifier: MIT
# An agent in a Slurm job, here eight of them. Make a join string for each, once, where the controller's
# token is (they are good for 24 h; what has joined needs its string no more):
#   mkdir -p ~/besom && for i in 1 2 3 4 5 6 7 8; do
#       besom token create --scope join --expires 24h > ~/besom/join.$i; done
#   sbatch besom-agent.sh
#SBATCH --job-name=besom-agent
#SBATCH --array=1-8
#SBATCH --gpus=1
#SBATCH --cpus-per-task=8
#SBATCH --time=12:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
# Two minutes before the job's time is over, and where the site sends it before a preemption: trainings
# get SIGTERM and 30 s, and their trials go back to the queue at no cost. B: the agent alone is told.
#SBATCH --signal=B:USR1@120
set -eu
name=slurm-${SLURM_ARRAY_TASK_ID:-$SLURM_JOB_ID}
# It uses the GPUs and cores of the job. A job that was put back into the queue finds its folder again,
# so this must be on a file system that all nodes have. exec: Slurm's signals reach the agent itself.
exec besom agent --join "$HOME/besom/join.${SLURM_ARRAY_TASK_ID:-1}" --name "$name" \
    --dir "$HOME/besom/$name" --workdir "$SLURM_SUBMIT_DIR"
