#!/bin/sh
# SPDX-License-Identifier: MIT
# ladder_page.sh <assay> <folder> <page> <op> <argument>...
# Writes <page> (printf's escapes) to <folder>/it/README.md, lets `assay ladder` write
# the ladder of <op> into it, prints the page and exits as assay did.
# Eight blocks: a busy machine drops some.
assay=$1
folder=$2
page=$3
op=$4
shift 4
rm -rf "$folder" && mkdir -p "$folder/it" && printf "$page" > "$folder/it/README.md" || exit 99
"$assay" ladder --device inline:// --threads 0 --processes 1 --blocks 8 --epoch-ms 0.2 \
  --op "$op" --write --pages "$folder" "$@"
code=$?
cat "$folder/it/README.md"
exit $code
