# Writes build_info.cc when what it says has changed. Run at every build (cmake -P), since
# a commit does not touch any file the build system watches.
#   -DSOURCE_DIR= -DTEMPLATE= -DOUTPUT= -DVERSION= -DBUILD_TYPE=
find_program(git git)
set(COMMIT "")
if(git)
  execute_process(
    COMMAND ${git} describe --always --dirty --abbrev=12 --exclude=*
    WORKING_DIRECTORY ${SOURCE_DIR}
    OUTPUT_VARIABLE COMMIT
    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
configure_file(${TEMPLATE} ${OUTPUT} @ONLY)
