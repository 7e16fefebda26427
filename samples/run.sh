#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Runs one of the samples in README.md, under the agent and Flight Recorder:
#
#   samples/run.sh leak|churn|slowaccept|fallback|pool
#
# Uses the JDK in JAVA_HOME, else that of the java in PATH; 17 or later. Builds what is missing.
# Exit code: 0 if it has shown the sample, 2 if the agent recorded no transitions, else 1.
set -eu

here=$(pwd)
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
name=run
story=${1:-}
# shellcheck source=samples/common.sh
. "$root/samples/common.sh"

case $story in
  leak) main=WeatherMap ;;
  churn) main=Exchange ;;
  slowaccept) main=TicketOffice ;;
  fallback) main=Replicas ;;
  pool) main=ReportServer ;;
  *) fail "unknown sample, use one of: leak churn slowaccept fallback pool" ;;
esac
ready

work=$root/samples/target/$story
rm -rf "$work"
mkdir -p "$work"
recording=$work/$story.jfr

# -Xlog keeps Flight Recorder's lines off the program's standard output.
status=0
"$JAVA_HOME/bin/java" -javaagent:"$jar=log=warn" -Xlog:jfr*=error \
  -XX:StartFlightRecording:filename="$recording" \
  -cp "$classes:$library" "dev.tcpstates.samples.$story.$main" </dev/null || status=$?
if [ $status -eq 2 ] && [ "$(id -u)" != 0 ]; then
  echo
  echo "If privileges are missing: sudo JAVA_HOME=$JAVA_HOME $0 $story"
fi
[ $status -eq 0 ] || exit $status
echo
echo "The recording: ${recording#"$here"/}"
