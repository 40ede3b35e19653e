# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
#
# What the launcher, setup and test share: the JVM's flags, and how a JDK, clang, libbpf and Maven are found.
# Sourced by POSIX sh, after `checkout` (the top of the source tree) and `me` (the name for messages) have been set.

# The oldest JDK that runs jbcc.
jdk_needed=25

# Every JVM that runs a tool gets these flags, and none but a larger heap besides: the AOT cache holds only for the flags it was made with.
# SerialGC and C1 start fastest; a tool keeps little, so a small heap is enough; nobody needs a file in /tmp for jstat. Two
# threads of the JVM would wake each quarter of a second and each second to tidy up what a tool has none of. The
# JVM would report an AOT cache that it cannot use (made by the JDK before an upgrade) on standard output, among the tool's
# lines, hence -Xlog:disable. Machine code in the cache (AOTAdapterCaching, AOTStubCaching) would be for the CPU of the
# installation, and JDK 25 does not check that: on one without AVX it ended in SIGILL. Later JDKs may drop diagnostic options.
jvm_flags='-Xlog:disable -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx48m -Xss512k -XX:-UsePerfData -XX:+IgnoreUnrecognizedVMOptions -XX:+UnlockDiagnosticVMOptions -XX:AsyncDeflationInterval=0 -XX:ServiceThreadCleanupInterval=60000 -XX:ArchiveRelocationMode=0 -XX:-AOTReplayTraining -XX:-AOTAdapterCaching -XX:-AOTStubCaching -XX:CompileThresholdScaling=3 --enable-native-access=ALL-UNNAMED'

# The commands that do more than print, NAME=SIZE OF THE HEAP. An AOT cache made with these flags different is accepted,
# unlike one made with others different, and of two the last one counts.
heaps='doctor=64m flame=512m profile=256m'

main_class=dev.jbcc.tool.Main

# The runs that the AOT cache is made from, best first: the first that exits with 0 is taken. The first one compiles, finds
# what it compiled in the cache, and prints both a table and JSON. hello.tmp.bpf.c is a file of setup's.
training_runs='each opensnoop,--recompile,-d,1,--,/bin/true opensnoop,-d,1,-o,json,--,/bin/true execsnoop,-d,1,--,/bin/true profile,-F,999,-f,--,/bin/ls run,hello.tmp.bpf.c,-d,1,--,/bin/true
each opensnoop,--recompile,-d,1,--,/bin/true opensnoop,-d,1,-o,json,--,/bin/true execsnoop,-d,1,--,/bin/true profile,-F,999,-f,--,/bin/ls
opensnoop --help'

# flags_of NAME: sets tool_flags to the further flags of that command or tool, or ''. The heap begins small, or the JVM would
# take it all at once; the compiler begins sooner, for there is more to do than what a start takes.
flags_of() {
  tool_flags=''
  for named in $heaps; do
    if [ "${named%%=*}" = "$1" ]; then tool_flags="-Xms16m -Xmx${named#*=} -XX:CompileThresholdScaling=1"; fi
  done
}

say() {
  printf '%s\n' "$me: $*"
}

warn() {
  printf '%s\n' "$me: $*" >&2
}

die() {
  warn "$@"
  exit 1
}

# jdk_version DIR: sets jdk_feature (25) and jdk_order (a number that sorts 25.0.3 after 25.0.1) from the JDK's release
# file; fails if there is none. Starts no process.
jdk_version() {
  jdk_feature='' jdk_order=0
  [ -r "$1/release" ] && [ -x "$1/bin/java" ] || return 1
  while IFS= read -r line; do
    case $line in JAVA_VERSION=*) break ;; esac
  done <"$1/release"
  version=${line#JAVA_VERSION=}
  version=${version#\"}
  version=${version%%[!0-9.]*} # 25.0.3", 26-ea"
  old_ifs=$IFS
  IFS=.
  # shellcheck disable=SC2086 # split at the dots
  set -- $version
  IFS=$old_ifs
  jdk_feature=${1:-0}
  for part in "${1:-0}" "${2:-0}" "${3:-0}"; do
    case $part in ????*) return 1 ;; esac
    while [ "${part#0}" != "$part" ] && [ "$part" != 0 ]; do part=${part#0}; done
    jdk_order=$((jdk_order * 1000 + part))
  done
}

# jdk_fits DIR: is it a JDK (javac and all) that is new enough?
jdk_fits() {
  jdk_version "$1" && [ "$jdk_feature" -ge "$jdk_needed" ] && [ -x "$1/bin/javac" ]
}

# Sets jdk to a JDK >= jdk_needed: JAVA_HOME, else that of the java on PATH, else the newest of the usual folders.
find_jdk() {
  jdk=''
  if [ -n "${JAVA_HOME-}" ] && jdk_fits "$JAVA_HOME"; then
    jdk=${JAVA_HOME%/}
    return 0
  fi
  if java=$(command -v java) && java=$(readlink -f -- "$java") && jdk_fits "${java%/bin/java}"; then
    jdk=${java%/bin/java}
    return 0
  fi
  best=0
  for dir in /usr/lib/jvm/* /usr/lib64/jvm/* /usr/java/* /opt/*jdk* /opt/java/* "${HOME:-/nonexistent}"/.sdkman/candidates/java/*; do
    case $dir in
      */default | */default-java | */default-runtime | */latest | */current) continue ;; # links that move to other versions
    esac
    if jdk_fits "$dir" && [ "$jdk_order" -gt "$best" ]; then
      best=$jdk_order
      jdk=$dir
    fi
  done
  [ -n "$jdk" ]
}

