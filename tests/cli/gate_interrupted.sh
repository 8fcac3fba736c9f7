#!/usr/bin/env bash
# gate_interrupted.sh <assay> <scratch folder>
# Ctrl-C in the middle of a session: exit code 130, what was measured is kept and marked
# incomplete, and no worker is left behind.
set -euo pipefail
assay=$1
scratch=$2
rm -rf "$scratch"
mkdir -p "$scratch"
record=$scratch/session.json

problem() {
  printf 'gate_interrupted: %s\n' "$1"
  cat "$scratch/stderr"
  exit 1
}

# interrupt_after <seconds>
interrupt_after() {
  # Job control gives the tool a process group of its own, with SIGINT not ignored.
  set -m
  "$assay" gate --only runtime. --processes 50 --epoch-ms 1 --blocks 4 \
    --baselines "$scratch/none" --record "$record" >"$scratch/stdout" \
    2>"$scratch/stderr" &
  tool=$!
  set +m
  # Into the rounds: a worker lives for some tens of milliseconds, one after the other.
  sleep "$1"
  kill -0 "$tool" 2>/dev/null || problem "the run ended before it could be interrupted"
  kill -INT "$tool"
  code=0
  wait "$tool" || code=$?

  ((code == 130)) || problem "exit code $code instead of 130"
  [[ -s $record ]] || problem "no record was kept"
  grep -q '"complete":false' "$record" || problem "the record is not marked incomplete"
  grep -q 'interrupted' "$scratch/stderr" || problem "standard error does not say why"
  grep -q 'runtime.' "$scratch/stdout" || problem "no table was printed"
  # Everything it started was in its process group.
  ! kill -0 -- "-$tool" 2>/dev/null || problem "a worker is left behind"
}

# A busy machine may still be at the audits after 4 s, and a record of nothing is no good
# session: later then.
for patience in 4 8 16 32; do
  interrupt_after "$patience"
  "$assay" gate --from "$record" --baselines "$scratch/none" >/dev/null && exit 0
done
problem "the record cannot be read again"
