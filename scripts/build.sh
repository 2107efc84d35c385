# shellcheck shell=bash
# Builds the programs (examples, benchmarks) when they are stale.
#
# A program is MODULE/target/dist: one thin jar with lib/ beside it. It is fresh when the stamp beside it
# holds the hash of the sources and of the dist's own files, so an edit, a checkout of another commit and a
# build by hand are all noticed, and a touched file is not. The stamp is removed first and written last.

# What a program is made of: the build's own files, and the main sources of the modules in it.
sources_of() { # MODULE
  local module
  printf '%s\n' pom.xml .mvn scripts/build.sh scripts/toolchain.sh
  for module in fiber-runtime fiber-net fiber-native-stack examples "$1"; do
    printf '%s\n' "$module/pom.xml" "$module/src/main"
  done
}

# One hash over the names and the contents of all files below.
fingerprint() { # PATH...
  find "$@" -type f -print0 2> /dev/null | LC_ALL=C sort -zu | xargs -0r sha256sum | sha256sum | cut -d ' ' -f 1
}

# What the stamp of a fresh dist says. (In a subshell: a run keeps the caller's directory.)
stamp_of() ( # MODULE
  cd "$ROOT"
  mapfile -t paths < <(sources_of "$1")
  echo "sources $(fingerprint "${paths[@]}" || true)"
  echo "dist $(fingerprint "$1/target/dist" || true)"
)

is_fresh() { # MODULE
  local stamp=$ROOT/$1/target/dist.stamp
  [[ -f $stamp && -d $ROOT/$1/target/dist && $(stamp_of "$1") == "$(< "$stamp")" ]]
}

ensure_built() { # MODULE
  need_jdk
  if is_fresh "$1"; then return; fi
  take_lock
  if ! is_fresh "$1"; then build_program "$1"; fi
  release_lock
}

build_program() { # MODULE
  local target=$ROOT/$1/target log=$STATE/build-$1.log hint=""
  need_maven
  mkdir -p "$STATE"
  [[ -d $target ]] || hint=" (first time: about a minute)"
  say "building the $1$hint ..."
  rm -rf "$target/dist" "$target/dist.stamp" "$target/dist.names"
  if ! "${MAVEN[@]}" -q -pl "$1" -am -Dmaven.test.skip=true -Dbyssus.skip.checks=true package > "$log" 2>&1; then
    rm -rf "$target/dist"
    without_maven_chatter "$log" >&2
    fail "the build failed, and nothing was started (the log above is also in ${log#"$ROOT"/})"
  fi
  stamp_of "$1" > "$target/dist.stamp.new"
  mv "$target/dist.stamp.new" "$target/dist.stamp"
}

# Maven's log without colours and without its advice on how to run Maven.
without_maven_chatter() { # LOG
  sed 's/\x1b\[[0-9;]*m//g; s/ -> \[Help 1\]$//' "$1" | grep -vE \
    '^ *$|^\[(ERROR|INFO)\]( -> \[Help 1\])? *$|\[Help 1\] http|To see the full stack trace|Re-run Maven|For more information|After correcting|mvn <args>' \
    || true
}

build_command() { # [examples | benchmarks]
  case ${1:-} in
    examples | benchmarks) ensure_built "$1" ;;
    '') build_all ;;
    *) usage_error "build takes nothing, 'examples' or 'benchmarks', and got '$1'" ;;
  esac
}

build_all() {
  need_maven
  take_lock
  "${MAVEN[@]}" -DskipTests verify
}

format_command() {
  no_arguments format "$@"
  need_maven
  take_lock
  "${MAVEN[@]}" -q -Pfuzz spotless:apply
}

clean_command() {
  no_arguments clean "$@"
  take_lock
  rm -rf "$ROOT/target" "$ROOT"/*/target "$ROOT"/*/.cifuzz-corpus
  find "$STATE" -mindepth 1 -maxdepth 1 ! -name lock -exec rm -rf {} +
}
