#!/bin/bash
# A study on a Dask cluster inside one job: a scheduler and the command on the first node, and a
# worker in every task but one. In this folder:
#
#   export STUDY="sweep assumptions" OUT=/shared/assumptions
#   sbatch slurm_dask.sh
#
# Submit it again if its time was too short: stored runs are kept. One process stores all runs, so
# for many short runs prefer slurm_array.sh.
#SBATCH --job-name=twoborders-dask
#SBATCH --ntasks=65
#SBATCH --cpus-per-task=1
#SBATCH --mem-per-cpu=2G
#SBATCH --time=04:00:00
#SBATCH --signal=B:TERM@120
#SBATCH --open-mode=append
#SBATCH --output=twoborders-dask.log
set -euo pipefail
: "${STUDY:?export a command with its arguments}" "${OUT:?export a folder that all nodes share}"
DASK=${DASK:-dask}
here=${SLURM_SUBMIT_DIR:-.}
file=$(mktemp -d)/scheduler.json

trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
# without --host, the scheduler listens on all interfaces, without encryption: use a private network
$DASK scheduler --port 0 --no-dashboard --scheduler-file "$file" &
until [ -s "$file" ]; do sleep 1; done
address=$(sed -n 's|.*"tcp://\([^"]*\)".*|\1|p' "$file" | head -n 1)
srun --ntasks=$((SLURM_NTASKS - 1)) $DASK worker "$address" --nthreads 1 --no-dashboard \
  --local-directory "${SLURM_TMPDIR:-${TMPDIR:-/tmp}}" &

trap 'kill -TERM "$run"; wait "$run"' TERM
bash "$here/local_store.sh" all $STUDY --resume --executor "dask://$address" &
run=$!
wait "$run"
