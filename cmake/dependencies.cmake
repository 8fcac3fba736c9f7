# Finds what the project links. Every result becomes a row of the summary; everything
# missing is reported at once, with the Debian packages to install.
#
# Sets ASSAY_HAVE_TBB, ASSAY_HAVE_VULKAN, ASSAY_HAVE_BENCHMARK and ASSAY_HAVE_ONEDNN;
# provides assay::hwy and assay::hwloc (dependency_targets.cmake).

set(ASSAY_DEPENDENCY_ROWS "")  # "name|yes or no|version|where, or why off"
set(ASSAY_MISSING_PACKAGES "")

# assay_dependency(<name> <found> <version> <where or why off> [<Debian package if required>])
macro(assay_dependency name found version where)
  if(${found})
    list(APPEND ASSAY_DEPENDENCY_ROWS "${name}|yes|${version}|${where}")
  elseif("${ARGN}" STREQUAL "")
    list(APPEND ASSAY_DEPENDENCY_ROWS "${name}|no|-|${where}")
  else()
    list(APPEND ASSAY_DEPENDENCY_ROWS "${name}|no|-|required: package ${ARGN}")
    list(APPEND ASSAY_MISSING_PACKAGES "${ARGN}")
  endif()
endmacro()

find_package(Threads REQUIRED)

find_package(fmt CONFIG QUIET)
assay_dependency(fmt fmt_FOUND "${fmt_VERSION}" "${fmt_DIR}" libfmt-dev)

find_package(nlohmann_json CONFIG QUIET)
assay_dependency(nlohmann_json nlohmann_json_FOUND
  "${nlohmann_json_VERSION}" "${nlohmann_json_DIR}" nlohmann-json3-dev)

find_package(CLI11 CONFIG QUIET)
assay_dependency(CLI11 CLI11_FOUND "${CLI11_VERSION}" "${CLI11_DIR}" libcli11-dev)

find_package(hwy CONFIG QUIET)
assay_dependency(highway hwy_FOUND "${hwy_VERSION}" "${hwy_DIR}" libhwy-dev)

find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
  pkg_check_modules(HWLOC QUIET IMPORTED_TARGET hwloc)
endif()
assay_dependency(hwloc HWLOC_FOUND "${HWLOC_VERSION}" "${HWLOC_LIBDIR}" "pkg-config libhwloc-dev")
include(cmake/dependency_targets.cmake)

set(ASSAY_HAVE_TBB OFF)
if(ASSAY_WITH_TBB STREQUAL "OFF")
  assay_dependency(TBB ASSAY_HAVE_TBB "" "ASSAY_WITH_TBB=OFF: std::thread executor only")
else()
  find_package(TBB CONFIG QUIET)
  if(TBB_FOUND)
    set(ASSAY_HAVE_TBB ON)
  endif()
  if(TBB_FOUND OR ASSAY_WITH_TBB STREQUAL "ON")
    assay_dependency(TBB ASSAY_HAVE_TBB "${TBB_VERSION}" "${TBB_DIR}" libtbb-dev)
  else()
    assay_dependency(TBB ASSAY_HAVE_TBB "" "not found: std::thread executor only")
  endif()
endif()

# Headers only: the loader is opened at run time, so one binary runs with and without.
set(ASSAY_HAVE_VULKAN OFF)
if(ASSAY_WITH_VULKAN STREQUAL "OFF")
  assay_dependency(Vulkan ASSAY_HAVE_VULKAN "" "${ASSAY_VULKAN_OFF_BECAUSE}")
