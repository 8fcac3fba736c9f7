# Every command of docs/originals.md, as it stands there: a row whose command no longer
# runs fails here.
set(originals_page ${PROJECT_SOURCE_DIR}/docs/originals.md)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${originals_page})

# All rows are there, each with a command. Read when the test runs, not before.
add_test(NAME docs.originals.rows COMMAND
  ${CMAKE_COMMAND} -D page=${originals_page}
  -P ${CMAKE_CURRENT_SOURCE_DIR}/originals_rows.cmake)
set_tests_properties(docs.originals.rows PROPERTIES LABELS cli)

include(${CMAKE_CURRENT_SOURCE_DIR}/originals_page.cmake)
originals_read(${originals_page} originals_commands)
foreach(entry IN LISTS originals_commands)
  string(REGEX MATCH "^([MD][0-9]+[.][0-9]+) (.*)$" entry "${entry}")
  set(name docs.originals.${CMAKE_MATCH_1})
  add_test(NAME ${name} COMMAND
    ${CMAKE_COMMAND} -D assay=$<TARGET_FILE:assay> -D ctest=${CMAKE_CTEST_COMMAND}
    -D "build=${PROJECT_BINARY_DIR}" -D "command=${CMAKE_MATCH_2}"
    -P ${CMAKE_CURRENT_SOURCE_DIR}/originals_command.cmake)
  # From the root, where baselines/ is. Those that measure do so for some tenths of a
  # second, but need the machine for it, and a library's audit takes a second before:
  # label timing, as all commands that measure have.
  set(labels cli)
  if(CMAKE_MATCH_2 MATCHES "^assay (scaling|advise|api|perturb|compare|claims|doctor --lib)")
    list(APPEND labels timing)
    set_tests_properties(${name} PROPERTIES RESOURCE_LOCK machine COST 10)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${labels}" TIMEOUT 180
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
endforeach()
