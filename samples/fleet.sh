#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Starts the node program, six JVMs with the agent, one of them with a bad configuration, and a
# Prometheus that scrapes the node program, and asks Prometheus which JVM and which line of code is to
# blame:
#
#   samples/fleet.sh
#
# Run it as root. Needs prometheus and promtool in PATH (Debian: apt-get install prometheus). Uses the
# JDK in JAVA_HOME, else that of the java in PATH; 17 or later. Builds what is missing. Ends all it
# started.
set -eu

root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
name=fleet
# shellcheck source=samples/common.sh
. "$root/samples/common.sh"

for tool in prometheus promtool; do
  command -v $tool >/dev/null || fail "no $tool in PATH (Debian: apt-get install prometheus)"
done
[ "$(id -u)" = 0 ] || fail "run it as root: the node program loads BPF programs"
ready

work=$root/samples/target/fleet
! mountpoint -q "$work/bpf" || umount -l "$work/bpf"
rm -rf "$work"
mkdir -p "$work/bpf"

pids=
end() {
  # shellcheck disable=SC2086 # one word per process
  [ -z "$pids" ] || kill $pids 2>/dev/null || true
  wait
  # The node program's BPF programs end with their file system.
  ! mountpoint -q "$work/bpf" || umount -l "$work/bpf"
}
trap end EXIT
trap 'exit 130' INT TERM

# await SECONDS COMMAND...: whether the command succeeds before that
await() {
  left=$(($1 * 2))
  shift
  until "$@" >/dev/null 2>&1; do
    left=$((left - 1))
    [ $left -gt 0 ] || return 1
    sleep 0.5
  done
}

mount -t bpf bpf "$work/bpf"
"$JAVA_HOME/bin/java" -Xmx128m -jar "$jar" node --socket "$work/node.sock" \
  --pins "$work/bpf/tcpstates" --metrics 127.0.0.1:0 </dev/null >"$work/node.log" 2>&1 &
pids="$pids $!"
await 60 grep -q "^listening at" "$work/node.log" || {
  cat "$work/node.log" >&2
  fail "the node program does not start"
}
# It logs the port that it was given.
target=$(sed -n 's|.*metrics are served at http://\([^/]*\)/.*|\1|p' "$work/node.log")

shops="shop-1 shop-2 shop-3 shop-4 shop-5 shop-6"
for shop in $shops; do
  keepAlive=true
  [ "$shop" != shop-4 ] || keepAlive=false
  "$JAVA_HOME/bin/java" -Xmx128m -DkeepAlive=$keepAlive \
    -javaagent:"$jar=source=node,node=$work/node.sock,required=true,metrics=on" \
    -cp "$classes" dev.tcpstates.samples.fleet.Shop "$work/service" \
    </dev/null >"$work/$shop.out" 2>"$work/$shop.err" &
  pids="$pids $!"
  echo "$! $shop" >>"$work/pids"
done

config=$work/prometheus.yml
cat >"$config" <<END
global:
  scrape_interval: 2s
scrape_configs:
  - job_name: tcpstates
    static_configs:
      - targets: ["$target"]
END

# The first port that is free.
for port in 19090 19091 19092 19093 19094 19095 19096 19097 19098 19099; do
  prometheus --config.file="$config" --storage.tsdb.path="$work/data" \
    --web.listen-address=127.0.0.1:$port --log.level=warn \
    </dev/null >"$work/prometheus.log" 2>&1 &
  server=$!
  url=http://127.0.0.1:$port
  ready=no
  while kill -0 $server 2>/dev/null; do
    # If another program has the port, this Prometheus ends.
    if [ "$(promtool query instant $url 'up == 1' 2>/dev/null)" ] &&
      sleep 1 && kill -0 $server 2>/dev/null; then
      ready=yes
      break
    fi
    sleep 0.5
  done
  [ "$ready" = no ] || break
done
pids="$pids $server"
[ "$ready" = yes ] || {
  cat "$work/prometheus.log" >&2
  fail "Prometheus does not start"
}

# query EXPRESSION: the lines "{label="value", ...} => value @[time]"
query() {
  promtool query instant "$url" "$1"
}
# label NAME, and value: of the lines of a query
label() {
  sed -n "s/.*[{ ]$1=\"\([^\"]*\)\".*/\1/p"
}
value() {
  sed -n 's/.* => \([^ ]*\) @.*/\1/p'
}

# The shops wait for the file with the service's port.
"$JAVA_HOME/bin/java" -Xmx128m -cp "$classes" dev.tcpstates.samples.fleet.PriceService "$work/service" \
  </dev/null >"$work/service.out" 2>&1 &
pids="$pids $!"
echo "Six JVMs ask for 23000 prices each ..."
for shop in $shops; do
  await 300 grep -q prices "$work/$shop.out" || fail "$shop has no end; see $work/$shop.err"
done
# The agent looks at the sockets every 10 s, and Prometheus asks every 2 s.
opened='count(sum by (process_pid) (tcpstates_site_opened_total) > 0) == 6'
# shellcheck disable=SC2016 # $1 is the inner shell's
await 60 sh -c '[ "$(promtool query instant "$0" "$1")" ]' "$url" "$opened" ||
  fail "Prometheus has no values of the six JVMs"
sleep 12

timeWait='tcpstates_socket_count{network_connection_state="time_wait"}'
# shop PID
shop() {
  sed -n "s/^$1 //p" "$work/pids"
}
echo
echo "JVM           PID  TIME_WAIT"
query "sort_desc($timeWait)" | while read -r line; do
  pid=$(echo "$line" | label process_pid)
  printf '%-8s %8s %10s\n' "$(shop "$pid")" "$pid" "$(echo "$line" | value)"
done

worst=$(query "topk(1, $timeWait)" | label process_pid)
site=$(query "topk(1, tcpstates_site_opened_total{process_pid=\"$worst\",code_function_name!=\"_OTHER\"})")
echo
echo "$(shop "$worst") has the most. Most of its sockets, $(echo "$site" | value), were opened by"
echo "$(echo "$site" | label code_function_name):$(echo "$site" | label code_line_number)"
