#!/usr/bin/env bash
# Runs Countersign as the inputs of action.yml say, which are in the environment as
# INPUT_*. Writes the reports, the summary of the job and the outputs, and exits as
# the run does. It works in any shell: without GITHUB_STEP_SUMMARY and GITHUB_OUTPUT
# it leaves them out.
set -euo pipefail

reports=${INPUT_REPORTS:-countersign-reports}
if [[ $reports == *$'\n'* ]]; then
	echo "reports is the name of a folder, in one line" >&2
	exit 2
fi
mkdir -p -- "$reports"
rm -f -- "$reports"/countersign.{json,html,sarif,xml,md} # none of an earlier run

args=(run --quiet)
for format in json=json html=html sarif=sarif junit=xml markdown=md; do
	args+=(--report "${format%=*}=$reports/countersign.${format#*=}")
done
# flag NAME VALUE adds a flag, if it has a value.
flag() { if [[ -n $2 ]]; then args+=("--$1=$2"); fi; }
flag target "${INPUT_TARGET:-}"
flag url "${INPUT_URL:-}"
flag function "${INPUT_FUNCTION:-}"
flag tier "${INPUT_TIER:-}"
flag baseline "${INPUT_BASELINE:-}"
flag catalogue "${INPUT_CATALOGUE:-}"
flag require "${INPUT_REQUIRE:-}"
flag min-judged "${INPUT_MIN_JUDGED:-}"
flag timeout "${INPUT_TIMEOUT:-}"
# switch NAME VALUE adds a flag without a value, if VALUE is true.
switch() {
	case ${2:-false} in
	true) args+=("--$1") ;;
	false) ;;
	*)
		echo "$1 is true or false, not $2" >&2
		exit 2
		;;
	esac
}
switch accept-probe "${INPUT_ACCEPT_PROBE:-}"
switch allow-remote "${INPUT_ALLOW_REMOTE:-}"
if [[ -n ${INPUT_SIGNING_KEY:-} ]]; then export INNGEST_SIGNING_KEY=$INPUT_SIGNING_KEY; fi # otherwise that of the job
if [[ -n ${INPUT_SIGNING_KEY_FALLBACK:-} ]]; then export INNGEST_SIGNING_KEY_FALLBACK=$INPUT_SIGNING_KEY_FALLBACK; fi
if [[ -z ${INPUT_TARGET:-} && -z ${INPUT_URL:-} ]]; then
	echo "give target or url" >&2 # otherwise the embedded reference would be judged, and conform
	exit 2
fi

code=0
"${COUNTERSIGN:-countersign}" "${args[@]}" || code=$?

verdict=
if [[ -f $reports/countersign.json ]]; then
	verdict=$(sed -n '/"conclusion": {/,/}/s/^ *"verdict": "\([a-z ]*\)",$/\1/p' "$reports/countersign.json" | head -n 1)
	if [[ -n ${GITHUB_STEP_SUMMARY:-} ]]; then cat -- "$reports/countersign.md" >>"$GITHUB_STEP_SUMMARY"; fi
fi
if [[ -n ${GITHUB_OUTPUT:-} ]]; then
	{
		echo "verdict=$verdict"
		echo "exit-code=$code"
		echo "reports=$reports"
	} >>"$GITHUB_OUTPUT"
fi
exit "$code"
