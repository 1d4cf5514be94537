#!/bin/bash
# A sweep as a job array: task k runs shard k of 64, and a last job merges them. In this folder:
#
#   export DESIGN=assumptions OUT=/shared/assumptions
#   array=$(sbatch --parsable slurm_array.sh)
#   sbatch --dependency=afterany:$array --array=0 slurm_array.sh
#
# The log of the last job names the shards that are not complete. Submit these again, for example
# with --array=3,17, and then the last job. Run a short simulation before, on a node of the same
# kind: it compiles the model for all tasks.
#SBATCH --job-name=twoborders
#SBATCH --array=1-64
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=1
#SBATCH --mem=2G
#SBATCH --time=04:00:00
#SBATCH --signal=B:TERM@120
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=twoborders-%a.log
set -euo pipefail
: "${DESIGN:?export a design}" "${OUT:?export a folder that all nodes share}"
SHARDS=${SHARDS:-64} # as many as all tasks, also if only some are submitted again
here=${SLURM_SUBMIT_DIR:-.} # Slurm runs a copy of this file elsewhere

if [ "$SLURM_ARRAY_TASK_ID" = 0 ]; then
  exec bash "$here/local_store.sh" all merge "$OUT"/shard-*
fi
exec bash "$here/local_store.sh" "shard-$SLURM_ARRAY_TASK_ID" \
  sweep "$DESIGN" --shard "$SLURM_ARRAY_TASK_ID/$SHARDS" --resume --jobs 1
