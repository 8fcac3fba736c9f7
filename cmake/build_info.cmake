# Writes build_info.cc when what it says has changed. Run at every build (cmake -P), since
# a commit does not touch any file the build system watches. The commit is empty where the
# sources are no repository of their own: copied into another project's, git would tell the
# commit of that one. With ANY_FOLDER that is what is wanted (assay_write_sources()).
#   -DSOURCE_DIR= -DTEMPLATE= -DOUTPUT= -DVERSION= -DBUILD_TYPE= [-DANY_FOLDER=ON]
find_program(git git)
set(COMMIT "")
set(top "")
if(git)
  execute_process(
    COMMAND ${git} rev-parse --show-toplevel
    WORKING_DIRECTORY ${SOURCE_DIR}
    OUTPUT_VARIABLE top
    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  file(REAL_PATH "${SOURCE_DIR}" sources)
endif()
if(NOT top STREQUAL "" AND (ANY_FOLDER OR top STREQUAL sources))
  execute_process(
    COMMAND ${git} describe --always --dirty --abbrev=12 --exclude=*
    WORKING_DIRECTORY ${SOURCE_DIR}
    OUTPUT_VARIABLE COMMIT
    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
configure_file(${TEMPLATE} ${OUTPUT} @ONLY)
