#!/usr/bin/env bash
# timeout: 300
# Hangs on purpose, with a child in a session of its own that ignores TERM: cancel it.
echo 'waiting for something that never comes'
setsid bash -c 'trap "" TERM; while true; do sleep 1; done' &
while true; do sleep 1; done
