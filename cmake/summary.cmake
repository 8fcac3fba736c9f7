# assay_print_summary(): what was found, and what is off and why. The last lines of a
# configure run.

function(assay_summary_row name found version where)
  foreach(cell IN ITEMS "${name}:18" "${found}:7" "${version}:11")
    string(REGEX MATCH "^(.*):([0-9]+)$" matched "${cell}")
    set(text "${CMAKE_MATCH_1}")
    set(width ${CMAKE_MATCH_2})
    string(LENGTH "${text}" length)
    math(EXPR padding "${width} - ${length}")
    if(padding GREATER 0)
      string(REPEAT " " ${padding} spaces)
      string(APPEND text "${spaces}")
    endif()
    string(APPEND line "${text}")
  endforeach()
  message(STATUS "  ${line}${where}")
endfunction()

function(assay_print_summary)
  string(REPLACE "," " and " sanitizers "${ASSAY_SANITIZE}")
  if(NOT sanitizers)
    set(sanitizers none)
  endif()
  message(STATUS "assay ${PROJECT_VERSION}: ${CMAKE_BUILD_TYPE}, \
${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}, tests ${ASSAY_BUILD_TESTS}, \
sanitizers ${sanitizers}")
  assay_summary_row(dependency found version "where, or why off")
  foreach(row IN LISTS ASSAY_DEPENDENCY_ROWS)
    string(REPLACE "|" ";" cells "${row}")
    assay_summary_row(${cells})
  endforeach()
endfunction()
