#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A step of a pipeline: runs one of the samples under the agent, and then checks its recording
# against the rules below. Writes a JUnit report.
#
#   samples/pipeline.sh leak|churn|slowaccept|fallback|pool
#
# Exit code: 0 if every rule is kept, 1 if one is broken, 2 if there was nothing to check.
set -eu

root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
name=pipeline
# shellcheck source=samples/common.sh
. "$root/samples/common.sh"

story=${1:-}
"$root/samples/run.sh" "$story" >/dev/null || exit 2
ready
work=samples/target/$story
exec "$JAVA_HOME/bin/java" -jar "$jar" check \
  --min-connections 1 --no-leaks --no-refused --max-resets 0 --max-connections-per-site 10 \
  --junit "$work/TEST-connections.xml" "$work/$story.jfr"
