# `assay trace` and `assay perturb`: programs of our own under a layer.
set(program --size 32 --threads 2 --iters 20 --device vgpu://?cus=2)
set(trace_file ${CMAKE_CURRENT_BINARY_DIR}/trace.json)

cli(trace_help COMMAND assay trace --help EXIT 0
  STDOUT_MATCHES "--sync-every" "--output" "Exit codes")
cli(trace_unknown_op COMMAND assay trace --op frob
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "frob")
cli(trace_unknown_implementation COMMAND assay trace ${program} --impl frob
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "frob" "packed")
cli(trace_unknown_sync_mode COMMAND assay trace --sync-mode frob
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "frob")
cli(trace_output_unwritable COMMAND assay trace --output /nowhere/trace.json
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "/nowhere")
cli(trace_summary COMMAND assay trace ${program} --sync-every 4
  EXIT 0 STDOUT_MATCHES "40 submissions in" "by 2 threads" "unaccounted"
    "groups of kernels" "event sync every 4")
cli(trace_file COMMAND assay trace ${program} --queues shared --output ${trace_file}
  EXIT 0 STDOUT_MATCHES "one shared queue" "perfetto")
cli(trace_json COMMAND assay trace ${program} --sync-mode none --output -
  EXIT 0 STDOUT_MATCHES "^{" "traceEvents" "unit 1" "\"ph\":\"s\"")

# `assay api`: calls one by one.
set(api_quick --repetitions 20 --kernel-us 1 --device vgpu://?cus=2)
cli(perturb_delay_no_number COMMAND assay perturb --delays-us 0,frob
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "--delays-us: 'frob' is not an integer from 0 on")
cli(api_unknown_queues COMMAND assay api ${api_quick} --queues frob
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "frob" "own, shared")
cli(api_no_threads COMMAND assay api ${api_quick} --threads 0
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "--threads: '0'")
cli(api_output_unwritable COMMAND assay api ${api_quick} --json /nowhere/api.json
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "/nowhere")
cli(api_table COMMAND assay api ${api_quick} --threads 1,2 --queues own,shared
  EXIT 0 STDOUT_MATCHES "1 thread\n" "2 threads, a queue each" "2 threads, one shared"
    "create +[0-9]" "wait +[0-9]" "device +[0-9]" "parked +[0-9]" "against one: [0-9]")
cli(api_json COMMAND assay api ${api_quick} --json -
  EXIT 0 STDOUT_MATCHES "^{" "assay.api" "p95_ns" "queue_overlap")

cli(perturb_unknown_call COMMAND assay perturb ${program} --call frob
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "call= must be one of" "submit")
cli(perturb_call_never_made COMMAND assay perturb ${program} --call signal
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "--call signal: the program makes no such call")
cli(perturb_one_delay COMMAND assay perturb ${program} --delays-us 5
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "two delays")
cli(perturb_report
  COMMAND assay perturb ${program} --delays-us 0,5 --mutex --rounds 2
  EXIT 0 STDOUT_MATCHES "submit disturbed 40 times a run" "a mutex" "sensitivity"
    "give 6 --rounds or more")
cli(layer_unknown COMMAND assay trace --device frob+inline://
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "unknown layer 'frob'" "perturb")

# An output that is an input, and operands that are packed before the first run.
foreach(op IN ITEMS axpy mlp)
  cli(trace_${op} COMMAND assay trace ${program} --op ${op}
    EXIT 0 STDOUT_MATCHES "${op} " "40 submissions in")
endforeach()

# What a matmul chose for this machine is kept where the variable says.
set(kept ${CMAKE_CURRENT_BINARY_DIR}/kernel_cache)
cli(kernel_cache_is_kept
  COMMAND sh -c "rm -rf ${kept} && $<TARGET_FILE:assay> trace --shape 64x64x64:nt --iters 1 && ls ${kept}"
  ENVIRONMENT ASSAY_KERNEL_CACHE=${kept}
  EXIT 0 STDOUT_MATCHES "1 submissions in" "[0-9a-f]+[.]entry\n")
cli(kernel_cache_is_private
  COMMAND assay list ENVIRONMENT ASSAY_KERNEL_CACHE=/
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "ASSAY_KERNEL_CACHE: ")
