# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2154,SC2034 # the script that sources it sets and uses them
#
# Functions of the samples' scripts, which source this file. $root is the repository, $name the
# script's name.

fail() {
  echo "$name: $1" >&2
  exit 1
}

jar=$root/agent/target/tcpstates-agent.jar
classes=$root/samples/target/classes
library=$root/jfr-events/target/classes
report=$classes/dev/tcpstates/samples/quickstart/Report.class

# fresh FILE SOURCE...: whether FILE is there and nothing in SOURCE... is newer
fresh() {
  file=$1
  shift
  [ -e "$file" ] && [ -z "$(find "$@" -type f -newer "$file" -print -quit)" ]
}

# Finds the JDK, and builds what is missing or older than its sources.
ready() {
  if [ -z "${JAVA_HOME:-}" ]; then
    java=$(command -v java) || fail "no java in PATH; a JDK 17 or later is needed (set JAVA_HOME)"
    JAVA_HOME=$(dirname "$(dirname "$(readlink -f "$java")")")
  fi
  export JAVA_HOME
  [ -x "$JAVA_HOME/bin/jcmd" ] || fail "no JDK in $JAVA_HOME (no bin/jcmd); set JAVA_HOME"
  feature=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$JAVA_HOME/release")
  [ "${feature:-0}" -ge 17 ] || fail "JDK ${feature:-?} in $JAVA_HOME; 17 or later is needed"

  cd "$root" || exit 1
  if ! fresh "$jar" pom.xml agent/pom.xml agent/src/main bpf/pom.xml bpf/build.sh bpf/src/main \
      jfr-events/pom.xml jfr-events/src/main ||
    ! fresh "$report" samples/pom.xml samples/src/main; then
    command -v mvn >/dev/null || fail "the samples are not built, and there is no mvn in PATH"
    echo "Building (the first time takes a minute) ..."
    log=$(mktemp)
    mvn -B -pl agent,samples -am package -DskipTests -Dformat.skip -Dstyle.color=never \
      </dev/null >"$log" 2>&1 || {
      cat "$log" >&2
      fail "the build failed; its output is above and in $log"
    }
    rm "$log"
    touch "$jar" "$report" # Maven does not write unchanged files
  fi

  # Most installations have it, since iproute2 needs it; containers may not.
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null &&
    ! /sbin/ldconfig -p | grep -q 'libbpf\.so\.1 '; then
    echo "Installing libbpf1 ..."
    { apt-get -qq update && apt-get -qq install -y libbpf1; } </dev/null >/dev/null ||
      fail "apt-get could not install libbpf1"
  fi
}
