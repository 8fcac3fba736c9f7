# What keeps a clean build short: headers that nearly every file includes are parsed
# once, files are compiled sixteen at a time (ASSAY_UNITY_BUILD), and what nobody times is
# not optimized to the last.
#
# assay_compile_quickly(<target> TIMED|UNTIMED|TEST)
#   TIMED    a library whose code may be measured: the build type's own optimization
#   UNTIMED  a library of which nothing runs inside a measurement: -Og in Release
#   TEST     the same for GoogleTest programs and the tools of tests; at -O0 they compile
#            in 0.89 of the time, but run longer (unit tests 43 s for 30, the mutants of
#            the conformance suite 18 for 13), which eats the gain
#
# On one core: a file of the tool 2.0 s at -O3, 1.2 s at -O1, of which the standard
# library's headers are 0.4 s; a test 4.4 s, and 2.3 s. A file still includes what it
# uses: ci/tidy compiles each changed one by itself, the preset debug all of them.

# GCC collects its garbage from 128 MiB on, again at twice of what then lives. From 256 MiB
# on, five of the larger files took 47.5 s of one core instead of 50.7.
add_compile_options($<$<CXX_COMPILER_ID:GNU>:--param=ggc-min-heapsize=262144>)

# GCC 12's false reports inside std::string (warnings.cmake) have these names, too, at -Og
# and where a precompiled header takes away that they are inside a system header.
set(ASSAY_QUICK_WARNINGS
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-array-bounds;-Wno-stringop-overflow;-Wno-stringop-overread>)
# At -Og it cannot follow a std::variant either; -O3 and clang look at what is initialized.
set(ASSAY_UNTIMED_OPTIMIZATION
  $<$<CONFIG:Release>:-Og>
  $<$<AND:$<CONFIG:Release>,$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-maybe-uninitialized>)
# With clang it is what the sanitizers put in that takes long to optimize: a file of the
# conformance suite 24 s at -O1, 7 s at -O0. What is timed is what tests wait for: not that.
if(ASSAY_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  list(APPEND ASSAY_UNTIMED_OPTIMIZATION -O0)
endif()
set(ASSAY_TEST_OPTIMIZATION ${ASSAY_UNTIMED_OPTIMIZATION})

# A precompiled header serves only the same flags: one for each kind.
function(assay_precompiled_headers kind)
  string(TOLOWER ${kind} name)
  set(source ${PROJECT_BINARY_DIR}/precompiled/${name}.cc)
  file(CONFIGURE OUTPUT ${source} CONTENT "")
  add_library(assay_${name}_headers OBJECT ${source})
  target_compile_features(assay_${name}_headers PRIVATE cxx_std_20)
  assay_warnings(assay_${name}_headers)
  target_compile_options(assay_${name}_headers PRIVATE ${ASSAY_QUICK_WARNINGS})
  target_precompile_headers(assay_${name}_headers PRIVATE
    <algorithm> <array> <atomic> <chrono> <cmath> <cstdint> <cstring> <functional>
    <limits> <map> <memory> <mutex> <optional> <set> <span> <string> <string_view>
    <thread> <utility> <vector>)
  if(kind STREQUAL "TEST")
    target_link_libraries(assay_${name}_headers PRIVATE GTest::gmock)
    target_precompile_headers(assay_${name}_headers PRIVATE <gmock/gmock.h> <gtest/gtest.h>)
  else()
    set_target_properties(assay_${name}_headers PROPERTIES POSITION_INDEPENDENT_CODE ON)
  endif()
  target_compile_options(assay_${name}_headers PRIVATE ${ASSAY_${kind}_OPTIMIZATION})
endfunction()

function(assay_compile_quickly target kind)
  string(TOLOWER ${kind} name)
  if(NOT TARGET assay_${name}_headers)
    assay_precompiled_headers(${kind})
  endif()
  target_compile_options(${target} PRIVATE
    ${ASSAY_QUICK_WARNINGS} ${ASSAY_${kind}_OPTIMIZATION})
  target_precompile_headers(${target} REUSE_FROM assay_${name}_headers)
  # Kernels keep their files apart (kernels/CMakeLists.txt), and so does what is timed
  # together with what it calls (regression/measure/CMakeLists.txt).
  if(ASSAY_UNITY_BUILD)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 16)
    # From some size of the whole on GCC inlines less: out of reach, so that neighbours
    # take nothing from each other.
    target_compile_options(${target} PRIVATE
      $<$<CXX_COMPILER_ID:GNU>:--param=large-unit-insns=1000000>)
    # GCC allows a class of a .cc members of its private types, but not of a .cc that is
    # included. Builds without ASSAY_UNITY_BUILD look.
    target_compile_options(${target} PRIVATE
      $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  endif()
endfunction()
