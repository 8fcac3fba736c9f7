# assay_shaders(<target> <GLSL compute shader>...)
#   Compiles each x.comp to SPIR-V and makes "<its folder>/x.comp.h" includable by the
#   sources of <target>, with the words as `const uint32_t x_comp[]`. Without
#   ASSAY_HAVE_VULKAN, which stands for the compiler too, x_comp is an empty span.
#   Shaders include from the repository root.
#
# vulkan1.2: with 1.3, Debian's glslang gives the group size by an instruction that needs
# more of a device than kernels do.

function(assay_shaders target)
  foreach(shader IN LISTS ARGN)
    cmake_path(ABSOLUTE_PATH shader OUTPUT_VARIABLE source NORMALIZE)
    cmake_path(RELATIVE_PATH source BASE_DIRECTORY ${PROJECT_SOURCE_DIR}
               OUTPUT_VARIABLE name)
    cmake_path(GET source FILENAME file)
    string(REPLACE "." "_" variable ${file})
    set(header ${PROJECT_BINARY_DIR}/shaders/${name}.h)
    cmake_path(GET header PARENT_PATH folder)
    file(MAKE_DIRECTORY ${folder})
    if(NOT ASSAY_HAVE_VULKAN)
      file(CONFIGURE OUTPUT ${header} CONTENT
"#include <cstdint>
#include <span>
inline constexpr std::span<const std::uint32_t> ${variable};
")
      continue()
    endif()
    add_custom_command(
      OUTPUT ${header}
      COMMAND ${ASSAY_GLSLANG} -V --quiet --target-env vulkan1.2 -I${PROJECT_SOURCE_DIR}
              --depfile ${header}.d --vn ${variable} -o ${header} ${source}
      DEPENDS ${source}
      DEPFILE ${header}.d
      COMMENT "Compiling ${name}" VERBATIM)
    target_sources(${target} PRIVATE ${header})
  endforeach()
  # SYSTEM: the names in there are not ours to lint.
  target_include_directories(${target} SYSTEM PRIVATE ${PROJECT_BINARY_DIR}/shaders)
endfunction()
