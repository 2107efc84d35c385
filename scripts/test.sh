# shellcheck shell=bash
# ./byssus test: the groups, one after the other, each within its time budget.
#
# A group's tests are found by their JUnit tag, written literally in the test: @Tag("root") for what needs
# root, @Tag("tun") for what needs /dev/net/tun, @Tag("containers") for what needs Docker, @Tag("soak") for what
# takes long (--full runs these too).
# Tests without these tags are the groups `unit` (beside the classes) and `integration` (integration-tests/).
# To add a group: a line in BUDGET and GROUPS_IN_ORDER, and a function group_NAME; if it needs something of
# the machine, a function lacks_NAME that says what is missing.

readonly GROUPS_IN_ORDER=(checks unit integration stress fuzz root tun containers)
# Seconds. --full has ten times as much.
declare -rA BUDGET=([checks]=300 [unit]=600 [integration]=900 [stress]=600 [fuzz]=120 [root]=300 [tun]=300
  [containers]=900)
readonly LOGS=$STATE/test

# Of the group that runs.
GROUP=
RUN=0 FAILURES=0 ERRORS=0 SKIPPED=0
DEADLINE=0
# Why it did not run; empty when it did.
NOT_RUN=
OUT_OF_TIME=false
# Of all groups.
SUM_RUN=0 SUM_FAILURES=0 SUM_ERRORS=0 SUM_SKIPPED=0
SUMMARY=()
FULL=false
SEED=
# The command within a budget; it leads a process group of its own.
RUNNING=

test_command() { # [--full] [GROUP...]
  local chosen=() required=() group
  read_test_arguments "$@"
  read_required
  choose_seed
  need_maven
  take_lock
  # Tests may start ./byssus themselves.
  export BYSSUS_LOCK_HELD=1
  trap finish_tests EXIT
  trap 'exit 130' INT TERM
  rm -rf "$LOGS"
  mkdir -p "$LOGS"
  for group in "${chosen[@]}"; do run_group "$group"; done
  report
}

