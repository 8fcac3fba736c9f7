# `assay ladder`: what may be asked, and what is written where.
cli(ladder_help COMMAND assay ladder --help EXIT 0
  STDOUT_MATCHES "--longest-run" "--pages" "Exit codes")
cli(ladder_of_nothing COMMAND assay ladder
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "--op or --all")
cli(ladder_of_one_and_all COMMAND assay ladder --op axpy --all
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "--op or --all")
cli(ladder_shapes_of_all COMMAND assay ladder --all --shapes 64
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "--shapes are of one op")
cli(ladder_unknown_op COMMAND assay ladder --op frob
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "unknown op 'frob'")
cli(ladder_bad_shape COMMAND assay ladder --op axpy --shapes 64,0
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "nothing to measure")
# Before it measures, however long that would take.
cli(ladder_without_a_page COMMAND assay ladder --all --write --pages ${CMAKE_CURRENT_SOURCE_DIR}
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "<!-- ladder of matmul: begin -->" "--pages")

# A page to write into, which is printed after the command.
function(cli_ladder name op page)
  cmake_parse_arguments(PARSE_ARGV 3 ARG "" "" "ARGUMENTS")
  assay_command_test(NAME cli.ladder_${name} LABELS cli timing TIMEOUT 60
    COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/ladder_page.sh $<TARGET_FILE:assay>
      ${CMAKE_CURRENT_BINARY_DIR}/ladder_${name} "${page}" ${op} ${ARG_ARGUMENTS}
    ${ARG_UNPARSED_ARGUMENTS})
endfunction()
set(marked "By hand\\n<!-- ladder of gaussian: begin -->\\nold figures\\n<!-- ladder of gaussian: end -->\\nbelow\\n")

# At 64x64 the first step takes longer than a microsecond: told, not run.
cli_ladder(writes gaussian "${marked}"
  ARGUMENTS --shapes 16x16,64x64 --longest-run 0.001
  EXIT 0 STDOUT_MATCHES "is written" "By hand\n<!--" "\n. naive .[^\n]* GFLOP/s"
    "\n. naive .[^\n]* not run" "- not run: naive at 64x64: about" "- build: "
    "ladder --op gaussian --shapes 16x16,64x64" "end -->\nbelow\n")
cli_ladder(mark_missing gaussian "<!-- ladder of gaussian: begin -->\\n"
  EXIT 7 STDERR_MATCHES "with an end below it")

# A library that lies: the page stays as it was.
string(REPLACE "gaussian" "matmul" marked "${marked}")
cli_ladder(writes_nothing_wrong matmul "${marked}"
  ARGUMENTS --shapes 64x64x64 --library $<TARGET_FILE:canary_lying_drops_last_k>
  EXIT 3 STDOUT_MATCHES "WRONG RESULT" "begin -->\nold figures\n<!-- ladder of matmul: end"
  STDERR_MATCHES "nothing is written")
