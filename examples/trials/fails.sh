#!/usr/bin/env bash
# timeout: 30
# Fails on purpose, to see what a failed run looks like.
echo '::step prepare::'
echo 'everything is prepared'
echo '::step work::'
echo 'error: the database refused the connection' >&2
exit 3
