# cmake -D assay=<program> -D ctest=<program> -D build=<folder> -D command=<line>
#       -P originals_command.cmake
#
# Runs one line of docs/originals.md. It has run when it came to a result: also one that
# says no (1), cannot tell (4) or has no baseline (5). A usage error, a wrong result, a
# crash or a missing library is none.
cmake_minimum_required(VERSION 3.25)
separate_arguments(words UNIX_COMMAND "${command}")
list(POP_FRONT words program)
if(program STREQUAL "ctest")
  # The tests it names run by themselves: it is enough that there are some.
  execute_process(COMMAND ${ctest} --test-dir ${build} -N --no-tests=error ${words}
                  RESULT_VARIABLE result OUTPUT_VARIABLE stdout ERROR_VARIABLE stderr)
  if(NOT result STREQUAL "0" OR NOT stdout MATCHES "Total Tests: [1-9]")
    message(FATAL_ERROR "${command}: names no test\n${stdout}${stderr}")
  endif()
  return()
endif()
execute_process(COMMAND ${assay} ${words} INPUT_FILE /dev/null TIMEOUT 150
                RESULT_VARIABLE result OUTPUT_VARIABLE stdout ERROR_VARIABLE stderr)
# Without a baseline for this host there is nothing to show, and stderr says why.
if(NOT result MATCHES "^[0145]$" OR ("${stdout}" STREQUAL "" AND NOT result EQUAL 5))
  message("${stdout}\n${stderr}")
  message(FATAL_ERROR "${command}: exit ${result}")
endif()
