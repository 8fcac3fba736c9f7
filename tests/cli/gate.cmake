# `assay gate`: bad input, and short runs that measure (see tests/canaries/tool on the
# label `timing`).

set(id runtime.round_trip.inline.call)
set(brief gate --only ${id} --processes 2 --max-processes 2 --blocks 4 --epoch-ms 1
  --baselines ${CMAKE_CURRENT_BINARY_DIR}/no_baselines)

cli(gate_help COMMAND assay gate --help EXIT 0 STDOUT_MATCHES "Exit codes" "--base ")
cli(gate_list COMMAND assay gate --list EXIT 0
  STDOUT_MATCHES "runtime.round_trip.inline.call" "matmul.f32.512x512x512.packed.vs.openblas-serial.cus2.kernel")
cli(gate_list_only COMMAND sh -c
  "$<TARGET_FILE:assay> gate --list --only axpy | awk '!/axpy/ {bad = 1} END {exit bad || !NR}'"
  EXIT 0)
cli(gate_list_only_nothing COMMAND assay gate --list --only axpy --only frob
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "'frob' matches no gate")
cli(gate_unknown_suite COMMAND assay gate --suite frob
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "unknown suite 'frob'; there is core")
cli(gate_list_of_ops COMMAND assay gate --suite ops --list EXIT 0
  STDOUT_MATCHES "softmax.f32" "softmax.f32.512x250.streamed.vs.vectorized.cus1.kernel")
cli(gate_only_matches_nothing COMMAND assay gate --only frob
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "'frob' matches no gate")
cli(gate_only_one_of_two_matches COMMAND assay gate --only ${id} --only frob
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "'frob' matches no gate")
cli(gate_output_unwritable COMMAND assay ${brief} --junit /nowhere/junit.xml
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "/nowhere")
cli(gate_base_missing COMMAND assay ${brief} --base /nowhere/assay
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "/nowhere/assay")
cli(gate_base_is_another_program COMMAND assay ${brief} --base /bin/true
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "/bin/true is no assay" "from the other commit")
cli(gate_reads_only_with_from COMMAND assay gate --gate ${id}
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "--from FILE")
cli(gate_from_measures_nothing COMMAND assay gate --from x.json --inject 3
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "measures nothing")
cli(gate_from_reads_all COMMAND assay gate --from x.json --only frob
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "--only.*--gate ID")
cli(gate_record_missing COMMAND assay gate --from /nowhere/session.json
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "/nowhere/session.json")
cli(gate_record_not_json COMMAND assay gate --from ${CMAKE_CURRENT_SOURCE_DIR}/gate.cmake
  EXIT 7 STDOUT_EMPTY STDERR_MATCHES "gate.cmake")
cli(gate_record_is_something_else
  COMMAND assay gate --from ${PROJECT_SOURCE_DIR}/tests/canaries/tool/two_scopes.json
  EXIT 7 STDOUT_EMPTY STDERR_MATCHES "assay.session")

# One measured session; the others read it.
set(record ${CMAKE_CURRENT_BINARY_DIR}/gate_session.json)
cli_run(gate_measure
  COMMAND assay ${brief} --record ${record}
    --junit ${CMAKE_CURRENT_BINARY_DIR}/gate_junit.xml
    --gbench ${CMAKE_CURRENT_BINARY_DIR}/gate_benchmark.json
    --json ${CMAKE_CURRENT_BINARY_DIR}/gate_report.json
    --markdown ${CMAKE_CURRENT_BINARY_DIR}/gate_summary.md
  EXIT 0 STDOUT_MATCHES "${id}" "no baseline" "control.matmul")
set_tests_properties(cli.gate_measure PROPERTIES FIXTURES_SETUP cli_gate)
function(cli_read name)
  cli(${name} ${ARGN})
  set_tests_properties(cli.${name} PROPERTIES FIXTURES_REQUIRED cli_gate)
endfunction()
set(read gate --from ${record} --baselines ${CMAKE_CURRENT_BINARY_DIR}/no_baselines)
cli_read(gate_from COMMAND assay ${read} EXIT 0 STDOUT_MATCHES "${id}" "no baseline")
cli_read(gate_json_in_place_of_the_table COMMAND assay ${read} --json -
  EXIT 0 STDOUT_MATCHES "^{[^|]*assay.gate_report" "}\n$")
# Into the history once, however often it is read. The folder is new in each run.
cli_read(gate_from_into_the_history
  COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/gate_history.sh $<TARGET_FILE:assay>
    ${CMAKE_CURRENT_BINARY_DIR}/gate_history ${record}
  EXIT 0 STDOUT_MATCHES "lines: 1\n" STDERR_MATCHES "already in [^\n]*gate_history")
cli_read(gate_requires_baseline COMMAND assay ${read} --require-baseline EXIT 5)
cli_read(gate_skips_without_a_baseline COMMAND assay ${read} --skip-budget
  EXIT 0 STDOUT_MATCHES "^NOT GATED: no baseline of 'core'")
cli_read(gate_skips_require_baseline COMMAND assay ${read} --skip-budget --require-baseline
  EXIT 5 STDOUT_MATCHES "'gate --record' and 'baseline propose' make one")
cli_read(gate_one_is_skipped COMMAND assay ${read} --gate ${id} --ctest EXIT 77
  STDOUT_MATCHES
    "<CTestMeasurement type=\"text/string\" name=\"verdict\">(no.baseline|inconclusive)<")
cli_read(gate_one_unknown COMMAND assay ${read} --gate frob
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "no gate 'frob'")

# A build against itself: no baseline is needed. What two short processes show is no
# matter of this test, so the verdict does not decide its exit code.
cli_run(gate_against_itself
  COMMAND assay ${brief} --base $<TARGET_FILE:assay> --record-only
  EXIT 0 STDOUT_MATCHES "${id}" "drift gates evaluated 1 of 1"
    "against the base ${PROJECT_VERSION}")

if(ASSAY_HAVE_ONEDNN)  # which the controls of this suite call
  # An op that no library has, against the step before.
  cli_run(gate_against_a_step
    COMMAND assay gate --suite ops --only softmax --processes 2 --max-processes 2
      --blocks 4 --epoch-ms 1 --baselines ${CMAKE_CURRENT_BINARY_DIR}/no_baselines
    EXIT 0 STDOUT_MATCHES "streamed.vs.vectorized" "no baseline" "control.layernorm")
endif()

add_test(NAME cli.gate_interrupted
  COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/gate_interrupted.sh $<TARGET_FILE:assay>
    ${CMAKE_CURRENT_BINARY_DIR}/gate_interrupted)
set_tests_properties(cli.gate_interrupted PROPERTIES
  LABELS "cli;timing" RESOURCE_LOCK machine COST 10 TIMEOUT 240)
