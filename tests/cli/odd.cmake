# Streams that are closed or full, files that are one, limits of the process: one line, the
# documented code, and no result lost for it.
function(odd name script)  # $0 is the tool, $1 a folder
  assay_command_test(NAME cli.odd.${name} LABELS cli TIMEOUT 180
    COMMAND sh -c "${script}" $<TARGET_FILE:assay> ${CMAKE_CURRENT_BINARY_DIR} ${ARGN})
endfunction()

# Files before the page: whoever reads that may go, and minutes of measuring with him.
odd(page_unread "rm -f \"$1/odd.md\"
\"$0\" judge \"$1/results.json\" --markdown \"$1/odd.md\" > /dev/full
code=$?; test -s \"$1/odd.md\" || exit 1; exit $code"
  EXIT 7 STDERR_MATCHES "^assay: cannot write to standard output\n$")
# And the page for all that a file cannot be written.
cli(odd.file_unwritten COMMAND assay judge ${results} --markdown /dev/full
  EXIT 2 STDOUT_MATCHES "with_transfer" STDERR_MATCHES "^assay: /dev/full: cannot write")
foreach(test IN ITEMS page_unread file_unwritten)
  # Where nothing is timed (sanitizers), there are no results either.
  set_tests_properties(cli.odd.${test} PROPERTIES FIXTURES_REQUIRED cli_results
    LABELS "cli;timing")
endforeach()
cli(odd.one_file_twice COMMAND assay ${quick} --sizes 64 --json x.out --markdown ./x.out
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "'./x.out' is named by two outputs")
cli(odd.one_file_twice_of_gate COMMAND assay gate --json x.out --record x.out
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "'x.out' is named by two outputs")

# A dash is standard output, or refused; never a file of that name.
cli(odd.dash_is_no_record COMMAND assay gate --record -
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "cannot write '-': this output goes to a file")
cli(odd.dash_twice_of_gate COMMAND assay gate --json - --markdown -
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "only one of --json")

# With 0 closed and not held, there is no /dev/stdin, and the next file to be opened takes
# the number; so for 1 and 2, where a page would be written into it.
odd(stream_held "exec \"$0\" judge /dev/stdin <&-" EXIT 7 STDOUT_EMPTY
  STDERR_MATCHES "/dev/stdin: not usable JSON")
odd(stdout_closed "exec \"$0\" list >&-" EXIT 7
  STDERR_MATCHES "^assay: cannot write to standard output\n$")

odd(few_file_numbers "ulimit -n 12; exec \"$0\" compare --sizes 64 --processes 1" EXIT 6
  STDOUT_EMPTY STDERR_MATCHES "^assay: cannot start a worker[^\n]*ulimit -n[^\n]*\n$")
odd(few_file_numbers_of_pool "ulimit -n 12; exec \"$0\" scaling --op empty --threads 1 \
--rounds 1 --cell-ms 1 --workers processes" EXIT 6
  STDOUT_EMPTY STDERR_MATCHES "^assay: [^\n]*ulimit -n[^\n]*\n$")

# What was typed is repeated, but neither obeyed by a terminal nor shown without end.
odd(one_line "exec \"$0\" compare --sizes 64 --op \"$(printf 'a\\nb\\033c')\"" EXIT 2
  STDOUT_EMPTY STDERR_MATCHES "^assay: unknown op 'a bc'; [^\n]*\n$")
odd(endless "exec \"$0\" compare --shapes \"$(printf '%05000d' 1)\"" EXIT 2
  STDOUT_EMPTY STDERR_MATCHES "^assay: matmul shape .0000[^\n]*~\n$")

# As of a variable that is not set: the default would answer another question.
odd(value_is_empty "exec \"$0\" compare --sizes 64 --library ''" EXIT 2 STDOUT_EMPTY
  STDERR_MATCHES "^assay: --library: the value is empty")

cli(odd.base_is_a_folder COMMAND assay gate --base / EXIT 2 STDOUT_EMPTY
  STDERR_MATCHES "^assay: / is no executable")
