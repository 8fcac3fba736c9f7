# cmake -D runner=<run_command_test.cmake> -D scratch=<folder> -P command_test_test.cmake
#
# Made-up commands through the runner: it must pass what is right and, above all, fail
# what is wrong, and show both streams when it does.

cmake_minimum_required(VERSION 3.25)
set(failures 0)

# A semicolon inside a command is written \; here: a CMake list is split at a bare one.

# expect(<pass|fail> <what> [<regex the runner must print>...] with `case` set by the caller)
function(expect outcome what)
  set(file ${scratch}/command_test_test.case.cmake)
  file(WRITE ${file} "set(time_limit 5)\nset(stdout_empty OFF)\n${case}")
  execute_process(COMMAND ${CMAKE_COMMAND} -D case=${file} -P ${runner}
                  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  set(found fail)
  if("${result}" STREQUAL "0")
    set(found pass)
  endif()
  set(missing "")
  foreach(pattern IN LISTS ARGN)
    if(NOT "${output}" MATCHES "${pattern}")
      list(APPEND missing "${pattern}")
    endif()
  endforeach()
  if(NOT found STREQUAL outcome OR missing)
    message("${what}: expected ${outcome}, found ${found}; not printed: '${missing}'\n${output}")
    math(EXPR failures "${failures} + 1")
    set(failures ${failures} PARENT_SCOPE)
  endif()
endfunction()

set(command "set(command sh -c [==[echo out\; echo err >&2\; exit 3]==])\n")

set(case "${command} set(exit_code 3)")
expect(pass "the expected code")

set(case "${command} set(exit_code 0)")
expect(fail "success expected, failure found" "expected 0, found 3" "out" "err")

set(case "${command} set(exit_code 4)")
expect(fail "another failure than the expected one" "expected 4, found 3")

set(case "set(command sh -c [==[exit 0]==])\n set(exit_code 3)")
expect(fail "failure expected, success found" "expected 3, found 0")

set(case "set(command sh -c [==[kill -SEGV $$]==])\n set(exit_code 139)")
expect(fail "a crash is no exit code, whatever a shell calls it")

set(case "set(command no-such-program-anywhere)\n set(exit_code 1)")
expect(fail "a program that is not there")

set(case "${command} set(exit_code 3)\n set(time_limit 1)
  set(command sh -c [==[echo before\; sleep 30]==])")
expect(fail "a command that hangs" "timeout" "before")

set(case "${command} set(exit_code 3)\n set(stdout_matches [==[^out.$]==])
  set(stderr_matches [==[er+]==])")
expect(pass "both patterns match")

set(case "${command} set(exit_code 3)\n set(stdout_matches out nothing)")
expect(fail "the second of two patterns does not match" "stdout: does not match 'nothing'")

set(case "${command} set(exit_code 3)\n set(stderr_matches out)")
expect(fail "a pattern of one stream found in the other" "stderr: does not match 'out'")

set(case "${command} set(exit_code 3)\n set(stdout_empty ON)")
expect(fail "output where none was expected" "stdout: expected nothing")

set(case "set(command sh -c [==[echo err >&2]==])\n set(exit_code 0)\n set(stdout_empty ON)")
expect(pass "nothing on stdout")

set(case "set(command sh -c [==[if read line\; then exit 1\; fi]==])\n set(exit_code 0)")
expect(pass "no input to wait for")

if(failures)
  message(FATAL_ERROR "${failures} expectations of the runner failed")
endif()
