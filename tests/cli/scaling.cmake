# `assay scaling`: workers, conditions, and why more of them are not faster.
set(sweep --device vgpu://?cus=2 --threads 1,2 --rounds 1 --iters 20)
set(scaling_file ${CMAKE_CURRENT_BINARY_DIR}/scaling.json)

cli(scaling_help COMMAND assay scaling --help EXIT 0
  STDOUT_MATCHES "--sync-every" "--in-flight" "--elements" "Exit codes")
cli(scaling_unknown_op COMMAND assay scaling ${sweep} --op frob --sizes 64
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "frob")
cli(scaling_no_size COMMAND assay scaling ${sweep}
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "give --sizes")
cli(scaling_no_workers COMMAND assay scaling --sizes 64 --threads 1,0
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "--threads: '0'")
cli(scaling_unknown_mode COMMAND assay scaling ${sweep} --sizes 64 --sync-mode frob
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "frob" "device, event, none")
cli(scaling_unknown_implementation COMMAND assay scaling ${sweep} --sizes 64 --impl frob
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "frob" "packed" "openblas-serial")
cli(scaling_synthetic_has_no_size COMMAND assay scaling ${sweep} --op empty --sizes 64
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "has no size")
cli(scaling_output_unwritable
  COMMAND assay scaling ${sweep} --sizes 64 --json /nowhere/scaling.json
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "/nowhere")

cli_run(scaling_empty COMMAND assay scaling ${sweep} --op empty --batch 1,4
  EXIT 0 STDOUT_MATCHES "peaks measured" "device sync every 1, one shared queue"
    "no sync before the end, a queue each, batch 4" "the baseline" "why")
cli_run(scaling_arms
  COMMAND assay scaling ${sweep} --sizes 32 --impl packed,openblas,openblas-serial
    --sync-mode event --queues own --library-units one --json ${scaling_file}
  EXIT 0 STDOUT_MATCHES "32x32x32 openblas .lent one unit." "library: /" "FMA")
cli_run(scaling_json
  COMMAND assay scaling ${sweep} --op axpy --elements 4096 --sync-mode none
    --in-flight 4 --json -
  EXIT 0 STDOUT_MATCHES "^{" "assay.scaling" "none.own.every-0.depth-4.batch-1.workers-2")
cli_run(scaling_processes
  COMMAND assay scaling --device vgpu://?cus=1 --threads 1,2 --rounds 1 --iters 20
    --sizes 32 --workers threads,processes --sync-mode event
  EXIT 0 STDOUT_MATCHES "event sync every 1, a queue each, processes" "processes +ops/s")
cli_run(scaling_out_of_time
  COMMAND assay scaling --device vgpu://?cus=2 --op chain --rounds 1000 --time-budget 1
  EXIT 124 STDOUT_MATCHES "NOT COMPLETE" STDERR_MATCHES "time budget")

# A library's call beside our own kernel, of an op with operands that are packed once; and
# what a cause predicts, tried. That the one queue is the cause here is in its contract.
cli_run(scaling_mlp
  COMMAND assay scaling ${sweep} --op mlp --shapes 4x8x16x8
    --impl prepacked,openblas,openblas-serial --sync-mode event --queues own
  EXIT 0 STDOUT_MATCHES "mlp 4x8x16x8 prepacked" "mlp 4x8x16x8 openblas on" "library: /")
cli_run(scaling_confirm
  COMMAND assay scaling --device vgpu://?cus=2 --op chain --kernel-us 100 --threads 1,2
    --sync-mode event --queues shared --rounds 1 --cell-ms 5 --confirm
  EXIT 0 STDOUT_MATCHES "one shared queue"
    "confirmed: groups under way by the trace: [01][.]"
    "(confirmed|CONTRADICTED): submit delayed by [0-9]+ us: .* x the rate .*, predicted")

cli(advise_help COMMAND assay advise --help EXIT 0 STDOUT_MATCHES "--rounds" "Exit codes")
cli_run(advise
  COMMAND assay advise --device vgpu://?cus=2 --sizes 32 --iters 20 --rounds 2 --json
    ${CMAKE_CURRENT_BINARY_DIR}/advice.json
  EXIT 0 STDOUT_MATCHES "single stream" "processes" "batching" "most throughput"
    "rests on threads.event.own.every-1.depth-0.batch-1.workers-2")

# The exit contract of the original diagnostics.
cli(doctor_check_visible COMMAND assay doctor --check --device vgpu://
  EXIT 0 STDOUT_MATCHES "^visible: ")
cli(doctor_check_not_visible COMMAND assay doctor --check --device vulkan://63
  EXIT 1 STDOUT_MATCHES "^not visible: ")
cli(doctor_check_unknown COMMAND assay doctor --check --device frob://
  EXIT 2 STDOUT_MATCHES "^unknown: ")

# The works of this command are no ops of the table.
cli(scaling_op_mistyped COMMAND assay scaling --op foo
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "unknown op 'foo'; there is matmul.* and empty and chain")
