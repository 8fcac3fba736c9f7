# cmake --install and find_package(assay CONFIG), with ASSAY_INSTALL:
#   bin/assay                  the program; what it reads of its own is compiled in
#   lib/libassay_<n>.a         each assay_library(), as target assay::<n>
#   include/assay/             their HEADERS, by their paths: "backends/interface/device.h"
#   lib/cmake/assay/           the package, with assay_add_gates(), assay_write_sources()
# A folder (tests/) that has nothing to install sets ASSAY_INSTALL to OFF for itself.
#
# Sources and headers are listed once, by assay_library(), and installed from there.

if(ASSAY_INSTALL)
  include(GNUInstallDirs)
endif()

# assay_install(<target> [HEADERS x.h...])
function(assay_install target)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "" "HEADERS")
  # They mean something only beside Highway and inside the file that includes them.
  list(FILTER ARG_HEADERS EXCLUDE REGEX "-inl\\.h$")
  get_target_property(type ${target} TYPE)
  if(NOT type STREQUAL "EXECUTABLE")
    set(scope PUBLIC)
    if(type STREQUAL "INTERFACE_LIBRARY")
      set(scope INTERFACE)
    endif()
    target_sources(${target} ${scope}
      FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${ARG_HEADERS})
  endif()
  if(ASSAY_INSTALL)
    install(TARGETS ${target} EXPORT assay_targets
      FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/assay)
  endif()
endfunction()

function(assay_finish_package)
  if(NOT ASSAY_INSTALL)
    return()
  endif()
  include(CMakePackageConfigHelpers)
  set(folder ${CMAKE_INSTALL_LIBDIR}/cmake/assay)
  set(made ${PROJECT_BINARY_DIR}/package)
  configure_package_config_file(cmake/assayConfig.cmake.in ${made}/assayConfig.cmake
    INSTALL_DESTINATION ${folder} NO_SET_AND_CHECK_MACRO)
  # Before 1.0 a minor version may change any interface.
  write_basic_package_version_file(${made}/assayConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
  install(EXPORT assay_targets NAMESPACE assay:: FILE assayTargets.cmake
    DESTINATION ${folder})
  install(FILES ${made}/assayConfig.cmake ${made}/assayConfigVersion.cmake
      cmake/dependency_targets.cmake cmake/assay_add_gates.cmake cmake/gate_tests.cmake
      cmake/assay_write_sources.cmake cmake/assay_sources.h.in cmake/build_info.cmake
    DESTINATION ${folder})
  install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
endfunction()
