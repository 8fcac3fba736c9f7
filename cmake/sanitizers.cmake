# ASSAY_SANITIZE for the whole tree. Set for the directory and not target by target:
# one target left out would hide its races and break the link.

if(NOT ASSAY_SANITIZE MATCHES "^(|address,undefined|thread)$")
  message(FATAL_ERROR
    "ASSAY_SANITIZE is '${ASSAY_SANITIZE}'; expected nothing, 'address,undefined' or 'thread'")
endif()

if(ASSAY_SANITIZE)
  # Lines are enough for a report, and a third of the time to compile.
  add_compile_options(-fsanitize=${ASSAY_SANITIZE} -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=${ASSAY_SANITIZE})
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
endif()
# Fewer ISAs, since instrumented kernels take half of the build: their code is one template,
# so narrow and wide vectors with masks and without show what all would, and for races
# one that is vectorized beside the baseline is enough. The tests of release run all.
# With clang the baseline would be vectors emulated by loops over arrays, which take longer
# to compile than all the others; with these flags it is SSE4.
if(ASSAY_SANITIZE STREQUAL "thread")
  add_compile_definitions("ASSAY_LEFT_OUT_TARGETS=(HWY_SSE4|HWY_AVX2)")
elseif(ASSAY_SANITIZE AND CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  add_compile_options(-msse4.2 -maes -mpclmul)
endif()
if(ASSAY_SANITIZE MATCHES "undefined")
  # Without this, undefined behaviour prints a line and the test passes.
  add_compile_options(-fno-sanitize-recover=undefined)
endif()

# The fuzzer is led by the coverage of what it fuzzes, so the libraries are instrumented;
# its main comes with the programs that link it (tests/fuzz).
if(ASSAY_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR ASSAY_SANITIZE)
    message(FATAL_ERROR "ASSAY_FUZZ needs clang, and ASSAY_SANITIZE empty")
  endif()
  # Lines and no variables: clang 14 crashes on a std::span parameter with -g -O2.
  add_compile_options(-fsanitize=fuzzer-no-link,address -fno-omit-frame-pointer
    -gline-tables-only)
  add_link_options(-fsanitize=address)
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
endif()

# ThreadSanitizer cannot see the synchronization inside Debian's TBB: dozens of false
# reports a program, and the usual suppression hides real races too.
if(ASSAY_SANITIZE STREQUAL "thread")
  if(ASSAY_WITH_TBB STREQUAL "ON")
    message(FATAL_ERROR "ASSAY_SANITIZE=thread needs ASSAY_WITH_TBB=OFF (or AUTO)")
  endif()
  set(ASSAY_WITH_TBB OFF)
endif()

# Drivers are not instrumented: ThreadSanitizer sees neither the futexes nor the code that
# Mesa makes at run time, and AddressSanitizer takes a driver's leaks for ours. ON keeps
# the device under the latter.
set(ASSAY_VULKAN_OFF_BECAUSE "ASSAY_WITH_VULKAN=OFF")
if(ASSAY_SANITIZE STREQUAL "thread" OR (ASSAY_SANITIZE AND ASSAY_WITH_VULKAN STREQUAL "AUTO"))
  if(NOT ASSAY_WITH_VULKAN STREQUAL "OFF")
    set(ASSAY_VULKAN_OFF_BECAUSE "off under sanitizers, which cannot see into drivers")
  endif()
  set(ASSAY_WITH_VULKAN OFF)
endif()
