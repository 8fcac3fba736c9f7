# `assay selftest`: the gate's own proof, and its study of recorded sessions.

# The whole suite takes seconds; under a sanitizer, minutes: there a part of it, which
# has fewer trials to tell mutants by and may let one survive.
if(NOT ASSAY_SANITIZE)
  cli(selftest_offline COMMAND assay selftest EXIT 0
    STDOUT_MATCHES "quiet, unchanged" "held" "unpaired.*throttling" "NaN-blind")
endif()
cli(selftest_help COMMAND assay selftest --help EXIT 0 STDOUT_MATCHES "--study" "Exit codes")
cli(selftest_no_trials COMMAND assay selftest --trials 0
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "trials")
# Three sessions a scenario cannot tell every mutant: a survivor is a failure.
cli(selftest_survivor COMMAND assay selftest --trials 3 EXIT 70
  STDOUT_MATCHES "SURVIVED")

set(study ${CMAKE_CURRENT_BINARY_DIR}/study)
add_test(NAME cli.study_files COMMAND make_study_files ${study})
set_tests_properties(cli.study_files PROPERTIES
  LABELS cli TIMEOUT 180 FIXTURES_SETUP cli_study)
function(study name)
  cli(study_${name} COMMAND assay selftest --baselines ${study}/baselines --study ${ARGN})
  set_tests_properties(cli.study_${name} PROPERTIES FIXTURES_REQUIRED cli_study)
endfunction()

study(lacks_data ${study}/sessions --markdown ${study}/page.md EXIT 4
  STDOUT_MATCHES "[+]20 %, standard: regressed >= 95 % . 2 of 2" "lacks data"
    "one spinner beside: none regressed . 0 of 6" "gate.5" "Mann-Whitney")
study(missed ${study}/alarming EXIT 70 STDOUT_MATCHES "MISSED")
study(bad_file ${study}/bad EXIT 7 STDOUT_EMPTY STDERR_MATCHES "session.json")
study(no_sessions ${study}/empty EXIT 2 STDOUT_EMPTY STDERR_MATCHES "no session file")
study(no_folder ${study}/none EXIT 2 STDOUT_EMPTY STDERR_MATCHES "study/none")
study(unwritable ${study}/sessions --markdown /nowhere/page.md EXIT 2 STDOUT_EMPTY
  STDERR_MATCHES "/nowhere")
