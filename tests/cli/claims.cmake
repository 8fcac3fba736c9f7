# `assay claims`: files of claims, and a scorecard over all of them.
set(claims_folder ${CMAKE_CURRENT_SOURCE_DIR}/claims)

cli(claims_help COMMAND assay claims --help EXIT 0
  STDOUT_MATCHES "originals" "--only" "--time-budget" "Exit codes")
cli(claims_show COMMAND assay claims --show EXIT 0
  STDOUT_MATCHES "^{" "assay.claims" "graph_parallelism" "memory_pooling")
cli(claims_no_file COMMAND assay claims /nowhere/claims.json
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "/nowhere/claims.json")
cli(claims_no_such_name COMMAND assay claims frob
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "'frob', and the tool's own are originals and project")
cli(claims_not_json COMMAND assay claims ${CMAKE_CURRENT_SOURCE_DIR}/CMakeLists.txt
  EXIT 7 STDOUT_EMPTY STDERR_MATCHES "CMakeLists.txt")
cli(claims_of_another_kind
  COMMAND assay claims ${PROJECT_SOURCE_DIR}/docs/schema/claims.schema.json
  EXIT 7 STDOUT_EMPTY STDERR_MATCHES "claims.schema.json: ")
cli(claims_names_a_library_file COMMAND assay claims ${claims_folder}/path.json
  EXIT 7 STDOUT_EMPTY STDERR_MATCHES "path.json: claims.0..conditions.library: ")
cli(claims_only_matches_nothing COMMAND assay claims --only frob
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "frob")
cli(claims_output_unwritable COMMAND assay claims --json /nowhere/scorecard.json
  EXIT 2 STDOUT_EMPTY STDERR_MATCHES "/nowhere")

# The canary: what is false must be told to be. Counts, so that no load hides it.
cli(claims_lie_is_found COMMAND assay claims ${claims_folder}/lying.json
  EXIT 1 STDOUT_MATCHES "lie +FAIL +95 .95, 95. %" "truth +PASS" "1 pass, 1 fail"
    "shown to be true: 1 of 2")
# One claim that nobody tested is not a claim that passed.
cli(claims_only_some COMMAND assay claims ${claims_folder}/lying.json --only truth
  EXIT 0 STDOUT_MATCHES "lie +UNTESTED" "left out by --only" "shown to be true: 1 of 2")
cli(claims_absent COMMAND assay claims ${claims_folder}/absent.json --only no_device
  EXIT 6 STDOUT_MATCHES "no_device +UNTESTED" "vulkan" "3 untested"
    "shown to be true: 0 of 3")
cli(claims_nonsense COMMAND assay claims ${claims_folder}/absent.json --quick
  EXIT 7 STDOUT_MATCHES "no_scheme +INVALID" "frob" "stand_in +SIMULATED"
    "0 pass, 0 fail, 1 untested, 0 inconclusive, 1 invalid, 1 simulated")
cli(claims_strict
  COMMAND assay claims ${claims_folder}/absent.json --quick --only stand_in --strict
  EXIT 4 STDOUT_MATCHES "SIMULATED")
cli(claims_json
  COMMAND assay claims ${claims_folder}/lying.json --only truth --json -
  EXIT 0 STDOUT_MATCHES "^{" "assay.claims_report" "\"untested\": 1" "\"pass\": 1")
cli_run(claims_out_of_time
  COMMAND assay claims project --time-budget 1
  EXIT 124 STDOUT_MATCHES "the time budget was spent" "NOT COMPLETE"
  STDERR_MATCHES "time budget")
