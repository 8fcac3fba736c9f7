# cmake -D script=<build_info.cmake> -D scratch=<folder> -P build_info_test.cmake
#
# Sources that are a repository tell its commit; sources that stand in somebody else's, or
# in none, tell nothing.

cmake_minimum_required(VERSION 3.25)
find_program(git git)
if(NOT git)
  message("SKIPPED: there is no git")
  return()
endif()

file(REMOVE_RECURSE ${scratch})
file(MAKE_DIRECTORY ${scratch}/host/vendored ${scratch}/alone)
file(WRITE ${scratch}/host/vendored/file "text")
file(WRITE ${scratch}/template "@COMMIT@|@VERSION@")

function(must)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY ${scratch}/host
    RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT "${result}" STREQUAL "0")
    message(FATAL_ERROR "${ARGN}: ${output}")
  endif()
endfunction()
must(${git} init -q)
must(${git} add -A)
must(${git} -c user.name=test -c user.email=test@localhost -c commit.gpgsign=false
  commit -q -m test)

function(expect sources regex)
  must(${CMAKE_COMMAND} -D SOURCE_DIR=${sources} -D TEMPLATE=${scratch}/template
    -D OUTPUT=${scratch}/written -D VERSION=1 -D BUILD_TYPE=x -P ${script})
  file(STRINGS ${scratch}/written written)
  if(NOT written MATCHES "${regex}")
    message(FATAL_ERROR "${sources}: '${written}' instead of ${regex}")
  endif()
endfunction()
expect(${scratch}/host "^[0-9a-f]+[|]1$")
expect(${scratch}/host/vendored "^[|]1$")
# Repositories above the scratch folder are somebody else's, too.
expect(${scratch}/alone "^[|]1$")
