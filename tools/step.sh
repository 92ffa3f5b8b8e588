#!/bin/sh
# Runs one step of make and prints a line with its seconds; its output only when it fails, or with V=1.
# Use: step.sh "what it does" command arguments...
name=$1; shift
began=$(date +%s)
printf '%-52s ' "- $name"
if [ "${V:-0}" = 1 ]; then
    echo; "$@"; code=$?
else
    output=$("$@" 2>&1 </dev/null); code=$?
fi
seconds=$(( $(date +%s) - began ))
if [ $code -eq 0 ]; then
    echo "${seconds} s"
else
    echo "FAILED after ${seconds} s: $*"
    [ "${V:-0}" = 1 ] || printf '%s\n' "$output"
fi
exit $code
