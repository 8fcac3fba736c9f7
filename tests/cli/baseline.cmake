# `assay baseline`: from recorded sessions to a file under review, and back.

set(made ${CMAKE_CURRENT_BINARY_DIR}/baseline)
add_test(NAME cli.baseline_files COMMAND make_baseline_files ${made})
set_tests_properties(cli.baseline_files PROPERTIES
  LABELS cli TIMEOUT 180 FIXTURES_SETUP cli_baseline)
function(baseline name)
  cli(baseline_${name} COMMAND assay baseline ${ARGN})
  set_tests_properties(cli.baseline_${name} PROPERTIES FIXTURES_REQUIRED cli_baseline)
endfunction()

set(sessions ${made}/session0.json ${made}/session1.json ${made}/session2.json)
set(slower ${made}/slower0.json ${made}/slower1.json ${made}/slower2.json)

baseline(help --help EXIT 0 STDOUT_MATCHES "propose" "verify" "apply" "Exit codes")
baseline(show_suite_mistyped show --suite cor
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "unknown suite 'cor'; there is core")
baseline(nothing EXIT 2 STDOUT_EMPTY STDERR_MATCHES "subcommand")

# Made-up commits are no ancestors, and this is a repository or is not one: below a root
# of its own, with git looking there, both refuse in the same way everywhere.
baseline(propose_refuses
  propose ${sessions} -o ${made}/refused.json --root ${made}/none --min-gap-s 99999
  EXIT 6 STDERR_MATCHES "refused: session of 2026-01-31T01:00:00Z: 3600 s after")
baseline(propose_refuses_dirty
  propose ${made}/session0.json ${made}/dirty.json ${made}/session2.json
    -o ${made}/refused.json --root ${made}/none
  EXIT 6 STDERR_MATCHES "-dirty")
baseline(propose_needs_three
  propose ${made}/session0.json -o ${made}/refused.json --root ${made}/none
  EXIT 6 STDERR_MATCHES "1 session, and a baseline needs at least 3")
baseline(propose_session_missing
  propose ${sessions} ${made}/no.json -o ${made}/refused.json
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "no.json")
baseline(propose_unwritable
  propose ${sessions} -o /nowhere/proposal.json
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "/nowhere")
baseline(propose_accepts_nothing
  propose ${sessions} -o ${made}/refused.json --root ${made}/none --accept frob=x
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "no gate 'frob'")
baseline(propose_accept_malformed
  propose ${sessions} -o ${made}/refused.json --root ${made}/none --accept frob
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "NAME=VALUE")

# What sessions know too badly: refused, with the line that leaves out just that
# (leave_out.sh pastes it), and no way to leave out anything else.
set(noisy ${made}/noisy0.json ${made}/noisy1.json ${made}/noisy2.json)
set(leave_out propose ${noisy} -o ${made}/refused.json --root ${made}/none)
set(both --leave-out "runtime.device_sync.inline.call=a neighbour"
  --leave-out "runtime.event_sync.inline.call=a neighbour")
function(leave_out name)
  baseline(leave_out_${name} ${leave_out} ${ARGN} ENVIRONMENT GIT_DIR=/nowhere)
endfunction()
leave_out(unasked EXIT 6
  STDERR_MATCHES "refused: runtime.device_sync.inline.call: a fresh run would know its slowdown to [+]-[0-9.]+ %, and can decide nothing above 3.29 %"
    "refused: runtime.event_sync.inline.call: a fresh run"
    "leave out just these 2 gates, with a reason in place of each REASON: assay baseline propose [^\n]*noisy0.json [^\n]*noisy2.json -o [^\n]*refused.json --root [^\n]*none --leave-out runtime.device_sync.inline.call=REASON --leave-out runtime.event_sync.inline.call=REASON\n$")
leave_out(one_of_two --leave-out "runtime.event_sync.inline.call=a neighbour" EXIT 6
  STDERR_MATCHES "^assay: refused: runtime.device_sync[^\n]*\nassay: to leave out just these 2 gates"
    "device_sync.inline.call=REASON --leave-out 'runtime.event_sync.inline.call=a neighbour'\n$")
leave_out(one_that_would_do ${both} --leave-out "runtime.encode.inline.call=slow" EXIT 1
  STDERR_MATCHES "^assay: refused: runtime.encode.inline.call: a fresh run would know its slowdown to [^\n]*: it is not left out[^\n]*\n$")
leave_out(unknown ${both} --leave-out "frob=a neighbour" EXIT 2 STDOUT_EMPTY
  STDERR_MATCHES "^assay: --leave-out: there is no gate 'frob' in the suite\n$")
leave_out(pattern --leave-out "runtime.*=a neighbour" EXIT 2 STDOUT_EMPTY
  STDERR_MATCHES "there is no gate 'runtime")
leave_out(without_a_reason --leave-out runtime.event_sync.inline.call= EXIT 2
  STDOUT_EMPTY STDERR_MATCHES "a reason is missing")
leave_out(malformed --leave-out runtime.event_sync.inline.call EXIT 2
  STDOUT_EMPTY STDERR_MATCHES "NAME=VALUE")
leave_out(twice ${both} --leave-out "runtime.event_sync.inline.call=another" EXIT 2
  STDOUT_EMPTY STDERR_MATCHES "'runtime.event_sync.inline.call' is given twice")
