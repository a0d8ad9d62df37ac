#!/usr/bin/env bash
# timeout: 120
# Writes a line on each stream four times a second for twenty seconds: open it in two tabs and reload one.
for n in $(seq 80); do
  echo "line $n"
  echo "remark $n" >&2
  sleep 0.25
done
