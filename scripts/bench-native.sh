# `./byssus bench native`: the native stack over a TAP device beside the posix stack over a veth pair, each
# with the kernel's TCP as the other end, in turns. All processors' busy time is counted, interrupts too, so
# it includes the load generator's, which is the same for both. As root; namespaces are made and removed.
# shellcheck shell=bash disable=SC2154

# One run does not touch another's, nor stumble over what is left of one that was killed.
readonly NATIVE_BENCH=byssus-bench-$$
readonly NATIVE_BENCH_PEER=byssus-bench-peer-$$

native_bench_usage() {
  cat << 'END'
usage: ./byssus bench native [WORKLOAD…] [options], as root
  echo       a closed loop of messages: CPU per request, p99
  bulk       one connection kept full, to the server and from it, with segmentation offload and without
  connect    connections opened, answered with a line and closed
All three when none is named.
  --size B         bytes per message of echo, default 64
  --connections C  connections at once of echo, default 64
  --seconds S      length of a measurement, default 4
  --rounds N       how often everything is measured, in turns, default 3
END
}

native_bench_cleanup() {
  local pid
  for pid in "${NATIVE_BENCH_PIDS[@]}"; do kill "$pid" 2> /dev/null || true; done
  wait 2> /dev/null || true
  ip netns delete "$NATIVE_BENCH" 2> /dev/null || true
  ip netns delete "$NATIVE_BENCH_PEER" 2> /dev/null || true
  rm -f "$NATIVE_BENCH_OUT"
}

# One TAP with segmentation offload (bys0, 10.99.0.2), one without (bys1, 10.97.0.2), one veth (10.98.0.2).
native_bench_setup() {
  ip netns add "$NATIVE_BENCH"
  ip netns add "$NATIVE_BENCH_PEER"
  ip -n "$NATIVE_BENCH" link set lo up
  local tap
  for tap in bys0:10.99.0.1 bys1:10.97.0.1; do
    ip -n "$NATIVE_BENCH" tuntap add dev "${tap%:*}" mode tap
    ip -n "$NATIVE_BENCH" addr add "${tap#*:}/24" dev "${tap%:*}"
    ip -n "$NATIVE_BENCH" link set "${tap%:*}" up
  done
  ip -n "$NATIVE_BENCH" link add veth0 type veth peer name veth1 netns "$NATIVE_BENCH_PEER"
  ip -n "$NATIVE_BENCH" addr add 10.98.0.1/24 dev veth0
  ip -n "$NATIVE_BENCH" link set veth0 up
  ip -n "$NATIVE_BENCH_PEER" addr add 10.98.0.2/24 dev veth1
  ip -n "$NATIVE_BENCH_PEER" link set veth1 up
}

# Becomes the program: to be called in a subshell of its own.
native_bench_java() { # NAMESPACE ARGUMENT...
  exec ip netns exec "$1" "$JDK/bin/java" "@$ROOT/config/jvm.options" \
    --add-opens=java.base/java.lang=ALL-UNNAMED --enable-native-access=ALL-UNNAMED \
    -cp "$BENCHMARKS/byssus-benchmarks.jar:$BENCHMARKS/lib/*" "${@:2}"
}

native_bench_await() { # ADDRESS
  local attempt
  for ((attempt = 0; attempt < 300; attempt++)); do
    timeout 1 ip netns exec "$NATIVE_BENCH" bash -c "exec 3<> /dev/tcp/$1/1234" 2> /dev/null && return
    sleep 0.1
  done
  fail "the server on $1 does not answer"
}

# The same program thrice: over TAP with offload, over TAP without, and on the kernel's TCP over veth.
native_bench_servers() { # ARGUMENT...
  NATIVE_BENCH_PIDS=()
  local native=(--network-stack native --host-ipv4-addr)
  native_bench_java "$NATIVE_BENCH" "$@" "${native[@]}" 10.99.0.2 --device tap:bys0 > /dev/null 2>&1 &
  NATIVE_BENCH_PIDS+=($!)
  native_bench_java "$NATIVE_BENCH" "$@" "${native[@]}" 10.97.0.2 --device tap:bys1 --tso off > /dev/null 2>&1 &
  NATIVE_BENCH_PIDS+=($!)
  native_bench_java "$NATIVE_BENCH_PEER" "$@" > /dev/null 2>&1 &
  NATIVE_BENCH_PIDS+=($!)
  local address
  for address in 10.99.0.2 10.97.0.2 10.98.0.2; do native_bench_await "$address"; done
}

