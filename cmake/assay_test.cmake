# assay_test(NAME <dotted.name> SOURCES a_test.cc... [DEPS <t>...] [LABELS unit...]
#            [TIMEOUT 180] [ENVIRONMENT K=V...] [NO_DISCOVER])
#   -> a GoogleTest program, each of its tests one CTest test "<dotted.name>.Suite.Name";
#   with NO_DISCOVER the whole program is one CTest test "<dotted.name>".
#
# A test with the label `timing` measures wall time: it runs alone, and the presets with
# sanitizers leave it out.

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
  set(serial OFF)
  if("timing" IN_LIST ARG_LABELS)
    set(serial ON)
  endif()
  set(${result} "TIMEOUT ${ARG_TIMEOUT} RUN_SERIAL ${serial} SKIP_RETURN_CODE 77
    LABELS [==[${ARG_LABELS}]==] ENVIRONMENT [==[${ARG_ENVIRONMENT}]==]" PARENT_SCOPE)
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
  assay_compile_quickly(${target} TEST)

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
