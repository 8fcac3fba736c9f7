# `assay tune`: what may be asked, and what is kept where.
set(quick_tune --device inline:// --shapes 64x64x256:nt --rounds 3 --epoch-ms 0.2)
string(REPLACE ";" " " quick_tune_line "${quick_tune}")
set(tuned_folder ${CMAKE_CURRENT_BINARY_DIR}/tuned)

cli(tune_help COMMAND assay tune --help EXIT 0
  STDOUT_MATCHES "--least" "--dry-run" "Exit codes")
cli(tune_needs_a_folder COMMAND assay tune ${quick_tune} ENVIRONMENT ASSAY_KERNEL_CACHE=
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "ASSAY_KERNEL_CACHE" "--dry-run")
cli(tune_without_choices COMMAND assay tune --dry-run --op axpy
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "axpy has no choices")
cli(tune_unknown_implementation COMMAND assay tune --dry-run --impl naive
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "'naive' of matmul")
cli(tune_no_choice_for_shape COMMAND assay tune --dry-run --shapes 1x64x64
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "1x64x64" "give a larger one")
cli(tune_bad_shape COMMAND assay tune --dry-run --shapes 64x64
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "64x64" "MxNxK")
cli(tune_variable COMMAND assay list ENVIRONMENT ASSAY_TUNED=yes
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "ASSAY_TUNED" "yes")
# Nothing is twice as fast: the default stays.
cli(tune_keeps_the_default
  COMMAND sh -c "rm -rf ${tuned_folder} && $<TARGET_FILE:assay> tune ${quick_tune_line} --least 100 && ls ${tuned_folder}"
  ENVIRONMENT ASSAY_KERNEL_CACHE=${tuned_folder}
  EXIT 0 STDOUT_MATCHES "\\(default\\)" "in 3 rounds of its own" "the default stays"
    "95 %")
