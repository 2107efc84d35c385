# shellcheck shell=bash
# ./byssus native-demo: the native stack in a network of its own, so that nothing of the machine changes.

native_demo_command() {
  no_arguments native-demo "$@"
  local lacks enter=(unshare --net)
  [[ $(id -u) == 0 ]] || enter=(unshare --user --map-root-user --net)
  lacks=$(lacks_native_demo)
  [[ -z $lacks ]] || fail "native-demo cannot run: $lacks"
  ensure_built examples
  # The network belongs to this process and its children, and is gone when they are.
  exec "${enter[@]}" bash "$ROOT/scripts/native-demo-steps.sh" "$JDK/bin/java" "$ROOT/config/jvm.options" "$EXAMPLES"
}

# What is missing, in words; nothing if nothing is. (enter is the caller's.)
lacks_native_demo() {
  local tool
  for tool in unshare:util-linux ip:iproute2 ss:iproute2 ping:iputils-ping nc:netcat-openbsd; do
    command -v "${tool%%:*}" > /dev/null || { echo "there is no ${tool%%:*} (Debian: ${tool#*:})"; return; }
  done
  [[ -c /dev/net/tun ]] || { echo "there is no /dev/net/tun (as root: modprobe tun)"; return; }
  (: <> /dev/net/tun) 2> /dev/null || { echo "/dev/net/tun may not be opened by this user"; return; }
  "${enter[@]}" true 2> /dev/null || echo "this user may not make a network namespace; root may"
}
