#!/bin/sh
# SPDX-License-Identifier: MIT
# gate_history.sh <assay> <folder> <record>
# Reads a recorded session twice with --history, then counts the lines of the history.
assay=$1
folder=$2
record=$3
rm -rf "$folder" || exit 99
for time in first second; do
  "$assay" gate --from "$record" --baselines "$folder/none" --history "$folder" || exit
done
echo "lines: $(cat "$folder"/*.jsonl | wc -l)"