# Is there a clang, plain or with its version in the name?
find_clang() {
  command -v clang >/dev/null && return 0
  old_ifs=$IFS
  IFS=:
  for dir in $PATH; do
    for clang in "$dir"/clang-[0-9]*; do
      case ${clang##*/clang-} in
        *[!0-9]*) ;;
        *) if [ -x "$clang" ]; then IFS=$old_ifs && return 0; fi ;;
      esac
    done
  done
  IFS=$old_ifs
  for clang in /usr/lib/llvm-*/bin/clang /usr/lib/llvm/*/bin/clang; do
    [ -x "$clang" ] && return 0
  done
  return 1
}

# The library of libbpf >= 1.0: its soname says so.
find_libbpf() {
  for lib in /usr/lib/libbpf.so.1 /usr/lib64/libbpf.so.1 /usr/lib/*/libbpf.so.1 /usr/local/lib*/libbpf.so.1 \
    /lib/libbpf.so.1 /lib64/libbpf.so.1 /lib/*/libbpf.so.1; do
    [ -e "$lib" ] && return 0
  done
  return 1
}

# The headers of libbpf >= 1.0 (0.x has no LIBBPF_MAJOR_VERSION, or 0).
find_libbpf_headers() {
  for include in /usr/include /usr/local/include; do
    if [ ! -r "$include/bpf/bpf_helpers.h" ] || [ ! -r "$include/bpf/libbpf_version.h" ]; then continue; fi
    while read -r define name value _; do
      if [ "$define $name" = '#define LIBBPF_MAJOR_VERSION' ] && [ "$value" -ge 1 ]; then
        return 0
      fi
    done <"$include/bpf/libbpf_version.h"
  done
  return 1
}

# A browser for the tests that look at flame graphs.
find_browser() {
  for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null && return 0
  done
  return 1
}

# Sets missing to the words jdk, clang, libbpf, headers, maven for what is not there. $1 = build: Maven counts too.
find_missing() {
  missing=''
  find_jdk || missing="$missing jdk"
  find_clang || missing="$missing clang"
  find_libbpf || missing="$missing libbpf"
  find_libbpf_headers || missing="$missing headers"
  if [ "${1-}" = build ]; then
    command -v mvn >/dev/null || missing="$missing maven"
  fi
  missing=${missing# }
}

# Sets packager to the system's package manager, or ''.
find_packager() {
  packager=''
  for name in apt-get dnf zypper pacman apk; do
    if command -v "$name" >/dev/null; then
      packager=$name
      return 0
    fi
  done
}

# Sets packages to what $packager calls the things in $missing, and no_jdk to 1 where apt offers no JDK that fits.
# What packages a JDK needs from apt depends on the release, so the lists of apt must have been read.
name_packages() {
  packages='' no_jdk=''
  for thing in $missing; do
    case $packager:$thing in
      apt-get:jdk)
        jdk_package=''
        # The release we test with first, then whatever is newer.
        for feature in "$jdk_needed" $(apt-cache --names-only search '^openjdk-[0-9]+-jdk-headless$' | sed 's/^openjdk-//; s/-.*//' | sort -n); do
          [ "$feature" -ge "$jdk_needed" ] || continue
          case $(LC_ALL=C apt-cache policy "openjdk-$feature-jdk-headless") in
            *'Candidate: (none)'* | '') ;;
            *)
              jdk_package=openjdk-$feature-jdk-headless
              break
              ;;
          esac
        done
        if [ -n "$jdk_package" ]; then
          packages="$packages $jdk_package"
        else
          no_jdk=1
        fi
        ;;
      apt-get:libbpf) packages="$packages libbpf1" ;;
      apt-get:headers) packages="$packages libbpf-dev" ;;
      dnf:jdk) packages="$packages java-$jdk_needed-openjdk-devel" ;;
      dnf:headers) packages="$packages libbpf-devel" ;;
      zypper:jdk) packages="$packages java-$jdk_needed-openjdk-devel" ;;
      zypper:libbpf) packages="$packages libbpf1" ;;
      zypper:headers) packages="$packages libbpf-devel" ;;
      pacman:jdk) packages="$packages jdk-openjdk" ;;
      pacman:headers) case " $missing " in *' libbpf '*) ;; *) packages="$packages libbpf" ;; esac ;;
      apk:jdk) packages="$packages openjdk$jdk_needed-jdk" ;;
      apk:headers) packages="$packages libbpf-dev" ;;
      *) packages="$packages $thing" ;;
    esac
  done
  packages=${packages# }
}

