# assay_command_test(NAME <dotted.name> COMMAND <target or program> <arg>... EXIT <code>
#                    [STDOUT_MATCHES <regex>...] [STDERR_MATCHES <regex>...] [STDOUT_EMPTY]
#                    [LABELS ...] [TIMEOUT s] [ENVIRONMENT K=V...])
#   -> a CTest test that runs the command and wants exactly this exit code; WILL_FAIL
#   would also take a crash or the wrong code for a success. Every pattern (CMake regular
#   expressions, searched in the whole stream) must match.

function(assay_command_test)
  cmake_parse_arguments(PARSE_ARGV 0 ARG "STDOUT_EMPTY" "NAME;EXIT;TIMEOUT"
                        "COMMAND;STDOUT_MATCHES;STDERR_MATCHES;LABELS;ENVIRONMENT")
  assay_check_arguments(assay_command_test)
  if(NOT ARG_EXIT MATCHES "^[0-9]+$" OR NOT ARG_COMMAND)
    message(FATAL_ERROR "assay_command_test(${ARG_NAME}): needs COMMAND and EXIT <code>")
  endif()

  list(GET ARG_COMMAND 0 program)
  if(TARGET ${program})
    list(POP_FRONT ARG_COMMAND)
    list(PREPEND ARG_COMMAND $<TARGET_FILE:${program}>)
  endif()

  assay_test_properties(properties)
  string(REGEX MATCH "[0-9]+" time_limit "${properties}")
  # The case goes to the runner as a file: a command line would need a second level of
  # quoting for arguments with spaces, semicolons or quotes.
  set(case "set(exit_code ${ARG_EXIT})\nset(stdout_empty ${ARG_STDOUT_EMPTY})\n")
  string(APPEND case "set(time_limit ${time_limit})\n")
  foreach(list IN ITEMS COMMAND STDOUT_MATCHES STDERR_MATCHES)
    string(TOLOWER ${list} variable)
    string(APPEND case "set(${variable} [==[${ARG_${list}}]==])\n")
  endforeach()
  set(file ${CMAKE_CURRENT_BINARY_DIR}/${ARG_NAME}.case.cmake)
  file(GENERATE OUTPUT ${file} CONTENT "${case}")

  add_test(NAME ${ARG_NAME} COMMAND
    ${CMAKE_COMMAND} -D case=${file}
    -P ${PROJECT_SOURCE_DIR}/cmake/run_command_test.cmake)
  # The runner stops the command at the limit and shows what it printed; CTest's own
  # limit is behind it.
  math(EXPR ctest_limit "${time_limit} + 10")
  string(REGEX REPLACE "^TIMEOUT [0-9]+" "TIMEOUT ${ctest_limit}" properties "${properties}")
  cmake_language(EVAL CODE "set_tests_properties(${ARG_NAME} PROPERTIES ${properties})")
endfunction()
