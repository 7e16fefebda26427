#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Measures what the agent costs, side by side with no tracing, Flight Recorder alone and bcc's
# tcpstates. Builds what is missing; needs root and the programs below. See run.sh --help.
set -euo pipefail

fail() {
  echo "benchmarks: $1" >&2
  exit 1
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
jar=$root/agent/target/tcpstates-agent.jar
target=$here/target

# --- What it needs -----------------------------------------------------------------------------

[ "$(id -u)" = 0 ] || fail "run it as root: it loads BPF programs and makes network namespaces"
for program in unshare:util-linux nsenter:util-linux setpriv:util-linux ip:iproute2 \
  tcpstates:libbpf-tools bpftool:bpftool wrk:wrk javac:default-jdk-headless mvn:maven; do
  command -v "${program%:*}" >/dev/null ||
    fail "there is no ${program%:*}; install it (Debian: apt-get install ${program#*:})"
done

# --- Build what is missing, or older than its sources ------------------------------------------

# fresh FILE SOURCE...: whether FILE is there and nothing in SOURCE... is newer
fresh() {
  local file=$1
  shift
  [ -e "$file" ] && [ -z "$(find "$@" -type f -newer "$file" -print -quit)" ]
}

# build WHAT COMMAND...: runs the command, and shows its output if it fails
build() {
  echo "Building $1 ..." >&2
  shift
  mkdir -p "$target"
  "$@" </dev/null >"$target/build.log" 2>&1 || {
    cat "$target/build.log" >&2
    fail "the build failed; its output is above"
  }
}

compile() { # TO CLASS_PATH FROM ARGUMENT...
  local to=$1 class_path=$2 from=$3
  shift 3
  rm -rf "$to"
  mkdir -p "$to"
  find "$from" -name '*.java' -exec javac --release 17 "$@" -cp "$class_path" -d "$to" {} + &&
    touch "$to/compiled"
}

cd "$root"
if ! fresh "$jar" pom.xml agent/pom.xml agent/src/main bpf/pom.xml bpf/build.sh bpf/src/main \
  jfr-events/pom.xml jfr-events/src/main; then
  build "the agent" mvn -B -pl agent -am package -DskipTests -Dformat.skip
  touch "$jar" # Maven does not write an unchanged jar
fi
if ! fresh "$target/fetched" "$here/pom.xml" pom.xml; then
  rm -rf "$target/libraries" "$target/agents"
  build "the libraries" mvn -B -f "$here/pom.xml" process-resources
  touch "$target/fetched"
fi
if ! fresh "$target/classes/compiled" "$here/src/main"; then
  build "the benchmarks" compile "$target/classes" "$target/libraries/*" "$here/src/main" \
    -Xlint:all -Werror -proc:none
  build "the empty agent" jar --create --file "$target/empty-agent.jar" \
    --manifest "$here/src/main/empty-agent.mf" -C "$target/classes" \
    dev/tcpstates/benchmarks/load/EmptyAgent.class
fi
inside=$root/agent/target/classes:$root/jfr-events/target/classes
if ! fresh "$target/jmh/compiled" "$here/src/jmh" "$jar"; then
  build "the JMH benchmarks" compile "$target/jmh" "$inside:$target/libraries/*" "$here/src/jmh" \
    -processor org.openjdk.jmh.generators.BenchmarkProcessor
fi

# --- Run ---------------------------------------------------------------------------------------

exec java -Dbenchmarks.folder="$here" -cp "$target/classes:$target/libraries/*" \
  dev.tcpstates.benchmarks.Benchmarks "$@"
