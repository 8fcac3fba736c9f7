# `assay history` on recorded sessions. Written here and not measured: trends take weeks.
set(history_folder ${CMAKE_CURRENT_BINARY_DIR}/history)
set(history_line [==[{"schema":{"name":"assay.history","major":1,"minor":0},"utc":"2026-01-@DAY@T12:00:00Z","commit":"c@DAY@","host_class":"x86_64-madeup-2c","suite":"core","against":"baseline","complete":true,"injected":0.0,"gates":[{"id":"matmul.f32.512x512x512.packed.cus2.kernel","verdict":"@VERDICT@","log_ratio":@LOG@,"half_width":0.005,"slowdown":0.01},{"id":"runtime.submit.cus1.call","verdict":"pass","log_ratio":0.2,"half_width":0.01}]}]==])
# Ten sessions with the level of one gate moved by -5 % after the fifth; the wobble is a
# tenth of a percent.
set(history_text "")
foreach(day RANGE 1 10)
  math(EXPR wobble "${day} * 7 % 3")
  set(LOG 0.20${wobble})
  set(VERDICT pass)
  if(day GREATER 5)
    set(LOG 0.15${wobble})
    set(VERDICT regressed)
  endif()
  string(LENGTH ${day} digits)
  set(DAY ${day})
  if(digits EQUAL 1)
    set(DAY 0${day})
  endif()
  string(CONFIGURE "${history_line}" line @ONLY)
  string(APPEND history_text "${line}\n")
endforeach()
file(WRITE ${history_folder}/good/x86_64-madeup-2c.jsonl "${history_text}")
# The same with a hostile line, an empty one, and a last one that a crash tore.
file(WRITE ${history_folder}/torn/x86_64-madeup-2c.jsonl
  "{\"schema\":[[[[\n\n${history_text}{\"schema\":{\"name\":\"ass")
file(WRITE ${history_folder}/bad/x86_64-madeup-2c.jsonl "hello\n{}\n")
file(MAKE_DIRECTORY ${history_folder}/empty)

cli(history_help COMMAND assay history --help EXIT 0 STDOUT_MATCHES "Exit codes" "--csv")
cli(history_table COMMAND assay history --dir ${history_folder}/good --ascii EXIT 0
  STDOUT_MATCHES "x86_64-madeup-2c\n"
    "packed.cus2.kernel +10 +1.223 +1.163 +-4.9 \\[-5.7, -4.1\\] +2026-01-06 -4.9 % +[5-8]+[1-4]+\n"
    "runtime.submit.cus1.call +10 +1.221 +1.221 +\\+0.0 \\[-1.4, \\+1.4\\] +[45]+\n")
cli(history_one_gate_is_plotted
  COMMAND assay history --dir ${history_folder}/good --gate kernel --ascii EXIT 0
  STDOUT_MATCHES "X     X" "\\^" "2026-01-01" "2026-01-10" "X regressed"
    "moved by -4.9 % at 2026-01-06T12:00:00Z \\(commit c06\\)")
# Bytes of a block element: CMake compares bytes.
cli(history_draws_in_a_utf8_locale COMMAND assay history --dir ${history_folder}/good
  EXIT 0 STDOUT_MATCHES "█.*▁" ENVIRONMENT LC_ALL=C.UTF-8)
cli(history_is_plain_elsewhere COMMAND assay history --dir ${history_folder}/good
  EXIT 0 STDOUT_MATCHES "[5-8]+[1-4]+\n" ENVIRONMENT LC_ALL=C LANG=en_US.UTF-8)
cli(history_last COMMAND assay history --dir ${history_folder}/good --last 3 EXIT 0
  STDOUT_MATCHES "kernel +3 ")
cli(history_csv COMMAND assay history --dir ${history_folder}/good --csv - --gate kernel
  EXIT 0 STDOUT_MATCHES "^host_class,gate,utc,commit,suite,verdict,ratio,half_width,slowdown\n\"x86_64-madeup-2c\",\"matmul.f32.512x512x512.packed.cus2.kernel\",2026-01-01T12:00:00Z,\"c01\",\"core\",pass,1.222")
cli(history_tells_refused_lines COMMAND assay history --dir ${history_folder}/torn --ascii
  EXIT 0 STDOUT_MATCHES "kernel +10 "
  STDERR_MATCHES "jsonl: line 1: " "jsonl: line 13: torn")
cli(history_all_lines_refused COMMAND assay history --dir ${history_folder}/bad
  EXIT 7 STDOUT_EMPTY STDERR_MATCHES "all of 2 lines were refused")
cli(history_nothing_there COMMAND assay history --dir ${history_folder}/empty
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "no history in")
cli(history_no_folder COMMAND assay history --dir /nowhere
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "/nowhere")
cli(history_no_such_gate COMMAND assay history --dir ${history_folder}/good --gate frob
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "'frob'")
