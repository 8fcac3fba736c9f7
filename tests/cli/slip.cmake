# A word that is mistyped is answered with the one that was meant, where one is near.
function(slip name what)
  cli(slip.${name} COMMAND assay ${ARGN} EXIT 2 STDOUT_EMPTY
    STDERR_MATCHES "^assay: unknown ${what}\nassay: see 'assay[^\n]* --help'\n$")
endfunction()

slip(command "command 'cmopare': did you mean compare[?]" cmopare)
slip(nested "command 'aply': did you mean apply[?]" baseline aply x.json)
slip(option "option '--ops': did you mean --op[?]" compare --ops matmul)
# The first of several, and not the last.
slip(first "option '--proceses=3': did you mean --processes[?]"
  compare --sizes 64 --proceses=3 --blcks 4)
slip(far "option '--frobnicate'" compare --frobnicate)
slip(word "word 'matmul'" compare matmul)
# What is hidden from --help is no answer.
slip(hidden "command 'worke'" worke)
