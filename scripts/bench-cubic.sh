# `./byssus bench cubic`: one bulk connection under the kernel's CUBIC, in real time between two network
# namespaces that our own link code joins through a TAP device in each, beside one of the native stack over
# the same link code and from the same seeds in virtual time. As root; namespaces are made and removed.
# shellcheck shell=bash disable=SC2154

# One run does not touch another's.
readonly CUBIC_BENCH=byscb-$$

cubic_bench_cleanup() { # PAIRS
  local pair side
  for ((pair = 0; pair < $1; pair++)); do
    for side in s r; do ip netns delete "$CUBIC_BENCH-$side$pair" 2> /dev/null || true; done
  done
}

# No offloads (the relay opens the TAP without any, and there is no GSO above it), no memory of earlier
# connections, and nothing but IPv4 on the wire.
cubic_bench_namespace() { # NAME ADDRESS
  ip netns add "$1"
  ip netns exec "$1" sysctl -q -w net.ipv4.tcp_no_metrics_save=1 net.ipv6.conf.all.disable_ipv6=1 \
    net.ipv6.conf.default.disable_ipv6=1
  ip -n "$1" tuntap add dev bys0 mode tap
  ip -n "$1" addr add "$2/24" dev bys0
  ip -n "$1" link set bys0 gso_max_segs 1 up
}

bench_cubic() { # [--seeds N] [--seconds S] [--at-once N]
  local seeds=10 seconds=60 at_once=5 pair
  while (($# > 1)); do
    case $1 in
      --seeds) seeds=$2 ;;
      --seconds) seconds=$2 ;;
      --at-once) at_once=$2 ;;
      *) break ;;
    esac
    shift 2
  done
  (($# == 0)) || usage_error "bench cubic: unknown option '$1' (--seeds, --seconds, --at-once)"
  [[ $at_once =~ ^[1-9][0-9]?$ ]] || usage_error "bench cubic: --at-once is 1 to 99, and got '$at_once'"
  [[ $EUID == 0 ]] || fail 'bench cubic makes network namespaces: run it as root'
  ensure_built benchmarks
  # shellcheck disable=SC2064 # the number as it is now
  trap "cubic_bench_cleanup $at_once" EXIT
  for ((pair = 0; pair < at_once; pair++)); do
    cubic_bench_namespace "$CUBIC_BENCH-s$pair" 10.97.0.1
    cubic_bench_namespace "$CUBIC_BENCH-r$pair" 10.97.0.2
  done
  "$JDK/bin/java" -Djava.net.preferIPv4Stack=true --enable-native-access=ALL-UNNAMED \
    -XX:+UseSerialGC -Xmx512m -cp "$BENCHMARKS/byssus-benchmarks.jar:$BENCHMARKS/lib/*" \
    io.byssus.benchmarks.cubic.CubicComparison --namespaces "$CUBIC_BENCH" \
    --seeds "$seeds" --seconds "$seconds" --at-once "$at_once"
}
