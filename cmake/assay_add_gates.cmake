# assay_add_gates(NAME <n> [COMMAND <target>] [SUITE core] [BASELINES <dir>]
#                 [HISTORY <dir>] [LABELS gate...] [TIMEOUT s] [ARGS <arg>...]
#                 [REQUIRE_BASELINE])
#   -> CTest tests of a suite of gates, for this project and for others that link their
#   own `assay` (cli/cli.h) with their own ops:
#     gate.<n>.measure         measures the whole suite once, alone on the machine, and
#                              records it: the only test that takes time
#     gate.<n>.<gate id>       one a gate, in no time: its verdict from the record.
#                              Skipped (77) when inconclusive, left out or without a
#                              baseline
#     gate.<n>.skip_budget     fails when skips have become a habit; with
#                              REQUIRE_BASELINE, when this host has no baseline
#   COMMAND is the tool (default: assay::assay), BASELINES the root of the baseline files
#   (default: <source>/baselines), HISTORY where runs are appended (default: none); both
#   relative to the folder that calls this.
#
# The list of gates is the tool's own (`assay gate --list`), asked when ctest starts: a
# gate that is added to the registry is a test without a word here.

function(assay_add_gates)
  cmake_parse_arguments(PARSE_ARGV 0 ARG "REQUIRE_BASELINE"
                        "NAME;COMMAND;SUITE;BASELINES;HISTORY;TIMEOUT" "LABELS;ARGS")
  if(ARG_UNPARSED_ARGUMENTS OR NOT ARG_NAME)
    message(FATAL_ERROR "assay_add_gates(${ARG_NAME}): not understood: "
      "${ARG_UNPARSED_ARGUMENTS}")
  endif()
  foreach(default IN ITEMS COMMAND:assay::assay SUITE:core LABELS:gate TIMEOUT:900
                           "BASELINES:${PROJECT_SOURCE_DIR}/baselines")
    string(REGEX MATCH "^([A-Z]+):(.*)$" matched "${default}")
    if(NOT ARG_${CMAKE_MATCH_1})
      set(ARG_${CMAKE_MATCH_1} "${CMAKE_MATCH_2}")
    endif()
  endforeach()

  # ctest runs elsewhere, and a folder that is not there is no baseline: skipped, green.
  foreach(path IN ITEMS BASELINES HISTORY)
    if(ARG_${path})
      file(REAL_PATH "${ARG_${path}}" ARG_${path})
    endif()
  endforeach()
  set(require "")
  if(ARG_REQUIRE_BASELINE)
    set(require --require-baseline)
  endif()

  set(folder ${CMAKE_CURRENT_BINARY_DIR}/gates/${ARG_NAME})
  file(MAKE_DIRECTORY ${folder})
  set(record ${folder}/session.json)
  set(fixture assay_gates_${ARG_NAME})
  set(command $<TARGET_FILE:${ARG_COMMAND}> gate --suite ${ARG_SUITE}
    --baselines ${ARG_BASELINES})
  set(history "")
  if(ARG_HISTORY)
    set(history --history ${ARG_HISTORY})
  endif()

  set(measure gate.${ARG_NAME}.measure)
  add_test(NAME ${measure}
    COMMAND ${command} ${ARG_ARGS} ${history} --record ${record} --record-only
      --junit ${folder}/junit.xml --gbench ${folder}/benchmark.json
      --markdown ${folder}/summary.md --json ${folder}/report.json)
  set_tests_properties(${measure} PROPERTIES
    FIXTURES_SETUP ${fixture} RUN_SERIAL ON RESOURCE_LOCK machine
    TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}" SKIP_RETURN_CODE 77)

  set(budget gate.${ARG_NAME}.skip_budget)
  add_test(NAME ${budget} COMMAND ${command} --from ${record} ${history} --skip-budget ${require})
  set_tests_properties(${budget} PROPERTIES
    FIXTURES_REQUIRED ${fixture} TIMEOUT 180 LABELS "${ARG_LABELS}")

  set(generated ${folder}/tests.cmake)
  set(script ${folder}/include.cmake)
  # What ctest reads: asks the tool when it is newer than the answer.
  file(GENERATE OUTPUT ${script} CONTENT "set(tool [==[$<TARGET_FILE:${ARG_COMMAND}>]==])
set(suite [==[${ARG_SUITE}]==])
set(prefix [==[gate.${ARG_NAME}.]==])
set(arguments gate --suite [==[${ARG_SUITE}]==] --baselines [==[${ARG_BASELINES}]==]
  --from [==[${record}]==] --ctest --gate)
set(fixture ${fixture})
set(labels [==[${ARG_LABELS}]==])
set(generated [==[${generated}]==])
include([==[${CMAKE_CURRENT_FUNCTION_LIST_DIR}/gate_tests.cmake]==])
")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${script})
endfunction()