# Sets chosen (of the caller) and FULL.
read_test_arguments() {
  local word
  for word in "$@"; do
    if [[ $word == --full ]]; then
      FULL=true
    elif is_group "$word"; then
      chosen+=("$word")
    else
      usage_error "'$word' is no test group; there are: ${GROUPS_IN_ORDER[*]} (and --full)"
    fi
  done
  ((${#chosen[@]} > 0)) || chosen=("${GROUPS_IN_ORDER[@]}")
}

# Sets required (of the caller): the groups that must not be left out.
read_required() {
  local words=${BYSSUS_REQUIRE:-} word
  read -ra required <<< "${words//,/ }"
  for word in "${required[@]}"; do
    is_group "$word" || usage_error "BYSSUS_REQUIRE names '$word', which is no test group; there are: ${GROUPS_IN_ORDER[*]}"
  done
}

is_group() { # WORD
  [[ " ${GROUPS_IN_ORDER[*]} " == *" $1 "* ]]
}

is_required() { # GROUP
  [[ " ${required[*]} " == *" $1 "* ]]
}

choose_seed() {
  SEED=${BYSSUS_SEED:-$(sed -nE 's|.*<byssus.seed>([0-9]+)</byssus.seed>.*|\1|p' "$ROOT/pom.xml")}
  if $FULL && [[ -z ${BYSSUS_SEED:-} ]]; then
    SEED=$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')
  fi
  say "seed $SEED (BYSSUS_SEED=$SEED repeats this run)"
}

# ---- one group -------------------------------------------------------------------------------------

run_group() { # GROUP
  local budget=${BUDGET[$1]} started=$SECONDS ok=true
  GROUP=$1 RUN=0 FAILURES=0 ERRORS=0 SKIPPED=0 NOT_RUN= OUT_OF_TIME=false
  if $FULL; then budget=$((budget * 10)); fi
  DEADLINE=$((SECONDS + budget))
  say "test group $1 (at most $budget s) ..."
  "group_$1" || ok=false
  conclude_group $ok $((SECONDS - started))
}

# One line for the summary; the sums.
conclude_group() { # OK SECONDS
  local ok=$1 line floor
  floor=$(awk -v group="$GROUP" '$1 == group { print $2 }' "$ROOT/config/test-floor")
  if [[ -n $NOT_RUN && $NOT_RUN != "$NO_TESTS" ]]; then
    line="not run: $NOT_RUN"
    if is_required "$GROUP"; then
      ok=false
      line="FAILED, not run but required: $NOT_RUN"
    fi
  elif $OUT_OF_TIME; then
    line="FAILED: out of time after $2 s ($(tests "$RUN") had ended); what its fibers did is in ${LOGS#"$ROOT"/}"
  elif ((FAILURES + ERRORS > 0)); then
    ok=false
    line="FAILED: $((FAILURES + ERRORS)) of $(tests "$RUN") ($2 s)"
  elif ! $ok; then
    line="FAILED (the log is above, and in ${LOGS#"$ROOT"/}/$GROUP.log)"
  elif ((RUN - SKIPPED < ${floor:-0})); then
    ok=false
    line="FAILED: $(tests $((RUN - SKIPPED))) ran, and config/test-floor says that there are at least $floor"
  elif [[ -n $NOT_RUN ]]; then
    line="not run: $NOT_RUN"
  elif ((RUN == 0)); then
    line="passed ($2 s)"
  else
    line="passed $(tests $((RUN - SKIPPED)))"
    if ((SKIPPED > 0)); then line+=", skipped $SKIPPED"; fi
    line+=" ($2 s)"
  fi
  if ! $ok; then
    show_log
    show_failures
    # A group that fails without a failing test is an error of its own in the sums.
    ((FAILURES + ERRORS > 0)) || ERRORS=1
  fi
  SUMMARY+=("$(printf '%-12s %s' "$GROUP" "$line")")
  say "${SUMMARY[-1]}"
  SUM_RUN=$((SUM_RUN + RUN)) SUM_FAILURES=$((SUM_FAILURES + FAILURES))
  SUM_ERRORS=$((SUM_ERRORS + ERRORS)) SUM_SKIPPED=$((SUM_SKIPPED + SKIPPED))
}

tests() { # COUNT
  if (($1 == 1)); then echo "1 test"; else echo "$1 tests"; fi
}

# What a reader needs of a failed group's log.
show_log() {
  local log=$LOGS/$GROUP.log
  [[ -f $log ]] || return 0
  say "---- the end of ${log#"$ROOT"/} ----"
  without_maven_chatter "$log" | grep -vE \
    '^\[INFO\] (---|skip |Nothing |Copying |Recompiling |Rule |Using auto)|overwritten by user properties|junit-platform.properties' | tail -n 300 >&2 || true
  if $OUT_OF_TIME; then tail -n 200 "$LOGS/$GROUP"-*-fibers.txt >&2 || true; fi
  say "---- end of the log ----"
}

# What the failed tests of the group said, shortened.
show_failures() {
  local file
  while read -r file; do
    say "---- ${file#"$ROOT"/} ----"
    cut -c -400 "$file" | grep -v "^\s*at \(java\.base\|org\.junit\|org\.apache\|jdk\)" | head -n 250 >&2 || true
  done < <(grep -lE "<<< (FAILURE|ERROR)!" "$ROOT"/*/target/test-reports/"$GROUP"/*.txt 2> /dev/null)
}

report() {
  local verdict=0
  echo
  printf '%s\n' "${SUMMARY[@]}"
  if ((SUM_RUN == 0 && SUM_ERRORS == 0)) && [[ ${chosen[*]} != checks ]]; then
    echo "no test ran, and that is a failure"
    verdict=1
  fi
  ((SUM_FAILURES + SUM_ERRORS == 0)) || verdict=1
  echo
  echo "Tests run: $SUM_RUN, Failures: $SUM_FAILURES, Errors: $SUM_ERRORS, Skipped: $SUM_SKIPPED"
  exit $verdict
}

# ---- the groups ------------------------------------------------------------------------------------

readonly NO_TESTS="no test needs it yet"

group_checks() {
  if command -v shellcheck > /dev/null; then
    within_budget shellcheck -x -P "$ROOT" "$ROOT/byssus" "$ROOT/scripts/native-demo-steps.sh" "$ROOT/.ci/run" \
      "$ROOT/integration-tests/images/build" "$ROOT/integration-tests/images/start-time" \
      "$ROOT/integration-tests/mutations/run" "$ROOT"/docker/{healthcheck,link-runtime,train} || return
  fi
  within_budget "${MAVEN[@]}" -q -fae validate -Pfuzz checkstyle:check@style spotless:check
}

group_unit() {
  maven_tests -pl '!integration-tests' "-Dbyssus.tags.excluded=$(tags_excluded root tun containers)" test
}

group_integration() {
  within_budget "$ROOT/byssus" build examples || return
  maven_tests -pl integration-tests -am "-Dbyssus.tags.excluded=$(tags_excluded root tun containers)" \
    -Dbyssus.skip.unit=true -Dbyssus.skip.checks=true verify
}

group_root() {
  tagged_tests root "$(tags_excluded tun containers)"
}

group_tun() {
  tagged_tests tun "$(tags_excluded containers)"
}

# The servers in containers, and clients that we did not write in others (integration-tests/images).
group_containers() {
  local ok=true
  NOT_RUN=$NO_TESTS
  [[ -n $(modules_with containers) ]] || return 0
  NOT_RUN=$(lacks_containers)
  [[ -z $NOT_RUN ]] || return 0
  remove_test_containers
  within_budget "$ROOT/integration-tests/images/build" || return
  # What is left over is known by its label, and is removed here: no container for that is needed.
  export TESTCONTAINERS_RYUK_DISABLED=true
  tagged_tests containers "$(tags_excluded)" || ok=false
  within_budget "$ROOT/integration-tests/images/start-time" || ok=false
  say "from the start of its JVM, $(grep -o 'till the first connection.*' "$LOGS/$GROUP.log" || true)"
  # Each of them breaks something that a test must notice.
  if $ok && $FULL; then within_budget "$ROOT/integration-tests/mutations/run" || ok=false; fi
  remove_test_containers
  $ok
}

# What the tests have made; images stay.
remove_test_containers() {
  local ids
  mapfile -t ids < <(docker ps --all --quiet --filter label=io.byssus.tests)
  ((${#ids[@]} == 0)) || docker rm --force --volumes "${ids[@]}" > /dev/null
  mapfile -t ids < <(docker network ls --quiet --filter label=io.byssus.tests)
  ((${#ids[@]} == 0)) || docker network rm "${ids[@]}" > /dev/null
}

lacks_root() {
  [[ $(id -u) == 0 ]] || echo "you are not root"
}

lacks_tun() {
  [[ -z $(lacks_root) ]] || { lacks_root; return; }
  [[ -c /dev/net/tun ]] || { echo "there is no /dev/net/tun"; return; }
  (: <> /dev/net/tun) 2> /dev/null || { echo "/dev/net/tun cannot be opened"; return; }
  command -v ip > /dev/null || { echo "there is no ip (Debian: iproute2)"; return; }
  command -v ping > /dev/null || echo "there is no ping (Debian: iputils-ping)"
}

lacks_containers() {
  command -v docker > /dev/null || { echo "there is no docker"; return; }
  docker version > /dev/null 2>&1 || echo "no Docker engine answers"
}

# The tests with one tag, in whichever module they are.
tagged_tests() { # TAG EXCLUDED
  local modules
  modules=$(modules_with "$1")
  NOT_RUN=$NO_TESTS
  [[ -n $modules ]] || return 0
  NOT_RUN=$("lacks_$1")
  [[ -z $NOT_RUN ]] || return 0
  within_budget "$ROOT/byssus" build examples || return
  maven_tests -pl "$modules" -am "-Dbyssus.tags=$1" "-Dbyssus.tags.excluded=$2" -Dbyssus.skip.checks=true verify
}

# The modules that have tests with a tag, as Maven's -pl wants them.
modules_with() { # TAG
  local module list=
  for module in "$ROOT"/*/src/test; do
    [[ -d $module ]] || continue
    if grep -rqF "@Tag(\"$1\")" --include='*.java' "$module"; then
      module=${module%/src/test}
      list+=,${module##*/}
    fi
  done
  echo "${list#,}"
}

# A JUnit tag expression: these, and what only --full runs.
tags_excluded() { # TAG...
  local tags=("$@") expression
  $FULL || tags+=(soak)
  printf -v expression '%s | ' "${tags[@]}"
  echo "${expression% | }"
}

# Runs Maven within the budget, the reports in a folder of the group's own, and counts the tests.
maven_tests() { # ARGUMENT...
  local ok=true
  rm -rf "$ROOT"/*/target/test-reports/"$GROUP"
  within_budget "${MAVEN[@]}" -fae "-Dbyssus.reports=test-reports/$GROUP" "-Dbyssus.seed=$SEED" "-Dbyssus.full=$FULL" \
    "-Dbyssus.test.seconds.max=$((DEADLINE - SECONDS + 60))" "$@" || ok=false
  count_reports
  $ok
}

# Adds up the XML reports of the group.
count_reports() {
  local reports
  mapfile -t reports < <(compgen -G "$ROOT/*/target/test-reports/$GROUP/TEST-*.xml" || true)
  ((${#reports[@]} > 0)) || return 0
  # By test case: for a class with nested ones the suite's own attributes say 0.
  read -r RUN FAILURES ERRORS SKIPPED < <(awk '
    /^ *<testcase /      { run++ }
    /^ *<failure[ >]/    { failures++ }
    /^ *<error[ >]/      { errors++ }
    /^ *<skipped[ \/>]/  { skipped++ }
    END { print run + 0, failures + 0, errors + 0, skipped + 0 }' "${reports[@]}")
}

# Tries the known inputs again, which takes seconds and is the same every time; looks for others with --full.
group_fuzz() {
  local options=()
  if $FULL; then options+=(-Dbyssus.fuzz.seconds=60); fi
  maven_tests "${FUZZ_OPTIONS[@]}" "${options[@]}" test
}

# jcstress counts as one test per test class. Each takes about 15 s, and minutes with --full.
group_stress() {
  local options=(-m quick -sc false) cp ok=true
  NOT_RUN=$NO_TESTS
  grep -rqF '@JCStressTest' "$ROOT/benchmarks/src" 2> /dev/null || return 0
  NOT_RUN=
  if $FULL; then options=(-m default); fi
  within_budget "$ROOT/byssus" build benchmarks || return
  cp=$ROOT/benchmarks/target/dist
  mkdir -p "$STATE/stress"
  within_budget env -C "$STATE/stress" "$JDK/bin/java" --enable-native-access=ALL-UNNAMED \
    -cp "$cp/byssus-benchmarks.jar:$cp/lib/*" org.openjdk.jcstress.Main "${options[@]}" -r "$STATE/stress/report" \
    -jvmArgsPrepend "--add-opens java.base/java.lang=ALL-UNNAMED --enable-native-access=ALL-UNNAMED" || ok=false
  count_stress
  $ok
}

# From "Failed tests: 1 matching test results." and its like.
count_stress() {
  read -r RUN FAILURES ERRORS < <(awk '
    /^ *(Interesting|Failed|Error|All remaining) tests: / {
      n = $0 ~ /No matches/ ? 0 : $0; sub(/^[^:]*: */, "", n); n += 0
      run += n
      if ($1 == "Failed") failures = n
      if ($1 == "Error") errors = n
    }
    END { print run + 0, failures + 0, errors + 0 }' "$LOGS/$GROUP.log")
}

# ---- budgets ---------------------------------------------------------------------------------------

# Runs a command until the group's DEADLINE, its output in the group's log; past that, dumps the fibers
# of its JVMs into the log's folder and ends the command with all its children.
within_budget() { # COMMAND [ARGUMENT...]
  local left=$((DEADLINE - SECONDS)) log=$LOGS/$GROUP.log
  ((left > 0)) || left=1
  # timeout makes the process group, and is the second line of defence.
  timeout --kill-after=20 $((left + 60)) "$@" >> "$log" 2>&1 < /dev/null &
  RUNNING=$!
  while kill -0 "$RUNNING" 2> /dev/null; do
    if ((SECONDS >= DEADLINE)); then
      say "test group $GROUP is out of time; dumping fibers to ${LOGS#"$ROOT"/} ..."
      dump_fibers
      stop_running
      OUT_OF_TIME=true
      return 124
    fi
    sleep 0.2
  done
  local pid=$RUNNING
  RUNNING=
  wait "$pid"
}

finish_tests() {
  stop_running
  if [[ $GROUP == containers && -z $(lacks_containers) ]]; then remove_test_containers; fi
}

stop_running() {
  [[ -n $RUNNING ]] || return 0
  kill -TERM "$RUNNING" 2> /dev/null || true
  wait "$RUNNING" 2> /dev/null || true
  RUNNING=
}

# Every JVM in the process group but Maven's: its fibers, and its carriers' native and Java stacks.
dump_fibers() {
  local pid
  for pid in $(java_processes); do
    if grep -q classworlds "/proc/$pid/cmdline"; then continue; fi
    timeout 20 "$JDK/bin/jcmd" "$pid" Thread.dump_to_file -overwrite "$LOGS/$GROUP-$pid-fibers.txt" > /dev/null 2>&1 || true
    timeout 20 "$JDK/bin/jcmd" "$pid" Thread.print > "$LOGS/$GROUP-$pid-threads.txt" 2>&1 || true
  done
}

# The pids of the JVMs in the process group of RUNNING (/proc: a bare machine has no pgrep).
java_processes() {
  local stat line pid name rest group
  for stat in /proc/[0-9]*/stat; do
    read -r line 2> /dev/null < "$stat" || continue
    pid=${line%% *} name=${line#*\(} rest=${line##*) }
    read -r _ _ group _ <<< "$rest"
    if [[ $group == "$RUNNING" && ${name%%)*} == java ]]; then echo "$pid"; fi
  done
}
