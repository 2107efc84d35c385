# shellcheck shell=bash
# ./byssus fuzz: Jazzer on what comes from a wire (fuzz-tests/), each target in a JVM of its own.
#
# What it finds is an input below fuzz-tests/src/test/resources: ./byssus test fuzz tries it again from then
# on. What it has learnt, the inputs that reach new code, stays in fuzz-tests/.cifuzz-corpus for the next time.

readonly FUZZ_TESTS=$ROOT/fuzz-tests
# The module, and no tests of those that it needs.
readonly FUZZ_OPTIONS=(-Pfuzz -pl fuzz-tests -am -Dbyssus.skip.unit=true -Dbyssus.skip.checks=true)

fuzz_command() { # [SECONDS] [TARGET...]
  local seconds=60 log=$STATE/fuzz.log ok=true
  if [[ ${1:-} =~ ^[0-9]+$ ]]; then
    seconds=$1
    shift
  fi
  ((seconds > 0)) || usage_error "fuzz needs a second at least, and got '$seconds'"
  check_fuzz_targets "$@"
  need_maven
  take_lock
  mkdir -p "$STATE"
  make_finding_folders
  say "fuzzing ${*:-every target}, $seconds s each (the log is ${log#"$ROOT"/}) ..."
  "${MAVEN[@]}" "${FUZZ_OPTIONS[@]}" -Dsurefire.failIfNoSpecifiedTests=false "-Dtest=$(fuzz_selection "$@")" \
    "-Dbyssus.fuzz.seconds=$seconds" "-Dbyssus.test.seconds.max=$((seconds + 300))" test 2>&1 | tee "$log" \
    | fuzz_progress || ok=false
  # Of the targets that nothing was found in.
  find "$FUZZ_TESTS/src/test/resources" -type d -empty -delete
  $ok || fail "a target failed: what it was given, if anything, is in fuzz-tests/src/test/resources, and the stack in ${log#"$ROOT"/}"
}

fuzz_targets() {
  find "$FUZZ_TESTS/src/test/java" -name '*Fuzz.java' -printf '%f\n' | sed 's/\.java$//' | LC_ALL=C sort
}

check_fuzz_targets() { # [TARGET...]
  local target known
  mapfile -t known < <(fuzz_targets)
  for target in "$@"; do
    [[ " ${known[*]} " == *" $target "* ]] || usage_error "'$target' is no fuzz target; there are: ${known[*]}"
  done
}

# As Maven's -Dtest wants them.
fuzz_selection() { # [TARGET...]
  local IFS=,
  echo "${*:-*Fuzz}"
}

# Jazzer keeps what it finds where there is a folder for it: package/ClassInputs/method.
make_finding_folders() {
  local source class method
  while read -r source; do
    class=${source#"$FUZZ_TESTS/src/test/java/"}
    method=$(awk '/@FuzzTest/ { found = 1; next } found { sub(/^ *void /, ""); sub(/\(.*/, ""); print; exit }' "$source")
    mkdir -p "$FUZZ_TESTS/src/test/resources/${class%.java}Inputs/$method"
  done < <(find "$FUZZ_TESTS/src/test/java" -name '*Fuzz.java')
}

# From Maven's and Jazzer's log: what is being fuzzed, how often it ran, what was found.
fuzz_progress() {
  sed -u -nE 's/\x1b\[[0-9;]*m//g
    s/^\[INFO\] Running .*\.([A-Za-z0-9]+)$/\1:/p
    s/^#[0-9]+\tDONE +cov: ([0-9]+).*/  \1 branches reached/p
    s/^Done ([0-9]+ runs in [0-9]+ second).*/  \1s/p
    s/.*Test unit written to (.*)/  found: \1/p
    /^\[ERROR\] .*(Fuzz|COMPILATION|Failed to execute)/p'
}
