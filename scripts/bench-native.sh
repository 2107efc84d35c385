# `./byssus bench native`: the native stack over a TAP device beside the posix stack over a veth pair, each
# with the kernel's TCP as the other end, in turns. All processors' busy time is counted, interrupts too, so
# it includes the load generator's, which is the same for both. As root; namespaces are made and removed.
# shellcheck shell=bash disable=SC2154

readonly NATIVE_BENCH=byssus-bench
readonly NATIVE_BENCH_PEER=byssus-bench-peer

native_bench_cleanup() {
  local pid
  for pid in "${NATIVE_BENCH_PIDS[@]}"; do kill "$pid" 2> /dev/null || true; done
  wait 2> /dev/null || true
  ip netns delete "$NATIVE_BENCH" 2> /dev/null || true
  ip netns delete "$NATIVE_BENCH_PEER" 2> /dev/null || true
}

# Busy time of all processors since the start, in hundredths of a second.
busy_ticks() {
  awk '/^cpu /{ print $2 + $3 + $4 + $7 + $8 }' /proc/stat
}

native_bench_setup() {
  ip netns add "$NATIVE_BENCH"
  ip netns add "$NATIVE_BENCH_PEER"
  ip -n "$NATIVE_BENCH" link set lo up
  ip -n "$NATIVE_BENCH" tuntap add dev bys0 mode tap
  ip -n "$NATIVE_BENCH" addr add 10.99.0.1/24 dev bys0
  ip -n "$NATIVE_BENCH" link set bys0 up
  ip -n "$NATIVE_BENCH" link add veth0 type veth peer name veth1 netns "$NATIVE_BENCH_PEER"
  ip -n "$NATIVE_BENCH" addr add 10.98.0.1/24 dev veth0
  ip -n "$NATIVE_BENCH" link set veth0 up
  ip -n "$NATIVE_BENCH_PEER" addr add 10.98.0.2/24 dev veth1
  ip -n "$NATIVE_BENCH_PEER" link set veth1 up
}

native_bench_server() { # NAMESPACE OPTION...
  local namespace=$1
  shift
  ip netns exec "$namespace" "$JDK/bin/java" "@$ROOT/config/jvm.options" -jar "$EXAMPLES" echo --smp 1 "$@" \
    > /dev/null 2>&1 &
  NATIVE_BENCH_PIDS+=($!)
}

native_bench_round() { # NAME HOST PORT SIZE CONNECTIONS SECONDS PID
  local before after result
  ip netns exec "$NATIVE_BENCH" "$JDK/bin/java" --enable-native-access=ALL-UNNAMED \
    -cp "$BENCHMARKS/byssus-benchmarks.jar:$BENCHMARKS/lib/*" io.byssus.benchmarks.load.EchoLoad \
    --host "$2" --port "$3" --size "$4" --connections "$5" --seconds "$6" --warmup-seconds 3 \
    --server-pid "$7" --wait block > "$NATIVE_BENCH_OUT" &
  local load=$!
  sleep 5
  before=$(busy_ticks)
  sleep 1
  after=$(busy_ticks)
  wait "$load"
  result=$(grep '^result ' "$NATIVE_BENCH_OUT")
  awk -v name="$1" -v busy=$((after - before)) -v result="$result" 'BEGIN {
    n = split(result, figure, /[ =]/)
    for (i = 1; i < n; i++) value[figure[i]] = figure[i + 1]
    rate = value["requests"] / value["seconds"]
    printf "%-8s %9.0f /s  %6.2f us of all processors  %6.2f us of the server process  p99 %7.1f us\n",
      name, rate, busy * 10000 / rate, value["server_cpu_micros"], value["p99_micros"] }'
}

bench_native() { # [--size B] [--connections C] [--rounds N]
  local size=64 connections=64 rounds=3
  if [[ ${1:-} == --help ]]; then
    echo "usage: ./byssus bench native [--size BYTES] [--connections COUNT] [--rounds COUNT]"
    echo "An echo, as root: messages of --size bytes ($size) on --connections ($connections), --rounds times each ($rounds)."
    return
  fi
  while (($# > 1)); do
    case $1 in
      --size) size=$2 ;;
      --connections) connections=$2 ;;
      --rounds) rounds=$2 ;;
      *) break ;;
    esac
    shift 2
  done
  (($# == 0)) || usage_error "bench native: unknown option '$1' (--size, --connections, --rounds)"
  [[ $EUID == 0 ]] || fail 'bench native makes network namespaces: run it as root'
  ensure_built examples
  ensure_built benchmarks
  NATIVE_BENCH_PIDS=()
  NATIVE_BENCH_OUT=$(mktemp)
  trap native_bench_cleanup EXIT
  native_bench_setup
  native_bench_server "$NATIVE_BENCH" --port 1234 --network-stack native --device tap:bys0 \
    --host-ipv4-addr 10.99.0.2
  native_bench_server "$NATIVE_BENCH_PEER" --port 1234
  sleep 3
  local round
  for ((round = 1; round <= rounds; round++)); do
    native_bench_round native 10.99.0.2 1234 "$size" "$connections" 4 "${NATIVE_BENCH_PIDS[0]}"
    native_bench_round posix 10.98.0.2 1234 "$size" "$connections" 4 "${NATIVE_BENCH_PIDS[1]}"
  done
}
