#!/bin/sh
# no_spills.sh <library with micro-kernels>...
#
# Wants that no register tile keeps a vector on the stack. A compiler that spills one
# accumulator or a row of B inside the k-loop halves the rate, and the results stay right:
# GCC 12 did, at 13 rows of 14, when two scalars were live across the loop.
set -eu
command -v objdump > /dev/null || { echo "no objdump here"; exit 77; }
case $(uname -m) in x86_64) ;; *) echo "knows x86-64 only"; exit 77 ;; esac

objdump -dC --no-show-raw-insn "$@" | awk '
  /^[0-9a-f]+ <.*>:$/ {
    inside = /N_AVX[23]::.*tile_of</
    if (inside) { ++tiles; name = $0 }
  }
  # An aligned store: C is written with unaligned ones.
  inside && /vmovap[sd] +%[yz]mm[0-9]+,[-0-9a-fx]*\(%r[sb]p\)/ {
    print name; print; ++spills
  }
  END {
    printf "%d tiles, %d vectors stored on the stack\n", tiles, spills
    # 14 of AVX-512 and 6 of AVX2: fewer means that this script looks at nothing.
    exit !(tiles >= 20 && spills == 0)
  }'
