# Every listed header must compile alone, and twice: a header that leans on its
# includer's includes breaks the next one who includes it.
#
# Built by the target assay_header_check, and by default with ASSAY_CHECK_HEADERS=ON.

if(ASSAY_CHECK_HEADERS)
  add_custom_target(assay_header_check ALL)
else()
  add_custom_target(assay_header_check)
endif()

# assay_header_check(<library target> <header>...)
function(assay_header_check library)
  # Highway's *-inl.h are compiled once for each instruction set by the file that
  # includes them, and mean nothing alone.
  list(FILTER ARGN EXCLUDE REGEX "-inl\\.h$")
  set(sources "")
  foreach(header IN LISTS ARGN)
    cmake_path(ABSOLUTE_PATH header NORMALIZE)
    cmake_path(RELATIVE_PATH header BASE_DIRECTORY ${PROJECT_SOURCE_DIR})
    set(source ${PROJECT_BINARY_DIR}/header_check/${header}.cc)
    set(again "  // NOLINT(readability-duplicate-include): is it guarded?")
    file(CONFIGURE OUTPUT ${source} @ONLY
         CONTENT "#include \"@header@\"\n#include \"@header@\"@again@\n")
    list(APPEND sources ${source})
    set_property(GLOBAL APPEND PROPERTY ASSAY_CHECKED_HEADERS ${header})
  endforeach()
  if(NOT sources)
    return()
  endif()

  set(check ${library}_header_check)
  add_library(${check} OBJECT EXCLUDE_FROM_ALL ${sources})
  target_link_libraries(${check} PRIVATE ${library})
  assay_warnings(${check})
  add_dependencies(assay_header_check ${check})
endfunction()

# assay_skip_header_check(<header>...): of a part that is off in this build, for want of
# what its headers include.
function(assay_skip_header_check)
  foreach(header IN LISTS ARGN)
    cmake_path(ABSOLUTE_PATH header NORMALIZE)
    cmake_path(RELATIVE_PATH header BASE_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_property(GLOBAL APPEND PROPERTY ASSAY_CHECKED_HEADERS ${header})
  endforeach()
endfunction()

# Writes the list of what was checked: a test compares it with the headers of the tree.
function(assay_finish_header_check)
  get_property(headers GLOBAL PROPERTY ASSAY_CHECKED_HEADERS)
  list(SORT headers)
  list(JOIN headers "\n" text)
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/checked_headers.txt CONTENT "@text@\n" @ONLY)
endfunction()
