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

publish() { # whole or not at all: a complete .name, also of a job that was killed, is the newest
  [ -d "$OUT/.$name" ] || return 0
  rm -rf "${OUT:?}/$name"
  mv "$OUT/.$name" "$OUT/$name"
}
publish
if [ -d "$OUT/$name" ]; then cp -r "$OUT/$name/." "$work"; fi

save() {
  rm -rf "$OUT/.$name.part"
  cp -r "$work" "$OUT/.$name.part"
  mv "$OUT/.$name.part" "$OUT/.$name"
  publish
  rm -r "$work"
  echo "The folder $work is now $OUT/$name."
}
trap save EXIT
trap 'kill -TERM "$run"; wait "$run"' INT TERM

${TWOBORDERS:-twoborders} "$@" --out "$work" &
run=$!
wait "$run"