say_no_jdk() {
  warn "needs a JDK $jdk_needed or later, which the package lists here do not have. Do one of these, then run it again:
  - unpack a JDK $jdk_needed (tar.gz, any vendor) below /usr/lib/jvm or /opt; it is found there
  - or name one that is elsewhere: JAVA_HOME=/path/to/jdk-$jdk_needed $0"
}

# Prints what to type as root to get $packages.
packages_command() {
  case $packager in
    apt-get) printf '%s\n' "apt-get install --no-install-recommends $packages" ;;
    dnf) printf '%s\n' "dnf install $packages" ;;
    zypper) printf '%s\n' "zypper install $packages" ;;
    pacman) printf '%s\n' "pacman -S --needed $packages" ;;
    apk) printf '%s\n' "apk add $packages" ;;
  esac
}

# provide [build]: makes sure that all is there. As root with apt it installs what is missing, and nothing else; otherwise
# it says what to install. Fails when something is still missing; sets installed to the packages that it installed.
provide() {
  installed=''
  find_missing "$@"
  [ -n "$missing" ] || return 0
  find_packager
  if [ "$packager" = apt-get ] && [ "$(id -u)" = 0 ]; then
    say "missing: $missing; reading the package lists"
    apt-get -qq update || warn "apt-get update failed; going on with the lists there are"
  fi
  name_packages
  if [ -n "$packages" ]; then
    if [ "$packager" = apt-get ] && [ "$(id -u)" = 0 ]; then
      if [ -z "$no_jdk" ]; then
        say "installing $packages"
        # shellcheck disable=SC2086 # a list
        DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install $packages >"$log" 2>&1 || {
          tail -n 20 "$log" >&2
          die "apt-get could not install them, see above"
        }
        installed=$packages
        find_missing "$@"
        [ -n "$missing" ] || return 0
        warn "still missing after the installation: $missing"
        return 1
      fi
    elif [ -n "$packager" ]; then
      warn "missing: $missing. As root:"
      if [ "$packager" = apt-get ]; then printf '    apt-get update\n' >&2; fi
      printf '    %s\n' "$(packages_command)" >&2
      [ "$packager" = apt-get ] || warn "(package names of this distribution as far as known; libbpf must be 1.0 or later)"
    else
      warn "missing: $missing, and no package manager that is known here: install JDK >= $jdk_needed, clang, libbpf >= 1.0 with its headers, Maven"
    fi
  fi
  [ -z "$no_jdk" ] || say_no_jdk
  return 1
}

# provide_browser: as root with apt, installs one if there is none. Tests can do without, so it only warns.
provide_browser() {
  find_browser && return 0
  if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    say "installing chromium"
    { apt-get -qq update || :; } >"$log" 2>&1
    DEBIAN_FRONTEND=noninteractive timeout 600 apt-get -qq -y --no-install-recommends install chromium >>"$log" 2>&1 &&
      find_browser && return 0
    tail -n 3 "$log" >&2
    warn "cannot install chromium, see above"
  fi
  warn "no chromium: the tests that look at flame graphs in a browser are skipped"
}

# The user that the checkout belongs to, as a number.
checkout_owner() {
  stat -c %u "$checkout"
}

# What root made in somebody else's checkout is given back, or that user could not build there any more.
give_back() {
  owner=$(checkout_owner)
  if [ "$(id -u)" = 0 ] && [ "$owner" != 0 ]; then
    for dir in "$checkout"/target "$checkout"/*/target; do
      [ ! -d "$dir" ] || [ -L "$dir" ] || chown -hR --from=0 "$owner" "$dir"
    done
  fi
}

# Runs Maven in the checkout, with the JDK that find_jdk found. If the local repository belongs to somebody else (sudo that
# keeps HOME) or cannot be written, one below target/ is used.
run_maven() {
  repository=${HOME:-/nonexistent}/.m2/repository
  place=$repository
  while [ ! -e "$place" ] && [ -n "$place" ]; do place=${place%/*}; done
  if [ -w "${place:-/}" ] && [ "$(stat -c %u "${place:-/}")" = "$(id -u)" ]; then
    repository=''
  else
    repository=$checkout/target/m2
  fi
  # The two options silence the JVM about Maven's own libraries.
  (
    unset JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS
    cd "$checkout" &&
      JAVA_HOME=$jdk MAVEN_OPTS="--sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED ${MAVEN_OPTS-}" \
        mvn -B -ntp ${repository:+"-Dmaven.repo.local=$repository"} "$@"
  )
}
