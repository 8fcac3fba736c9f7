# assay_write_sources(<target>)
#   -> "assay_sources.h" for the target: kAssaySources, the commit and the build type of
#   the project that calls this, for run_cli(). Written again at every build at which git
#   says otherwise. Without it a session names Assay's commit, and no baseline can be made
#   in another repository.

function(assay_write_sources target)
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/assay_sources/${target})
  add_custom_target(${target}_assay_sources
    COMMAND ${CMAKE_COMMAND} -DSOURCE_DIR=${CMAKE_CURRENT_SOURCE_DIR} -DANY_FOLDER=ON
      -DTEMPLATE=${CMAKE_CURRENT_FUNCTION_LIST_DIR}/assay_sources.h.in
      -DOUTPUT=${folder}/assay_sources.h -DBUILD_TYPE=$<CONFIG>
      -P ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/build_info.cmake
    BYPRODUCTS ${folder}/assay_sources.h VERBATIM)
  add_dependencies(${target} ${target}_assay_sources)
  target_include_directories(${target} PRIVATE ${folder})
endfunction()
