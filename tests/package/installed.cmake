# cmake -D source= -D build= -D scratch= -D include_dir= -D bin_dir= -D lib_dir=
#       -D generator=<arguments of cmake> -P installed.cmake
#
# Installs the build, moves it to where nobody said it would be, and builds and runs
# examples/own_kernel, in a repository of its own, against what is there.

cmake_minimum_required(VERSION 3.25)
file(REMOVE_RECURSE ${scratch})
file(MAKE_DIRECTORY ${scratch})
set(prefix "${scratch}/moved here")

# run(<what> <words of the command>...) sets `output`.
function(run what)
  execute_process(COMMAND ${ARGN} INPUT_FILE /dev/null RESULT_VARIABLE result
                  OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT "${result}" STREQUAL "0")
    list(JOIN ARGN " " words)
    message("${words}\n${output}")
    message(FATAL_ERROR "${what} failed: ${result}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

run("installing" ${CMAKE_COMMAND} --install ${build} --prefix ${scratch}/first)
file(RENAME ${scratch}/first ${prefix})

# A header that is installed needs no other than those: of ours the ones beside it, of
# others the standard library's and the system's.
set(root "${prefix}/${include_dir}/assay")
file(GLOB_RECURSE headers RELATIVE "${root}" "${root}/*")
list(LENGTH headers count)
if(count LESS 100)
  message(FATAL_ERROR "${count} headers are installed")
endif()
foreach(header IN LISTS headers)
  file(STRINGS "${root}/${header}" includes REGEX "^#include")
  foreach(include IN LISTS includes)
    string(REGEX REPLACE "^#include [<\"]([^>\"]*)[>\"].*" "\\1" name "${include}")
    if(include MATCHES "\"" AND NOT EXISTS "${root}/${name}")
      message(SEND_ERROR "${header}: ${name} is not installed")
    elseif(include MATCHES "<" AND NOT name MATCHES "^[a-z_0-9]+$|^(sys/)?[a-z]+[.]h$")
      message(SEND_ERROR "${header}: ${name} is a library's, which need not be there")
    endif()
  endforeach()
endforeach()

# Paths of the build have no meaning where the package goes.
file(GLOB scripts "${prefix}/${lib_dir}/cmake/assay/*.cmake")
foreach(script IN LISTS scripts)
  file(READ "${script}" text)
  foreach(path IN ITEMS ${source} ${build} ${scratch})
    string(FIND "${text}" "${path}" at)
    if(NOT at EQUAL -1)
      message(SEND_ERROR "${script} names ${path}")
    endif()
  endforeach()
endforeach()

run("the installed program" "${prefix}/${bin_dir}/assay" list)

# A project of somebody else: a copy, below a repository that knows no commit of ours.
set(theirs ${scratch}/theirs)
file(COPY ${source}/examples/own_kernel DESTINATION ${theirs})
file(APPEND ${theirs}/own_kernel/CMakeLists.txt
  "\nassay_add_gates(NAME strict COMMAND gemv SUITE gemv REQUIRE_BASELINE)\n")
set(git git -C ${theirs} -c user.name=they -c user.email=they@example.org
  -c commit.gpgsign=false -c core.hooksPath=/dev/null)
run("git init" ${git} init --quiet)
run("git add" ${git} add --all)
run("git commit" ${git} commit --quiet --message theirs)
run("git describe" ${git} describe --always --abbrev=12)
string(STRIP "${output}" their_commit)

# Unoptimized: it is not what is measured here, and half the time to compile.
run("finding the package" ${CMAKE_COMMAND} -S ${theirs}/own_kernel
  -B ${scratch}/own_kernel ${generator} -DCMAKE_BUILD_TYPE=Debug "-Dassay_ROOT=${prefix}")
run("building against the package" ${CMAKE_COMMAND} --build ${scratch}/own_kernel)
file(STRINGS ${scratch}/own_kernel/CMakeCache.txt found REGEX "^assay_DIR:")
if(NOT found MATCHES "moved here/")
  message(FATAL_ERROR "another package was found: ${found}")
endif()
run("the program of one's own" ${scratch}/own_kernel/gemv compare --op gemv
  --impl rows --shapes 33x67 --processes 1 --blocks 1 --epoch-ms 1 --json ${scratch}/results.json)
if(NOT output MATCHES "33x67 rows")
  message(FATAL_ERROR "no row of one's own kernel:\n${output}")
endif()
# What a baseline of theirs would name: it has to be an ancestor of their HEAD.
file(READ ${scratch}/results.json results)
string(JSON commit GET "${results}" build commit)
string(JSON build_type GET "${results}" build build_type)
if(NOT "${commit} ${build_type}" STREQUAL "${their_commit} Debug")
  message(FATAL_ERROR "built from ${their_commit} (Debug), and the results say "
    "${commit} (${build_type})")
endif()
run("the gates of one's own" ${CMAKE_CTEST_COMMAND} --test-dir ${scratch}/own_kernel -N)
if(NOT output MATCHES "gate.gemv.gemv.f32.512x512.rows.vs.openblas.cus1.kernel")
  message(FATAL_ERROR "assay_add_gates() of the package made no tests:\n${output}")
endif()
foreach(name_strict IN ITEMS gemv:FALSE strict:TRUE)
  string(REPLACE ":" ";" name_strict "${name_strict}")
  list(GET name_strict 0 name)
  list(GET name_strict 1 strict)
  run("the budget of ${name}" ${CMAKE_CTEST_COMMAND} --test-dir ${scratch}/own_kernel
    -N -V -R "^gate.${name}.skip_budget$")
  if(NOT output MATCHES "--skip-budget")
    message(FATAL_ERROR "no test of skips in ${name}:\n${output}")
  endif()
  string(FIND "${output}" "--require-baseline" asked)
  if((strict AND asked EQUAL -1) OR (NOT strict AND NOT asked EQUAL -1))
    message(FATAL_ERROR "${name} requires a baseline or not, against what its project "
      "said:\n${output}")
  endif()
endforeach()
