# assay_test(NAME <dotted.name> SOURCES a_test.cc... [DEPS <t>...] [LABELS unit...]
#            [TIMEOUT 180] [ENVIRONMENT K=V...] [NO_DISCOVER])
#   -> a GoogleTest program, each of its tests one CTest test "<dotted.name>.Suite.Name";
#   with NO_DISCOVER the whole program is one CTest test "<dotted.name>".
#
# assay_test_program(NAME <dotted.name> SOURCES a_test.cc... [DEPS <t>...])
#   -> the program without a test, for
# assay_program_test(NAME <dotted.name> PROGRAM <dotted.name> [LABELS ...] [TIMEOUT 180]
#                    [ENVIRONMENT K=V...])
#   -> a CTest test that runs it, or by GTEST_FILTER in its environment a part.
#
# assay_test_tool(NAME <n> SOURCES a.cc... [DEPS <t>...])
#   -> a program that tests run, beside theirs in build/<preset>/bin/tests.
#
# A test with the label `timing` measures: one at a time, beside tests that do not, and not
# in the presets with sanitizers. What it says must also hold on a busy machine. The gates,
# whose verdicts need a quiet one, run alone.

include(GoogleTest)

# Properties that every kind of test shares, as arguments of set_tests_properties.
function(assay_test_properties result)
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 180)
  endif()
  if(ASSAY_SANITIZE)
    # Instrumented code is slower by a factor; a hang is still found.
    math(EXPR ARG_TIMEOUT "${ARG_TIMEOUT} * 5")
  endif()
  set(lock "")
  if("timing" IN_LIST ARG_LABELS)
    # First, so that the others fill the second place beside them.
    set(lock "RESOURCE_LOCK machine COST 10")
  endif()
  set(${result} "TIMEOUT ${ARG_TIMEOUT} ${lock} SKIP_RETURN_CODE 77
    LABELS [==[${ARG_LABELS}]==] ENVIRONMENT [==[${ARG_ENVIRONMENT}]==]" PARENT_SCOPE)
endfunction()

function(assay_test_program)
  cmake_parse_arguments(PARSE_ARGV 0 ARG "" "NAME" "SOURCES;DEPS")
  set(ARG_KEYWORDS_MISSING_VALUES "")
  assay_check_arguments(assay_test_program)
  string(REPLACE "." "_" target assay_test_${ARG_NAME})

  add_executable(${target} ${ARG_SOURCES})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${target} PRIVATE ${ARG_DEPS} GTest::gmock_main)
  set_target_properties(${target} PROPERTIES
    OUTPUT_NAME ${ARG_NAME}
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/tests)
  assay_warnings(${target})
  assay_compile_quickly(${target} TEST)
endfunction()

function(assay_test_tool)
  cmake_parse_arguments(PARSE_ARGV 0 ARG "" "NAME" "SOURCES;DEPS")
  assay_check_arguments(assay_test_tool)
  assay_executable(NAME ${ARG_NAME} SOURCES ${ARG_SOURCES} DEPS ${ARG_DEPS})
  set_target_properties(${ARG_NAME} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/tests)
  # The precompiled header of tests knows definitions of GoogleTest's.
  target_compile_options(${ARG_NAME} PRIVATE
    ${ASSAY_QUICK_WARNINGS} ${ASSAY_TEST_OPTIMIZATION})
endfunction()

function(assay_program_test)
  cmake_parse_arguments(PARSE_ARGV 0 ARG "" "NAME;PROGRAM;TIMEOUT" "LABELS;ENVIRONMENT")
  set(ARG_KEYWORDS_MISSING_VALUES "")
  assay_check_arguments(assay_program_test)
  string(REPLACE "." "_" target assay_test_${ARG_PROGRAM})
  add_test(NAME ${ARG_NAME} COMMAND ${target})
  assay_test_properties(properties)
  cmake_language(EVAL CODE "set_tests_properties(${ARG_NAME} PROPERTIES ${properties})")
endfunction()

function(assay_test)
  cmake_parse_arguments(PARSE_ARGV 0 ARG "NO_DISCOVER" "NAME;TIMEOUT"
                        "SOURCES;DEPS;LABELS;ENVIRONMENT")
  set(ARG_KEYWORDS_MISSING_VALUES "")
  assay_check_arguments(assay_test)
  assay_test_program(NAME ${ARG_NAME} SOURCES ${ARG_SOURCES} DEPS ${ARG_DEPS})
  string(REPLACE "." "_" target assay_test_${ARG_NAME})

  if(ARG_NO_DISCOVER)
    assay_program_test(NAME ${ARG_NAME} PROGRAM ${ARG_NAME} TIMEOUT ${ARG_TIMEOUT}
                       LABELS ${ARG_LABELS} ENVIRONMENT ${ARG_ENVIRONMENT})
    return()
  endif()
  assay_test_properties(properties)

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
