# assay_warnings(<target>): the warnings of every target of this project, and only
# of these: they are PRIVATE, a user's own code is not judged by them.

function(assay_warnings target)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wconversion -Wmissing-declarations
    # A new enumerator must be met by every switch over it, in any build.
    -Werror=switch
    $<$<BOOL:${ASSAY_WERROR}>:-Werror>
    # GCC 12 reports overlapping copies inside std::string's operator+ that cannot
    # happen (its bug 105651, gone in 13).
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>
    # Clang's name for what GCC reports as -Wmissing-declarations.
    $<$<CXX_COMPILER_ID:Clang>:-Wmissing-prototypes>
    # C++20 allows a variadic macro without arguments and GoogleTest's macros use it;
    # clang 14 still calls it an extension.
    $<$<CXX_COMPILER_ID:Clang>:-Wno-gnu-zero-variadic-macro-arguments>)
endfunction()
