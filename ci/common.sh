# Shared by the scripts in this folder, which source it: where the repository is, one
# line a step, and the log of the step that failed.
# shellcheck shell=bash

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$repository"
jobs=$(nproc)

fail() {  # fail <exit code> <message>
  printf '%s: %s\n' "$(basename "$0")" "$2" >&2
  exit "$1"
}

# step <title> <command...>: runs the command with its output in a log; prints one line,
# and the end of the log if it failed. The step's exit code is the command's.
step() {
  local title=$1 start=$SECONDS code=0
  local log=build/logs/${title//[^A-Za-z0-9]/-}.log
  shift
  mkdir -p build/logs
  printf '%-44s ' "$title" >&2
  "$@" >"$log" 2>&1 </dev/null || code=$?
  if ((code == 0)); then
    printf 'ok %5ds\n' $((SECONDS - start)) >&2
    return 0
  fi
  printf 'FAILED (exit %d) after %ds\n' "$code" $((SECONDS - start)) >&2
  printf -- '--- the end of %s ---\n' "$log" >&2
  tail -n 80 "$log" >&2
  return "$code"
}

# build_preset <preset>: configures when that is needed, then builds.
build_preset() {
  local folder=build/$1
  # A configure that failed leaves a cache and no build.ninja; ninja itself notices
  # changed CMake files, but not changed presets.
  if [[ ! -e $folder/build.ninja || CMakePresets.json -nt $folder/CMakeCache.txt ]]; then
    step "configure $1" cmake --preset "$1"
    touch "$folder/CMakeCache.txt"
  fi
  step "build $1" cmake --build --preset "$1" -j "$jobs"
}

# test_preset <preset> [ctest argument...]: CTest's own summary is printed, the list of
# every test goes to the log. What failed has the last word: whoever reads the end of a
# long log reads why.
test_preset() {
  local preset=$1 code=0
  local log=build/logs/test-$preset.log
  shift
  step "test $preset" ctest --preset "$preset" "$@" || code=$?
  if ((code == 0)); then
    sed -n '/tests passed,/,$p' "$log"
    return 0
  fi
  printf -- '--- what the failed tests of %s said ---\n' "$log" >&2
  failed_tests <"$log" >&2
  return "$code"
}

# failed_tests: from CTest's output, the part of each test that did not pass.
failed_tests() {
  awk '/^ *[0-9]+\/[0-9]+ Test +#[0-9]+:/ { told = /\*\*\*/ && !/\*\*\*Skipped/ }
       /^ *Start +[0-9]+:/ || /tests passed,/ { told = 0 }
       told'
}
