# ci/bars SOURCE SCRATCH, with an executable that writes down what it is asked to do:
# two parts of three, one run that fails.
set -eu
source=$1 scratch=$2
rm -rf "$scratch"
mkdir -p "$scratch/out"
cat > "$scratch/assay" <<'END'
#!/bin/sh
echo "$*" >> "$LOG"
case "$1 $2" in
  "bars --runs") printf 'one matmul 8x8x8\ntwo axpy 5,6\nthree axpy 7\n'; exit ;;
  "bars --lost") printf 'one matmul 2 8x8x8\ntwo axpy 1 6\n'; exit ;;
  bars*) echo "the table of $#"; exit ;;
esac
for last; do :; done
: > "$last"
case "$*" in *"--op axpy --shapes 7 --threads 2"*) exit 3 ;; esac
END
chmod +x "$scratch/assay"
export LOG=$scratch/log ASSAY=$scratch/assay
fail() {
  echo "$1" >&2
  cat "$LOG" >&2
  exit 1
}

"$source/ci/bars" "$scratch/out" one > "$scratch/text" 2> /dev/null || fail "one failed"
grep -qx "the table of 4" "$scratch/text" || fail "not the table of three files"
[ "$(grep -c "^compare .*--threads 2" "$LOG")" = 2 ] || fail "what was lost once is left so"
[ -e "$scratch/out/one-matmul-2-again.json" ] || fail "no file of what was lost"
grep -q "^compare --op matmul --shapes 8x8x8 --threads 1 .*onednn" "$LOG" ||
  fail "matmul is to be compared with oneDNN as well"
! grep -q axpy "$LOG" || fail "a part nobody asked for was measured"

code=0
"$source/ci/bars" "$scratch/out" three > "$scratch/text" 2> /dev/null || code=$?
[ "$code" = 3 ] || fail "exit $code where a run ended with 3"
grep -qx "the table of 6" "$scratch/text" || fail "no table of all files after a failure"

code=0
"$source/ci/bars" "$scratch/out" four > "$scratch/text" 2> "$scratch/errors" || code=$?
[ "$code" = 2 ] || fail "exit $code for a part that does not exist"
grep -q "one two three" "$scratch/errors" || fail "does not say which parts there are"
echo "as it should be"
