#!/bin/sh
# no_spills.sh <canary object> <library with micro-kernels>...
#
# Wants that no innermost loop of multiply-adds in a register tile (tile_of, strip_of:
# the loop over the sum) keeps a vector on the stack, on any instruction set that is compiled in. A
# compiler that spills one accumulator or a row of B there halves the rate, and the
# results stay right: GCC 12 did, at 13 rows of 14, when two scalars were live across
# the loop. The canary has such a loop: a script that does not see it looks at nothing.
set -eu
command -v objdump > /dev/null || { echo "no objdump here"; exit 77; }
case $(uname -m) in x86_64) ;; *) echo "knows x86-64 only"; exit 77 ;; esac

# Prints each spill, then "<isa> <loops>" for every ISA, then "spills <count>".
look() {
  objdump -dC --no-show-raw-insn "$@" | awk '
    # Addresses as words of one width: awk has no hexadecimal numbers.
    function padded(hex) { return substr("0000000000000000" hex, length(hex) + 1) }
    function judge(    i, j, from, adds, inner) {
      for (i = 1; i <= lines; ++i) {
        if (back[i] == "" || back[i] > at[i] || back[i] < at[1]) continue
        adds = 0; inner = 1; from = i
        for (j = i; j >= 1 && at[j] >= back[i]; --j) {
          # A jump back from inside to inside: the loop around another.
          if (j < i && back[j] != "" && back[j] <= at[j] && back[j] >= back[i]) inner = 0
          if (text[j] ~ /vfn?m(add|sub)|\tvdpbf16ps |\taddp?ss? |\tmulp?ss? |\tv?addps |\tv?mulps /) ++adds
          from = j
        }
        if (!inner || adds < 2) continue
        ++loops[isa]
        if (isa == "AVX3" && name ~ /[^a-z]tile_of<4/) ++wide
        for (j = from; j <= i; ++j) {
          if (text[j] ~ /mov[a-z]+[0-9]* +%[xyz]mm[0-9]+,[-0-9a-fx]*\(%rsp/ ||
              (frame && text[j] ~ /mov[a-z]+[0-9]* +%[xyz]mm[0-9]+,[-0-9a-fx]*\(%rbp/)) {
            ++spills; print name; print text[j]
          }
        }
      }
      lines = 0
    }
    /^[0-9a-f]+ <.*>:$/ {
      if (lines) judge()
      name = $0; isa = ""; frame = 0
      if (name !~ /(tile|strip)_of</) next
      if (match(name, /N_(AVX3|AVX2|SSE4|SCALAR|EMU128)::/)) {
        isa = substr(name, RSTART + 2, RLENGTH - 4)
        # Without masked loads the last columns go through memory, lane by lane.
        if (isa !~ /AVX/ && name ~ /tile_of<[0-9]u?l*, true/) isa = ""
        # Without an instruction that widens f16 that is seven others and their constants,
        # which take the registers and the time.
        if (isa !~ /AVX/ && name ~ /strip_of<.*F16Row/) isa = ""
      }
      next
    }
    isa != "" && /^ *[0-9a-f]+:\t/ {
      ++lines
      split($1, address, ":")
      at[lines] = padded(address[1]); text[lines] = $0; back[lines] = ""
      if ($2 ~ /^j/ && $3 ~ /^[0-9a-f]+$/) back[lines] = padded($3)
      if ($0 ~ /mov +%rsp,%rbp/) frame = 1
    }
    END {
      if (lines) judge()
      for (isa in loops) print isa, loops[isa]
      print "wide", wide + 0
      print "spills", spills + 0
    }'
}

canary=$1
shift
look "$canary" | grep -q "^spills [1-9]" || { echo "the canary was not seen"; exit 1; }
found=$(look "$@")
echo "$found"
# Tiles of 1 to 14 rows and 1 to 4 vectors for AVX-512, fewer for the others: with fewer
# loops than that it looks at nothing. Those of four vectors, wide, leave three registers.
echo "$found" | awk '
  $1 == "AVX3" && $2 >= 100 { ++good }
  $1 == "wide" && $2 >= 6 { ++good }
  $1 == "AVX2" && $2 >= 50 { ++good }
  $1 == "SSE4" && $2 >= 30 { ++good }
  $1 == "spills" && $2 == 0 { ++good }
  END { exit good != 5 }'
