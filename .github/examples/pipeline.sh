#!/bin/sh
# The gate of a release, for any build server: judges a target, with its known
# violations excused, and compares the result with that of the last release.
#
#	pipeline.sh TARGET [LAST-REPORT]
#
# Exits as `countersign run` does, or, if that conforms, as `countersign diff` does: with
# 1 for a regression.
set -eu
target=$1
last=${2:-}
mkdir -p reports

set -- run --quiet --target "$target" --timeout 20m --report json=reports/countersign.json --report junit=reports/countersign.xml
if [ -f countersign-baseline.yaml ]; then set -- "$@" --baseline countersign-baseline.yaml; fi
code=0
countersign "$@" || code=$?

if [ -n "$last" ] && [ -f reports/countersign.json ]; then
	changed=0
	countersign diff "$last" reports/countersign.json || changed=$?
	if [ "$code" = 0 ]; then code=$changed; fi
fi
exit "$code"
