# Read by ctest, with the variables that assay_add_gates() sets: makes one test for each
# gate that the tool lists.

if(NOT EXISTS "${tool}")
  # As gtest_discover_tests does: a test that says so, and no silence.
  add_test("${prefix}not_built" "${tool}" gate --list)
  return()
endif()
if("${tool}" IS_NEWER_THAN "${generated}")
  execute_process(COMMAND "${tool}" gate --suite "${suite}" --list
    OUTPUT_VARIABLE ids RESULT_VARIABLE result OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${tool} gate --list failed: ${result}")
  endif()
  string(REPLACE "\n" ";" ids "${ids}")
  set(text "")
  foreach(id IN LISTS ids)
    set(words "")
    foreach(word IN LISTS tool arguments id)
      string(APPEND words " [==[${word}]==]")
    endforeach()
    string(APPEND text "add_test([==[${prefix}${id}]==]${words})
set_tests_properties([==[${prefix}${id}]==] PROPERTIES FIXTURES_REQUIRED ${fixture}
  SKIP_RETURN_CODE 77 TIMEOUT 180 LABELS [==[${labels}]==])\n")
  endforeach()
  file(WRITE "${generated}" "${text}")
endif()
include("${generated}")
