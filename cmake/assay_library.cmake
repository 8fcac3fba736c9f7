# assay_library(NAME <n> SOURCES a.cc... HEADERS x.h... [PRIVATE_HEADERS y.h...]
#               [DEPS <t>...] [PRIVATE_DEPS <t>...] [UNTIMED])
#   -> target assay_<n>, alias assay::<n>. Static; an interface library without SOURCES.
#   PRIVATE_HEADERS include a dependency's own headers: they are not installed
#   (assay_package.cmake), for who takes the library in need not have these.
#   UNTIMED (compile_time.cmake): none of it runs inside a measurement.
#   Includes are written from the repository root: "backends/interface/device.h".
#   Every listed header is also compiled alone (header_check.cmake).
#
# assay_executable(NAME <n> SOURCES a.cc... [DEPS <t>...])
#   -> target and program <n>, in build/<preset>/bin.

function(assay_check_arguments function)
  if(ARG_UNPARSED_ARGUMENTS OR ARG_KEYWORDS_MISSING_VALUES)
    message(FATAL_ERROR "${function}(${ARG_NAME}): not understood: "
      "${ARG_UNPARSED_ARGUMENTS} ${ARG_KEYWORDS_MISSING_VALUES}")
  endif()
  if(NOT ARG_NAME)
    message(FATAL_ERROR "${function}: NAME is missing")
  endif()
endfunction()

function(assay_library)
  cmake_parse_arguments(PARSE_ARGV 0 ARG "UNTIMED" "NAME"
                        "SOURCES;HEADERS;PRIVATE_HEADERS;DEPS;PRIVATE_DEPS")
  # An empty list after a keyword is fine: lists may be built by condition.
  set(ARG_KEYWORDS_MISSING_VALUES "")
  assay_check_arguments(assay_library)
  set(target assay_${ARG_NAME})

  if(ARG_SOURCES)
    add_library(${target} STATIC ${ARG_SOURCES} ${ARG_PRIVATE_HEADERS})
    set(scope PUBLIC)
    target_link_libraries(${target} PRIVATE ${ARG_PRIVATE_DEPS})
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    assay_warnings(${target})
    if(ARG_UNTIMED)
      assay_compile_quickly(${target} UNTIMED)
    else()
      assay_compile_quickly(${target} TIMED)
    endif()
  elseif(ARG_PRIVATE_DEPS)
    message(FATAL_ERROR "assay_library(${ARG_NAME}): PRIVATE_DEPS need SOURCES")
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()

  add_library(assay::${ARG_NAME} ALIAS ${target})
  target_compile_features(${target} ${scope} cxx_std_20)
  target_include_directories(${target} ${scope} $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
  target_link_libraries(${target} ${scope} ${ARG_DEPS})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${ARG_NAME})
  assay_header_check(${target} ${ARG_HEADERS} ${ARG_PRIVATE_HEADERS})
  assay_install(${target} HEADERS ${ARG_HEADERS})
endfunction()

function(assay_executable)
  cmake_parse_arguments(PARSE_ARGV 0 ARG "" "NAME" "SOURCES;DEPS")
  assay_check_arguments(assay_executable)
  add_executable(${ARG_NAME} ${ARG_SOURCES})
  add_executable(assay::${ARG_NAME} ALIAS ${ARG_NAME})
  target_include_directories(${ARG_NAME} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${ARG_NAME} PRIVATE ${ARG_DEPS})
  assay_warnings(${ARG_NAME})
  assay_install(${ARG_NAME})
endfunction()
