# shellcheck shell=bash
# Finds a JDK 25 and a Maven.

is_jdk_25() { # DIRECTORY
  [[ -x $1/bin/javac && -r $1/release ]] && grep -Eq '^JAVA_VERSION="25["._+-]' "$1/release"
}

# Where the java of the PATH lives.
java_home_of_path() {
  local java
  java=$(command -v java) || return 0
  dirname "$(dirname "$(readlink -f "$java")")"
}

find_jdk() {
  local home
  for home in "${JAVA_HOME:-}" "$(java_home_of_path)" \
    /usr/lib/jvm/* /usr/java/* /opt/* /opt/java/* /opt/jdk/* \
    "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/*; do
    if [[ -n $home ]] && is_jdk_25 "$home"; then
      echo "$home"
      return
    fi
  done
  return 1
}

# Sets JDK, and JAVA_HOME for Maven.
need_jdk() {
  JDK=$(find_jdk) || fail "no JDK 25 found (JAVA_HOME, PATH, /usr/lib/jvm, /opt, ~/.sdkman, ~/.jdks):" \
    "install one, Eclipse Temurin 25 for example, and set JAVA_HOME to it"
  export JAVA_HOME=$JDK
}

# Sets MAVEN, the command line that every use of Maven begins with.
need_maven() {
  need_jdk
  local mvn
  if ! mvn=$(command -v mvn); then
    mvn=$ROOT/mvnw
    [[ -x $mvn ]] || fail "no Maven found: install Maven 3.8 or newer (on Debian: apt-get install maven)"
  fi
  # A build is over before C2 would pay: this takes half the processor time. The rest keeps Maven's JVM quiet.
  local jvm="-XX:+UseSerialGC -XX:TieredStopAtLevel=1"
  jvm+=" --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow"
  local more
  read -ra more <<< "${BYSSUS_MAVEN_OPTS:-}"
  MAVEN=(env -C "$ROOT" "MAVEN_OPTS=$jvm ${MAVEN_OPTS:-}" "$mvn" -B -ntp "${more[@]}")
}
