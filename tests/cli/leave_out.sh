#!/usr/bin/env bash
# leave_out.sh ASSAY CTEST SOURCE FILES FOLDER: a class of machines on which two gates
# cannot decide, from the refusal to a baseline without them, to what the gates and ctest
# say then, and back. Each step by exit code and output.
set -euo pipefail
assay=$1 ctest=$2 source=$3 files=$4 folder=$5
rm -rf "$folder"
mkdir -p "$folder"
export GIT_DIR=/nowhere  # made-up commits are no ancestors of anything
unset GITHUB_STEP_SUMMARY
event=runtime.event_sync.inline.call
device=runtime.device_sync.inline.call
output=$folder/output.txt

# expect CODE COMMAND...: its output, both streams, is in $output.
expect() {
  local wanted=$1 code=0
  shift
  "$@" >"$output" 2>&1 || code=$?
  [[ $code == "$wanted" ]] || fail "exit $code instead of $wanted: $*"
}
says() { grep -qE -- "$1" "$output" || fail "does not say '$1'"; }
fail() {
  echo "leave_out.sh: $1" >&2
  cat "$output" >&2
  exit 1
}
propose() {
  local sessions=$1
  shift
  "$assay" baseline propose "$files/$sessions"{0,1,2}.json -o "$folder/proposal.json" \
    --root "$folder/baselines" "$@"
}
# The command line that a refusal printed, with $1 in place of each REASON.
printed() {
  sed -n "s/^assay: to leave out just .*: assay baseline/baseline/p" "$output" |
    sed "s/=REASON/='$1'/g"
}
apply() {
  expect 0 "$assay" baseline apply "$folder/proposal.json" --root "$folder/baselines"
  expect 0 "$assay" baseline verify --root "$folder/baselines"
}

# Refused; pasted as it stands the line is no reason; with one it is all there is to do.
expect 6 propose noisy
line=$(printed REASON)
with_reason=$(printed 'a neighbour takes the core')
expect 2 eval "\"\$assay\" $line"
says 'a reason is missing'
expect 0 eval "\"\$assay\" $with_reason"
says '33 gates: .* 2 left out, .* 31 new'
says "LEFT OUT.*a neighbour takes the core"
apply
stored=$(echo "$folder"/baselines/*/core.json)
expect 0 "$assay" baseline show "$stored"
says "^left out: $event: a neighbour takes the core [(]a run would know it to [+]-"

# The gates: two are skipped with figure and way around, the others decide.
gate=("$assay" gate --suite core --baselines "$folder/baselines"
  --from "$files/noisy0.json")
expect 0 "${gate[@]}"
says '33 gates: 31 pass, 2 left out; drift gates evaluated 31 of 33'
says "^left out: $device: a neighbour takes the core"
expect 77 "${gate[@]}" --gate "$event" --ctest
says "^$event: left out, .*a neighbour takes the core [(]a run would know it to"
says "decides at 3.29 %[)]: to decide anyway: assay gate --base OLD_PROGRAM --only $event"
says '<CTestMeasurement type="text/string" name="verdict">left_out<'
expect 0 "${gate[@]}" --gate runtime.encode.inline.call --ctest
expect 0 "${gate[@]}" --require-baseline
expect 4 "${gate[@]}" --strict
expect 0 "${gate[@]}" --skip-budget
says '0 of 31 gates skipped; 2 left out by the baseline'

# As assay_add_gates() has CTest do it.
mkdir "$folder/ctest"
cat >"$folder/ctest/CTestTestfile.cmake" <<END
set(tool [==[$assay]==])
set(suite core)
set(prefix gate.core.)
set(arguments gate --suite core --baselines [==[$folder/baselines]==]
  --from [==[$files/noisy0.json]==] --ctest --gate)
set(fixture none)
set(labels gate)
set(generated [==[$folder/ctest/tests.cmake]==])
include([==[$source/cmake/gate_tests.cmake]==])
END
expect 0 "$ctest" --test-dir "$folder/ctest" -L gate -R '_sync|encode'
says "gate.core.$event .*Skipped"
says "gate.core.$device .*Skipped"
says 'gate.core.runtime.encode.inline.call .*Passed'

# Sessions that are no better change no byte; those that are bring the gates back.
before=$(sha256sum "$stored")
expect 0 propose noisy
says '31 kept, 2 still left out'
apply
[[ $(sha256sum "$stored") == "$before" ]] || fail "the file has changed"
expect 0 propose session
says '2 back'
says 'event.*sync.inline.call was left out .* would do now: .*: it is back'
apply
expect 0 "${gate[@]}" --gate "$event"

# Now the baseline has them: to lose them takes a second reason, and the line says so.
expect 6 propose noisy
line=$(printed 'the new neighbour')
expect 1 propose noisy --leave-out "$event=a neighbour" --leave-out "$device=another"
says "refused: $event: the baseline there has it.*--accept $event=REASON"
expect 0 eval "\"\$assay\" $line"
says 'LEFT OUT.*the new neighbour; accepted: the new neighbour'
apply
expect 0 "$assay" baseline show "$stored"
says "^accepted: $event: the new neighbour .*ratio was 1.221"
expect 77 "${gate[@]}" --gate "$device" --ctest

# Back again, and slower than it was then: held against what the baseline had.
expect 1 propose slower --accept 'matmul.*=x' --accept 'runtime.e*=x' --accept 'a*=x' \
  --accept 'reduce*=x' --accept 'transpose*=x'
says "refused: $device: 10.5 % slower than its baseline"