else()
  find_path(ASSAY_VOLK_INCLUDE volk.h)
  find_path(ASSAY_VULKAN_INCLUDE vulkan/vulkan_core.h)
  find_program(ASSAY_GLSLANG NAMES glslangValidator glslang)
  mark_as_advanced(ASSAY_VOLK_INCLUDE ASSAY_VULKAN_INCLUDE ASSAY_GLSLANG)
  set(version "")
  if(ASSAY_VOLK_INCLUDE AND ASSAY_VULKAN_INCLUDE AND ASSAY_GLSLANG)
    set(ASSAY_HAVE_VULKAN ON)
    file(STRINGS ${ASSAY_VULKAN_INCLUDE}/vulkan/vulkan_core.h version
         REGEX "^#define VK_HEADER_VERSION [0-9]+")
    string(REGEX REPLACE ".* " "1.3." version "${version}")
  endif()
  if(ASSAY_HAVE_VULKAN OR ASSAY_WITH_VULKAN STREQUAL "ON")
    assay_dependency(Vulkan ASSAY_HAVE_VULKAN "${version}" "${ASSAY_GLSLANG} (driver at run time)"
      "libvulkan-dev libvulkan-volk-dev glslang-tools")
  else()
    assay_dependency(Vulkan ASSAY_HAVE_VULKAN ""
      "needs libvulkan-dev libvulkan-volk-dev glslang-tools")
  endif()
endif()

set(ASSAY_HAVE_BENCHMARK OFF)
if(ASSAY_WITH_EXPLORER STREQUAL "OFF")
  assay_dependency(benchmark ASSAY_HAVE_BENCHMARK "" "ASSAY_WITH_EXPLORER=OFF")
else()
  find_package(benchmark CONFIG QUIET)
  if(benchmark_FOUND)
    set(ASSAY_HAVE_BENCHMARK ON)
  endif()
  if(benchmark_FOUND OR ASSAY_WITH_EXPLORER STREQUAL "ON")
    assay_dependency(benchmark ASSAY_HAVE_BENCHMARK
      "${benchmark_VERSION}" "${benchmark_DIR}" libbenchmark-dev)
  else()
    assay_dependency(benchmark ASSAY_HAVE_BENCHMARK "" "not found: no explorer executable")
  endif()
endif()

if(ASSAY_BUILD_TESTS)
  find_package(GTest CONFIG QUIET)
  assay_dependency(GTest GTest_FOUND
    "${GTest_VERSION}" "${GTest_DIR}" "libgtest-dev libgmock-dev")
endif()

# Looked for only to tell: a vendor library is loaded at run time, in a worker process
# whose environment is known, and is never linked.
foreach(flavour IN ITEMS pthread serial)
  set(library /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/openblas-${flavour}/libopenblas.so.0)
  set(there OFF)
  if(EXISTS ${library})
    set(there ON)
    set(where "${library} (run time only)")
  else()
    set(where "not at ${library}; run time only")
  endif()
  assay_dependency("OpenBLAS ${flavour}" there "-" "${where}")
endforeach()

set(ASSAY_HAVE_ONEDNN OFF)
if(ASSAY_WITH_ONEDNN STREQUAL "OFF")
  assay_dependency(oneDNN ASSAY_HAVE_ONEDNN "" "ASSAY_WITH_ONEDNN=OFF")
else()
  find_path(ASSAY_ONEDNN_INCLUDE dnnl.h)
  mark_as_advanced(ASSAY_ONEDNN_INCLUDE)
  set(version "")
  if(ASSAY_ONEDNN_INCLUDE)
    file(STRINGS ${ASSAY_ONEDNN_INCLUDE}/oneapi/dnnl/dnnl_version.h version
      REGEX "DNNL_VERSION_(MAJOR|MINOR|PATCH) ")
    string(REGEX REPLACE "[^0-9;]" "" version "${version}")
    list(JOIN version "." version)
    # Structs cross the interface, and those of version 3 are others.
    if(version MATCHES "^2[.]")
      set(ASSAY_HAVE_ONEDNN ON)
    endif()
  endif()
  if(ASSAY_HAVE_ONEDNN OR ASSAY_WITH_ONEDNN STREQUAL "ON")
    assay_dependency(oneDNN ASSAY_HAVE_ONEDNN "${version}"
      "${ASSAY_ONEDNN_INCLUDE} (library: run time only)" libdnnl-dev)
  else()
    assay_dependency(oneDNN ASSAY_HAVE_ONEDNN ""
      "no header of version 2: not compared with")
  endif()
endif()

if(ASSAY_MISSING_PACKAGES)
  assay_print_summary()
  list(JOIN ASSAY_MISSING_PACKAGES " " packages)
  message(FATAL_ERROR "Missing. Run ci/setup, or: apt-get install ${packages}")
endif()
