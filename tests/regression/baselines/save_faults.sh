#!/usr/bin/env bash
# save_faults.sh <assay> <make_baseline_files> <folder>
#
# `assay baseline apply` with a fault in each of its system calls, from the first read of
# the proposal to its end: SIGKILL in place of it, and the errors EIO, ENOSPC and EINTR.
# After each the baseline is the old file or the new one, byte for byte, and the command
# says 0 only when it is the new one.
set -euo pipefail

assay=$1 make_files=$2 folder=$3
command -v strace >/dev/null || { echo "no strace here"; exit 77; }
strace -o /dev/null true 2>/dev/null || { echo "strace may not trace here"; exit 77; }

"$make_files" "$folder"
cd "$folder"
root=$folder/baselines
class=$(ls stale)
target=$root/$class/core.json

"$assay" baseline apply first.json --root "$root" >/dev/null
cp "$target" old
rm -rf traced
cp -r "$root" traced
strace -f -o trace "$assay" baseline apply second.json --root "$folder/traced" >/dev/null
cp "traced/$class/core.json" new
cmp -s old new && { echo "old and new are the same: nothing is tested"; exit 1; }

# The calls of the save, as "name ordinal": strace counts the occurrences of a name from
# the start of the process.
awk '
  match($0, /^[0-9]+ +[a-z0-9_]+\(/) {
    name = $2; sub(/\(.*/, "", name)
    ++seen[name]
    if (/second\.json/ && !/execve/) inside = 1
    if (inside && name != "exit_group") print name, seen[name]
  }' trace >calls
for call in flock write fsync rename; do
  grep -q "^$call " calls || { echo "no $call in the save: the trace is misread"; exit 1; }
done

failures=0 runs=0 succeeded=0 refused=0 killed=0
# check <injection>: one run with it, and what it left.
check() {
  local code problem=
  cp old "$target"
  # In a subshell of its own, so that the shell's word about a killed child goes nowhere.
  code=$( (
    code=0
    strace -f -o /dev/null -e "inject=$1" \
      "$assay" baseline apply second.json --root "$root" >out 2>err || code=$?
    echo "$code"
  ) 2>/dev/null)
  runs=$((runs + 1))
  case $code in
    0) succeeded=$((succeeded + 1)) ;;
    137) killed=$((killed + 1)) ;;
    2 | 6 | 7 | 70)
      refused=$((refused + 1))
      [[ -s err ]] || problem="exit $code without a word"
      ;;
    *) problem="exit $code" ;;
  esac
  if ! cmp -s "$target" new; then
    if ! cmp -s "$target" old; then
      problem="the file is neither old nor new"
    elif ((code == 0)); then
      problem="success, and the file is the old one"
    fi
  fi
  if ((code == 0)) && [[ $1 == fsync:error=* ]]; then
    problem="success, and nobody knows what is on the disk"
  fi
  if ((code != 137)) && compgen -G "$root/$class/.core.json.*" >/dev/null; then
    problem="a temporary file stayed"
  fi
  rm -f "$root/$class"/.core.json.*
  [[ $problem ]] || return 0
  echo "$1: $problem"
  failures=$((failures + 1))
}

while read -r name ordinal; do
  check "$name:signal=SIGKILL:when=$ordinal"
  # The kernel's brk has no errors: it returns the old end. glibc believes it.
  [[ $name == brk ]] && continue
  for error in EIO ENOSPC EINTR; do
    check "$name:error=$error:when=$ordinal"
  done
done <calls

echo "$(wc -l <calls) calls, $runs faults: $succeeded succeeded, $refused refused," \
  "$killed killed; $failures failures"
# Faults that never strike would pass. (How often the heap grows may differ by one.)
((killed >= $(grep -vc '^brk ' calls) && refused >= 30)) ||
  { echo "not every fault struck"; exit 1; }
((failures == 0))
