# cmake -D case=<file> -P run_command_test.cmake
#
# Runs the command of one assay_command_test and compares. The case file sets: command,
# exit_code, stdout_matches, stderr_matches, stdout_empty, time_limit.

cmake_minimum_required(VERSION 3.25)
include(${case})

# No input: a command that asks a question must fail, not hang.
execute_process(COMMAND ${command} INPUT_FILE /dev/null TIMEOUT ${time_limit}
                RESULT_VARIABLE result OUTPUT_VARIABLE stdout ERROR_VARIABLE stderr)

set(problems "")
# As text: a signal or a timeout is reported in words.
if(NOT "${result}" STREQUAL "${exit_code}")
  string(APPEND problems "  exit: expected ${exit_code}, found ${result}\n")
endif()
if(stdout_empty AND NOT "${stdout}" STREQUAL "")
  string(APPEND problems "  stdout: expected nothing\n")
endif()
foreach(stream IN ITEMS stdout stderr)
  foreach(pattern IN LISTS ${stream}_matches)
    if(NOT "${${stream}}" MATCHES "${pattern}")
      string(APPEND problems "  ${stream}: does not match '${pattern}'\n")
    endif()
  endforeach()
endforeach()

if(problems)
  list(JOIN command " " shown)
  # Not through message(FATAL_ERROR): it reflows the text.
  message("command: ${shown}\n${problems}--- stdout ---\n${stdout}\n--- stderr ---\n${stderr}")
  message(FATAL_ERROR "the command did not do what was expected")
endif()
