#!/bin/bash
# Run a command of twoborders with a store on the local disk, as SQLite needs, and keep it in $OUT:
#
#   OUT=/shared/folder local_store.sh NAME sweep DESIGN --shard 3/64 --resume
#
# The store is copied from $OUT/NAME before, if it exists, and back afterwards, also if SIGTERM ends
# the job. Runs that were stored are kept, so the same line continues. TWOBORDERS names another
# command, for example "apptainer exec twoborders.sif twoborders".
set -euo pipefail
name=$1
shift
work=$(mktemp -d "${SLURM_TMPDIR:-${TMPDIR:-/tmp}}/twoborders.XXXXXX")
mkdir -p "$OUT"
if [ -d "$OUT/$name" ]; then cp -r "$OUT/$name/." "$work"; fi

save() {
  rm -rf "$OUT/.$name"
  cp -r "$work" "$OUT/.$name"
  rm -rf "${OUT:?}/$name"
  mv "$OUT/.$name" "$OUT/$name" # whole or not at all
  rm -r "$work"
}
trap save EXIT
trap 'kill -TERM "$run"; wait "$run"' INT TERM

${TWOBORDERS:-twoborders} "$@" --out "$work" &
run=$!
wait "$run"
