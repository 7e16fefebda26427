#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Runs a small program that leaks connections, under the agent and Flight Recorder, and shows from
# the recording what its sockets did and which line of code opened those that leak.
#
# Uses the JDK in JAVA_HOME, else that of the java in PATH; 17 or later. Builds what is missing.
# Exit code: 0 if it has shown the recording, 2 if the agent recorded no transitions, else 1.
set -eu

here=$(pwd)
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
name=quickstart
work=$root/samples/target/quickstart
package=dev.tcpstates.samples.quickstart
# shellcheck source=samples/common.sh
. "$root/samples/common.sh"
ready

# --- Run -------------------------------------------------------------------------------------

service='' shop=''
clean_up() {
  # shellcheck disable=SC2086 # no argument for an empty one
  [ -z "$service$shop" ] || kill $service $shop 2>/dev/null || true
  wait
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# await PID NAME LINE: waits until the process has printed a line that starts with LINE
await() {
  tries=300
  until grep -q "^$3" "$work/$2.out"; do
    tries=$((tries - 1))
    if [ $tries -eq 0 ] || ! kill -0 "$1" 2>/dev/null; then
      cat "$work/$2.out" "$work/$2.err" >&2
      fail "$2 did not print \"$3\"; its output is above"
    fi
    sleep 0.1
  done
}

rm -rf "$work"
mkdir -p "$work"
touch "$work/service.out" "$work/shop.out"
recording=$work/quickstart.jfr

"$JAVA_HOME/bin/java" -cp "$classes" $package.PriceService \
  </dev/null >"$work/service.out" 2>"$work/service.err" &
service=$!
await $service service port
port=$(sed -n 's/^port //p' "$work/service.out")

# -Xlog keeps Flight Recorder's two lines at start off the program's standard output.
"$JAVA_HOME/bin/java" -javaagent:"$jar" -XX:StartFlightRecording -Xlog:jfr+startup=error \
  -cp "$classes" $package.LeakyShop "http://127.0.0.1:$port/" \
  </dev/null >"$work/shop.out" 2>"$work/shop.err" &
shop=$!
await $shop shop ready

# Now the peer has closed all connections, however slow this machine is.
kill $service
wait $service || true
service=''

"$JAVA_HOME/bin/jcmd" $shop JFR.dump filename="$recording" >"$work/jcmd.out" 2>&1 || {
  cat "$work/jcmd.out" >&2
  fail "jcmd $shop JFR.dump failed; its output is above"
}

# --- Show ------------------------------------------------------------------------------------

columns=''
if [ -t 1 ]; then
  { columns=$(stty size <&3 | cut -d ' ' -f 2); } 3>&1
fi

echo "LeakyShop asked a service for prices: $(head -n 1 "$work/shop.out")"
echo
status=0
"$JAVA_HOME/bin/java" -cp "$classes:$library" $package.Report "$recording" "${columns:-160}" || status=$?
if [ $status -eq 2 ] && [ "$(id -u)" != 0 ]; then
  echo
  echo "If privileges are missing: sudo JAVA_HOME=$JAVA_HOME $0"
fi
[ $status -eq 0 ] || exit $status
# Paths relative to the directory in which this was called.
cat <<END
The recording
  In JDK Mission Control: File > Open File, then Event Browser > TCP
  As text: jfr print --events tcpstates.StateChange ${recording#"$here"/}
  Of your program: java -javaagent:${jar#"$here"/} -XX:StartFlightRecording ...
END
