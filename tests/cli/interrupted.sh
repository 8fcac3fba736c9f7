#!/usr/bin/env bash
# interrupted.sh <assay> <scratch folder>
# Ctrl-C in commands that have nothing to show of half a run: exit code 130, one line
# that says so, and nothing on standard output that looks like a result.
set -euo pipefail
assay=$1
scratch=$2
rm -rf "$scratch"
mkdir -p "$scratch"

problem() {
  printf 'interrupted: assay %s: %s\n' "$line" "$1"
  cat "$scratch/stderr"
  exit 1
}

# Each runs for minutes when nobody stops it.
lines=(
  "tune --dry-run --rounds 1000 --shapes 64x64x256:nt --epoch-ms 50"
  "ladder --op axpy --processes 1000"
)
for line in "${lines[@]}"; do
  read -ra words <<<"$line"
  # Job control gives the tool a process group of its own, with SIGINT not ignored.
  set -m
  "$assay" "${words[@]}" >"$scratch/stdout" 2>"$scratch/stderr" &
  tool=$!
  set +m
  sleep 1.5
  kill -0 "$tool" 2>/dev/null || problem "ended before it could be interrupted"
  kill -INT "$tool"
  code=0
  wait "$tool" || code=$?
  ((code == 130)) || problem "exit code $code instead of 130"
  [[ $(grep -c '' "$scratch/stderr") == 1 ]] || problem "not one line on standard error"
  grep -q '^assay: interrupted; nothing is kept' "$scratch/stderr" ||
    problem "standard error does not say why"
  [[ ! -s $scratch/stdout ]] || problem "something on standard output"
  # Everything it started was in its process group.
  ! kill -0 -- "-$tool" 2>/dev/null || problem "a worker is left behind"
done
