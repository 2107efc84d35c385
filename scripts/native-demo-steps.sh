#!/usr/bin/env bash
# The steps of ./byssus native-demo, inside a network namespace of its own.

set -euo pipefail

readonly JAVA=$1 OPTIONS=$2 EXAMPLES=$3
readonly DEVICE=byssus0 KERNEL=10.99.0.1 NATIVE=10.99.0.2 PORT=1234
readonly START_SECONDS_MAX=20

SERVER=
LOG=$(mktemp)

clean_up() {
  if [[ -n $SERVER ]]; then
    kill -TERM "$SERVER" 2> /dev/null || true
    wait "$SERVER" 2> /dev/null || true
  fi
  rm -f "$LOG"
}

trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

step() {
  printf '\n%s\n' "$*"
}

# Shows a command, and what it prints, indented.
show() { # COMMAND [ARGUMENT...]
  echo "  \$ $*"
  "$@" 2>&1 | sed 's/^/    /'
}

broken() {
  echo "native-demo: $*" >&2
  sed 's/^/    /' "$LOG" >&2
  exit 1
}

await_start() {
  local deadline=$((SECONDS + START_SECONDS_MAX))
  until grep -q '^listening on' "$LOG"; do
    kill -0 "$SERVER" 2> /dev/null || broken "the server did not start:"
    ((SECONDS < deadline)) || broken "the server has not started after $START_SECONDS_MAX s:"
    sleep 0.1
  done
  sed 's/^/    /' "$LOG"
}

step "1. A network namespace with a TAP interface: a cable between the kernel ($KERNEL) and a program."
show ip link set dev lo up
show ip tuntap add dev $DEVICE mode tap
show ip addr add $KERNEL/24 dev $DEVICE
show ip link set dev $DEVICE up

step "2. The echo server on Byssus's own TCP/IP, at the other end of the cable ($NATIVE)."
arguments=(echo --smp 1 --network-stack native --device "tap:$DEVICE" --host-ipv4-addr "$NATIVE" --port "$PORT")
echo "  \$ ./byssus ${arguments[*]} &"
"$JAVA" "@$OPTIONS" -jar "$EXAMPLES" "${arguments[@]}" > "$LOG" 2>&1 &
SERVER=$!
await_start

step "3. The kernel has no socket for it: its list of listening TCP sockets is empty."
show ss -Hltn

step "4. The kernel pings it. The native stack answers ARP and ICMP."
show ping -n -c 3 -i 0.2 -W 5 $NATIVE

step "5. The kernel's TCP talks to ours: nc sends a line and gets it back."
echo "  \$ echo 'Hello, native stack' | nc -N $NATIVE $PORT"
answer=$(echo 'Hello, native stack' | nc -N -w 5 $NATIVE $PORT)
echo "    $answer"
[[ $answer == 'Hello, native stack' ]] || broken "that is not what was sent:"

step "6. Nobody listens on port 9, and the native stack says so."
echo "  \$ nc -v $NATIVE 9"
refused=$(nc -v -w 5 $NATIVE 9 2>&1 < /dev/null || true)
echo "    $refused"
[[ $refused == *refused* ]] || broken "that connection should have been refused:"

step "7. SIGTERM ends the server in order."
kill -TERM "$SERVER"
status=0
wait "$SERVER" || status=$?
SERVER=
echo "    exit code $status"
((status == 0)) || broken "it should have been 0:"

step "The namespace goes with its last process: nothing is left. docs/guide-native.md tells the rest."
