# shellcheck shell=bash
# What every part of ./byssus uses: messages, and the one lock of a checkout.

# Logs, reports and stamps of the script itself.
readonly STATE=$ROOT/.byssus

say() {
  echo "byssus: $*" >&2
}

fail() {
  say "$*"
  exit 1
}

# A wrong word on the command line.
usage_error() {
  say "$*"
  exit 2
}

no_arguments() { # COMMAND [ARGUMENT...]
  (($# == 1)) || usage_error "$1 takes no arguments, and got '$2'"
}

# Held while anything below the modules' target/ is written. Programs that ./byssus starts must not
# inherit it, or a server would keep others from building: release it before exec.
take_lock() {
  [[ -z ${BYSSUS_LOCK_HELD:-} ]] || return 0
  mkdir -p "$STATE"
  exec {LOCK}> "$STATE/lock"
  if ! flock --nonblock "$LOCK"; then
    say "waiting for another ./byssus in this checkout ..."
    flock "$LOCK"
  fi
}

release_lock() {
  [[ -z ${LOCK:-} ]] || exec {LOCK}>&-
  LOCK=
}

# The candidate that differs from WORD in at most two letters and least of all; nothing if there is none.
nearest() { # WORD CANDIDATE...
  local word=$1
  shift
  printf '%s\n' "$@" | awk -v word="$word" '
    function least(a, b) { return a < b ? a : b }
    function distance(s, t,    i, j, d) {
      for (i = 0; i <= length(s); i++) d[i, 0] = i
      for (j = 0; j <= length(t); j++) d[0, j] = j
      for (i = 1; i <= length(s); i++)
        for (j = 1; j <= length(t); j++) {
          d[i, j] = least(least(d[i - 1, j], d[i, j - 1]) + 1,
              d[i - 1, j - 1] + (substr(s, i, 1) != substr(t, j, 1)))
          if (i > 1 && j > 1 && substr(s, i - 1, 1) == substr(t, j, 1) && substr(s, i, 1) == substr(t, j - 1, 1))
            d[i, j] = least(d[i, j], d[i - 2, j - 2] + 1)
        }
      return d[length(s), length(t)]
    }
    BEGIN { best = 3 }
    { n = distance(word, $0); if (n < best && n < length(word)) { best = n; found = $0 } }
    END { if (found != "") print found }'
}
