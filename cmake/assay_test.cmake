# assay_test(NAME <dotted.name> SOURCES a_test.cc... [DEPS <t>...] [LABELS unit...]
#            [TIMEOUT 60] [ENVIRONMENT K=V...] [NO_DISCOVER])
#   -> a GoogleTest program, each of its tests one CTest test "<dotted.name>.Suite.Name";
#   with NO_DISCOVER the whole program is one CTest test "<dotted.name>".
#
# A test with the label `timing` measures wall time: it runs alone, and the presets with
# sanitizers leave it out.

include(GoogleTest)

# Properties that every kind of test shares, as arguments of set_tests_properties.
function(assay_test_properties result)
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 60)
  endif()
  if(ASSAY_SANITIZE)
    # Instrumented code is slower by a factor; a hang is still found.
    math(EXPR ARG_TIMEOUT "${ARG_TIMEOUT} * 5")
  endif()
  set(serial OFF)
  if("timing" IN_LIST ARG_LABELS)
    set(serial ON)
  endif()
  set(${result} "TIMEOUT ${ARG_TIMEOUT} RUN_SERIAL ${serial} SKIP_RETURN_CODE 77
    LABELS [==[${ARG_LABELS}]==] ENVIRONMENT [==[${ARG_ENVIRONMENT}]==]" PARENT_SCOPE)
endfunction()

# What nearly every test includes, parsed once (1.0 of the 6.9 s of a long test), and
# nothing that a test does itself needs -O3 (1.7 s). A test still includes what it uses:
# CI also builds without this (preset tsan).
set(ASSAY_TEST_OPTIMIZATION
  $<$<CONFIG:Release>:-O1>
  # At -O1 GCC 12's false report inside std::string (warnings.cmake) has these names, too.
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-array-bounds;-Wno-stringop-overflow>)
function(assay_test_compile_quickly target)
  if(NOT TARGET assay_test_headers)
    file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/test_headers.cc CONTENT "")
    add_library(assay_test_headers OBJECT ${PROJECT_BINARY_DIR}/test_headers.cc)
    target_compile_features(assay_test_headers PRIVATE cxx_std_20)
    target_link_libraries(assay_test_headers PRIVATE GTest::gmock)
    # A precompiled header serves only the same flags.
    assay_warnings(assay_test_headers)
    target_compile_options(assay_test_headers PRIVATE ${ASSAY_TEST_OPTIMIZATION})
    target_precompile_headers(assay_test_headers PRIVATE
      <gmock/gmock.h> <gtest/gtest.h>
      <algorithm> <array> <atomic> <chrono> <cmath> <cstdint> <functional> <map> <memory>
      <optional> <span> <string> <string_view> <thread> <vector>)
  endif()
  target_compile_options(${target} PRIVATE ${ASSAY_TEST_OPTIMIZATION})
  target_precompile_headers(${target} REUSE_FROM assay_test_headers)
endfunction()

function(assay_test)
  cmake_parse_arguments(PARSE_ARGV 0 ARG "NO_DISCOVER" "NAME;TIMEOUT"
                        "SOURCES;DEPS;LABELS;ENVIRONMENT")
  set(ARG_KEYWORDS_MISSING_VALUES "")
  assay_check_arguments(assay_test)
  string(REPLACE "." "_" target assay_test_${ARG_NAME})

  add_executable(${target} ${ARG_SOURCES})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${target} PRIVATE ${ARG_DEPS} GTest::gmock_main)
  set_target_properties(${target} PROPERTIES
    OUTPUT_NAME ${ARG_NAME}
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/tests)
  assay_warnings(${target})
  assay_test_compile_quickly(${target})

  assay_test_properties(properties)
  if(ARG_NO_DISCOVER)
    add_test(NAME ${ARG_NAME} COMMAND ${target})
    cmake_language(EVAL CODE "set_tests_properties(${ARG_NAME} PROPERTIES ${properties})")
    return()
  endif()

  # Before the tests and not after the build: a discovery inside the build fails it when
  # the machine is busy (its time limit), and runs the program for each relink.
  gtest_discover_tests(${target}
    DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    TEST_PREFIX "${ARG_NAME}." TEST_LIST ${target}_TESTS)
  # gtest_discover_tests(PROPERTIES) cuts a list value (two labels, two variables) into
  # separate arguments, so the properties are set by a script of our own after it.
  set(script ${CMAKE_CURRENT_BINARY_DIR}/${target}_properties.cmake)
  file(GENERATE OUTPUT ${script} CONTENT "if(${target}_TESTS)
  set_tests_properties(\${${target}_TESTS} PROPERTIES ${properties})
endif()\n")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${script})
endfunction()