native_bench_stop() {
  local pid
  for pid in "${NATIVE_BENCH_PIDS[@]}"; do kill "$pid" 2> /dev/null || true; done
  wait "${NATIVE_BENCH_PIDS[@]}" 2> /dev/null || true
  NATIVE_BENCH_PIDS=()
}

# One line per measurement: what, then the chosen figures of the load's result line.
native_bench_measure() { # TITLE SERVER FIGURES LOAD OPTION...
  local titles=(native "native, no TSO" posix) hosts=(10.99.0.2 10.97.0.2 10.98.0.2)
  (native_bench_java "$NATIVE_BENCH" "io.byssus.benchmarks.load.$4" --host "${hosts[$2]}" --port 1234 \
    --server-pid "${NATIVE_BENCH_PIDS[$2]}" "${@:5}") > "$NATIVE_BENCH_OUT"
  awk -v title="$1, ${titles[$2]}" -v names="$3" '/^result / {
    for (i = 2; i <= NF; i++) { split($i, pair, "="); value[pair[1]] = pair[2] }
    line = sprintf("%-28s", title)
    count = split(names, name, " ")
    for (i = 1; i <= count; i++) line = line sprintf("  %s %9.2f", name[i], value[name[i]])
    print line }' "$NATIVE_BENCH_OUT"
}

native_bench_echo() {
  native_bench_servers -jar "$EXAMPLES" echo --smp 1 --port 1234
  local round server
  for ((round = 1; round <= rounds; round++)); do
    for server in 0 2; do
      native_bench_measure "echo $size B@$connections" "$server" \
        'requests busy_micros server_cpu_micros p50_micros p99_micros' EchoLoad --size "$size" \
        --connections "$connections" --seconds "$seconds" --warmup-seconds 3 --wait block
    done
  done
  native_bench_stop
}

native_bench_bulk() {
  native_bench_servers io.byssus.benchmarks.stack.BulkServer --smp 1 --port 1234
  local round server direction
  for ((round = 1; round <= rounds; round++)); do
    for direction in to_server from_server; do
      for server in 0 1 2; do
        native_bench_measure "bulk $direction" "$server" \
          'gbit_per_second busy_nanos_per_byte server_nanos_per_byte' BulkLoad --direction "$direction" \
          --seconds "$seconds" --warmup-seconds 3
      done
    done
  done
  native_bench_stop
}

native_bench_connect() {
  native_bench_servers -jar "$EXAMPLES" hello --smp 1 --port 1234
  local round server
  for ((round = 1; round <= rounds; round++)); do
    for server in 0 2; do
      native_bench_measure connect "$server" 'connections_per_second busy_micros server_micros' ConnectLoad \
        --connections 16 --seconds "$seconds" --warmup-seconds 3
    done
  done
  native_bench_stop
}

bench_native() { # [WORKLOAD...] [OPTION...]
  local size=64 connections=64 rounds=3 seconds=4 workloads=()
  while (($# > 0)); do
    case $1 in
      echo | bulk | connect) workloads+=("$1") ;;
      -h | --help) native_bench_usage && return ;;
      --size | --connections | --rounds | --seconds)
        [[ ${2:-} =~ ^[1-9][0-9]{0,6}$ ]] || usage_error "bench native: $1 needs a whole number above 0"
        printf -v "${1#--}" %s "$2"
        shift
        ;;
      *) usage_error "bench native: unknown argument '$1'; ./byssus bench native --help shows what there is" ;;
    esac
    shift
  done
  ((${#workloads[@]} > 0)) || workloads=(echo bulk connect)
  [[ $EUID == 0 ]] || fail 'bench native makes network namespaces: run it as root'
  ensure_built examples
  ensure_built benchmarks
  NATIVE_BENCH_PIDS=()
  NATIVE_BENCH_OUT=$(mktemp)
  trap native_bench_cleanup EXIT
  trap 'exit 130' INT TERM
  native_bench_setup
  local workload
  for workload in "${workloads[@]}"; do "native_bench_$workload"; done
}
