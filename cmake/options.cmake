# What a builder may choose. Everything else is decided in the code.

option(ASSAY_BUILD_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
# For CI only: a new warning of another compiler must not stop a user's build.
option(ASSAY_WERROR "Treat warnings as errors" OFF)
option(ASSAY_CHECK_HEADERS "Compile every header alone in the default build" OFF)

# Sixteen files in one compilation: compile_time.cmake. Off, a change recompiles one file,
# and a file that leans on its neighbours' includes is found.
option(ASSAY_UNITY_BUILD "Compile sixteen files at a time, but for kernels" ON)

set(ASSAY_SANITIZE "" CACHE STRING "Sanitizers: empty, 'address,undefined' or 'thread'")
set_property(CACHE ASSAY_SANITIZE PROPERTY STRINGS "" "address,undefined" "thread")

option(ASSAY_FUZZ "Build the libFuzzer programs (clang; ci/fuzz)" OFF)

# cmake --install and find_package(assay): assay_package.cmake. What a sanitizer went
# through links only with that sanitizer, so nobody wants it installed unasked.
set(wanted ${PROJECT_IS_TOP_LEVEL})
if(ASSAY_SANITIZE OR ASSAY_FUZZ)
  set(wanted OFF)
endif()
option(ASSAY_INSTALL "Install the program, the libraries and a CMake package" ${wanted})

# AUTO uses TBB when it is there and says so in the summary; ON fails without it.
set(ASSAY_WITH_TBB AUTO CACHE STRING "TBB executor of the virtual GPU: AUTO, ON or OFF")
set_property(CACHE ASSAY_WITH_TBB PROPERTY STRINGS AUTO ON OFF)
string(TOUPPER "${ASSAY_WITH_TBB}" ASSAY_WITH_TBB)
if(NOT ASSAY_WITH_TBB MATCHES "^(AUTO|ON|OFF)$")
  message(FATAL_ERROR "ASSAY_WITH_TBB is '${ASSAY_WITH_TBB}'; expected AUTO, ON or OFF")
endif()

# AUTO builds the device when headers and shader compiler are there; ON fails without.
set(ASSAY_WITH_VULKAN AUTO CACHE STRING "The Vulkan device: AUTO, ON or OFF")
set_property(CACHE ASSAY_WITH_VULKAN PROPERTY STRINGS AUTO ON OFF)
string(TOUPPER "${ASSAY_WITH_VULKAN}" ASSAY_WITH_VULKAN)
if(NOT ASSAY_WITH_VULKAN MATCHES "^(AUTO|ON|OFF)$")
  message(FATAL_ERROR
    "ASSAY_WITH_VULKAN is '${ASSAY_WITH_VULKAN}'; expected AUTO, ON or OFF")
endif()

# AUTO builds it when Google Benchmark is there; ON fails without it.
set(ASSAY_WITH_EXPLORER AUTO CACHE STRING "The explorer executable: AUTO, ON or OFF")
set_property(CACHE ASSAY_WITH_EXPLORER PROPERTY STRINGS AUTO ON OFF)
string(TOUPPER "${ASSAY_WITH_EXPLORER}" ASSAY_WITH_EXPLORER)
if(NOT ASSAY_WITH_EXPLORER MATCHES "^(AUTO|ON|OFF)$")
  message(FATAL_ERROR
    "ASSAY_WITH_EXPLORER is '${ASSAY_WITH_EXPLORER}'; expected AUTO, ON or OFF")
endif()

# AUTO calls oneDNN when its header is there; ON fails without it.
set(ASSAY_WITH_ONEDNN AUTO CACHE STRING "oneDNN as a library to compare with: AUTO, ON or OFF")
set_property(CACHE ASSAY_WITH_ONEDNN PROPERTY STRINGS AUTO ON OFF)
string(TOUPPER "${ASSAY_WITH_ONEDNN}" ASSAY_WITH_ONEDNN)
if(NOT ASSAY_WITH_ONEDNN MATCHES "^(AUTO|ON|OFF)$")
  message(FATAL_ERROR
    "ASSAY_WITH_ONEDNN is '${ASSAY_WITH_ONEDNN}'; expected AUTO, ON or OFF")
endif()

# A measuring tool built without optimization measures nothing. Where another project takes
# this one in, only for the folders from here on: the cache is that project's.
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release)
  if(PROJECT_IS_TOP_LEVEL)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
  endif()
endif()
