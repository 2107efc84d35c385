# shellcheck shell=bash
# Runs the examples and the benchmarks.

readonly EXAMPLES=$ROOT/examples/target/dist/byssus-examples.jar
readonly BENCHMARKS=$ROOT/benchmarks/target/dist

# The JVM of every example: options from one committed file, then the user's.
start_example() { # ARGUMENT...
  local more
  read -ra more <<< "${BYSSUS_JAVA_OPTS:-}"
  exec "$JDK/bin/java" "@$ROOT/config/jvm.options" "${more[@]}" -jar "$EXAMPLES" "$@"
}

list_examples() {
  no_arguments list "$@"
  ensure_built examples
  start_example list
}

run_command() { # [NAME [OPTION...]]
  (($# > 0)) || usage_error "run needs the name of an example; ./byssus list shows them"
  [[ $1 != -* ]] || usage_error "run takes the name of an example first, and got '$1'; ./byssus list shows them"
  check_spelling "$1"
  ensure_built examples
  check_name "$1"
  start_example "$@"
}

# Before a build: an example's name stands in quotes in the examples' sources, or it is none.
check_spelling() { # NAME
  [[ $1 =~ ^[a-z][a-z0-9-]*$ ]] && grep -rqF "\"$1\"" "$ROOT/examples/src/main" || unknown_name "$1"
}

# After a build: the program itself knows its examples.
check_name() { # NAME
  example_names | grep -qxF -- "$1" || unknown_name "$1"
}

# One a line; asked of the program once per build.
example_names() {
  local names=$ROOT/examples/target/dist.names
  if [[ ! $names -nt $ROOT/examples/target/dist.stamp ]]; then
    "$JDK/bin/java" -jar "$EXAMPLES" list | sed -nE 's/^ *([a-z][a-z0-9-]*)( .*)?$/\1/p' > "$names.$$"
    mv "$names.$$" "$names"
  fi
  cat "$names"
}

# It may be asked before the first build, so the suggestion is from the sources.
unknown_name() { # NAME
  local known near
  mapfile -t known < <(grep -rhoP '@Command\(name = "\K[a-z][a-z0-9-]*' "$ROOT/examples/src/main" || true)
  near=$(nearest "$1" "${COMMANDS[@]}" "${known[@]}")
  usage_error "'$1' is neither a command nor an example${near:+; did you mean '$near'?}" \
    "(./byssus help, ./byssus list)"
}

bench_command() { # [NAME [OPTION...]]
  if [[ ${1:-} == native ]]; then
    bench_native "${@:2}"
    return
  fi
  if [[ ${1:-} == cubic ]]; then
    bench_cubic "${@:2}"
    return
  fi
  ensure_built examples
  ensure_built benchmarks
  local main=io.byssus.benchmarks.Benchmarks
  if [[ ${1:-} == jmh ]]; then
    main=org.openjdk.jmh.Main
    shift
  fi
  exec "$JDK/bin/java" --add-opens java.base/java.lang=ALL-UNNAMED --enable-native-access=ALL-UNNAMED \
    "-Dbyssus.root=$ROOT" "-Dbyssus.examples=$EXAMPLES" \
    -cp "$BENCHMARKS/byssus-benchmarks.jar:$BENCHMARKS/lib/*" "$main" "$@"
}