baseline(leave_out_everything
  propose ${made}/hopeless0.json ${made}/hopeless1.json ${made}/hopeless2.json
    -o ${made}/refused.json --root ${made}/none
  ENVIRONMENT GIT_DIR=/nowhere EXIT 6
  STDERR_MATCHES "a baseline that leaves out every gate is none[^\n]*\n$")
baseline(leave_out_of_the_registry verify --root ${made}/left_out EXIT 7 STDOUT_EMPTY
  STDERR_MATCHES "leaves out gone.from.the.registry, which is no gate"
    "no entry for the gate runtime.device_sync.inline.call")
baseline(hostile_left_out show ${made}/hostile_left_out.json EXIT 7 STDOUT_EMPTY
  STDERR_MATCHES "^assay: [^\n]*hostile_left_out.json: [^\n]*reason is missing\n$")
add_test(NAME cli.baseline_leave_out_and_back
  COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/leave_out.sh $<TARGET_FILE:assay>
    ${CMAKE_CTEST_COMMAND} ${PROJECT_SOURCE_DIR} ${made}
    ${CMAKE_CURRENT_BINARY_DIR}/leave_out)
set_tests_properties(cli.baseline_leave_out_and_back PROPERTIES
  LABELS unit TIMEOUT 180 FIXTURES_REQUIRED cli_baseline)

baseline(show_file show ${made}/baseline.json EXIT 0
  STDOUT_MATCHES "matmul.f32.512x512x512.packed.vs.openblas" "1.221 .1[.]" "standard"
    "0123456789ab")
baseline(show_absent show --root ${made}/none EXIT 5 STDOUT_EMPTY
  STDERR_MATCHES "no baseline of 'core'")
baseline(show_file_missing show ${made}/no.json EXIT 2 STDOUT_EMPTY
  STDERR_MATCHES "no.json")
baseline(diff diff ${made}/second.json EXIT 0
  STDOUT_MATCHES "## Baseline core" "[|] faster [|]")
baseline(verify_nothing verify --root ${made}/none EXIT 2 STDOUT_EMPTY
  STDERR_MATCHES "no baseline below")
baseline(verify_stale verify --root ${made}/stale EXIT 7 STDOUT_EMPTY
  STDERR_MATCHES "gone.from.the.registry, which is no gate")

# In order: a chain of one file.
baseline(apply apply ${made}/first.json --root ${made}/applied EXIT 0
  STDOUT_MATCHES "core.json")
set_tests_properties(cli.baseline_apply PROPERTIES FIXTURES_SETUP cli_baseline_applied)
function(after_apply name)
  baseline(${name} ${ARGN})
  set_tests_properties(cli.baseline_${name} PROPERTIES
    FIXTURES_REQUIRED "cli_baseline;cli_baseline_applied")
endfunction()
after_apply(apply_again apply ${made}/first.json --root ${made}/applied EXIT 6
  STDOUT_EMPTY STDERR_MATCHES "has appeared since the proposal")
after_apply(verify verify --root ${made}/applied EXIT 0
  STDOUT_MATCHES "1 baseline file: as they should be")
after_apply(propose_slower
  propose ${slower} -o ${made}/refused.json --root ${made}/applied
  ENVIRONMENT GIT_DIR=/nowhere EXIT 1
  STDOUT_MATCHES "SLOWER" STDERR_MATCHES "10.5 % slower than its baseline")
after_apply(propose_slower_accepted
  propose ${slower} -o ${made}/accepted.json --root ${made}/applied
    --accept "matmul.*=the output is checked now" --accept "*=too"
  ENVIRONMENT GIT_DIR=/nowhere EXIT 0
  STDOUT_MATCHES "the output is checked now" "no git here")
after_apply(apply_to_a_file
  apply ${made}/first.json --root ${made}/baseline.json EXIT 6 STDOUT_EMPTY
  STDERR_MATCHES "Not a directory")

# Hostile files: one line, the code for a bad file, nothing else.
foreach(what IN ITEMS deep duplicate negative nan truncated other_schema empty gigabyte)
  baseline(hostile_baseline_${what} show ${made}/hostile_baseline_${what}.json
    EXIT 7 STDOUT_EMPTY STDERR_MATCHES "^assay: [^\n]*hostile_baseline_${what}.json: [^\n]+\n$")
  baseline(hostile_proposal_${what} apply ${made}/hostile_proposal_${what}.json
    --root ${made}/none
    EXIT 7 STDOUT_EMPTY STDERR_MATCHES "^assay: [^\n]*hostile_proposal_${what}.json: [^\n]+\n$")
  baseline(hostile_session_${what} propose ${made}/hostile_session_${what}.json
    -o ${made}/refused.json --root ${made}/none
    EXIT 7 STDOUT_EMPTY STDERR_MATCHES "^assay: [^\n]*hostile_session_${what}.json: [^\n]+\n$")
endforeach()

# What is committed.
file(GLOB committed ${PROJECT_SOURCE_DIR}/baselines/*/*.json)
if(committed)
  cli(baseline_verify_committed
    COMMAND assay baseline verify --root ${PROJECT_SOURCE_DIR}/baselines EXIT 0)
endif()
