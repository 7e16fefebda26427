#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Builds the libbpf that the agent's jar holds, for machines that have none:
#
#   bpf/libbpf/build.sh FOLDER
#
# writes libbpf-linux-x86-64.so, libbpf-linux-aarch64.so and SOURCES to FOLDER. The sources are those
# of Debian's packages libbpf, elfutils (libelf) and zlib, all three linked into one library that
# needs nothing but glibc. Needs Debian on x86-64 and its packages dpkg-dev, gcc, libc6-dev,
# gcc-aarch64-linux-gnu and libc6-dev-arm64-cross. The same versions give the same bytes.
set -euo pipefail
out=$(realpath -m "${1:?usage: build.sh FOLDER}")
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")

# The newest glibc whose functions may be used; RHEL 8 has it. Ubuntu 20.04 has 2.31.
newest_glibc=2.28

fail() {
  echo "libbpf/build.sh: $*" >&2
  exit 1
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# --- Sources, by a state of apt that this machine's own does not know ---------------------------

mkdir -p "$work"/{lists/partial,archives/partial,parts,source} "$out"
for file in /etc/apt/sources.list /etc/apt/sources.list.d/debian.sources; do
  [ ! -e "$file" ] ||
    sed -e 's/^Types:.*/Types: deb-src/' -e 's/^deb /deb-src /' "$file" >"$work/parts/${file##*/}"
done
[ ! -e "$work/parts/sources.list" ] || mv "$work/parts/sources.list" "$work/parts/debian.list"
options=(-q=2 -o Acquire::Retries=3 -o APT::Sandbox::User=root
  -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work" -o Dir::Cache::pkgcache=
  -o Dir::Cache::srcpkgcache= -o Dir::Etc::SourceList=/dev/null
  -o "Dir::Etc::SourceParts=$work/parts")
apt-get "${options[@]}" update </dev/null
(cd "$work/source" &&
  apt-get "${options[@]}" source --only-source --download-only libbpf elfutils zlib </dev/null &&
  for file in *.dsc; do
    # apt has checked it against Debian's signed list.
    dpkg-source --no-check -x "$file" "$(sed -n 's/^Source: //p' "$file" | head -n 1)" >/dev/null
  done)

version() { # PACKAGE
  dpkg-query -W -f '${Version}' "$1"
}
{
  echo "Debian's source packages, as apt-get source fetches them:"
  for package in libbpf elfutils zlib; do
    sed -n "s/^Version: /$package /p" "$work/source/${package}"_*.dsc
  done
  echo "The compilers, linkers and C libraries, for x86-64 and arm64:"
  major=$(gcc -dumpversion)
  echo "gcc $(version "gcc-$major") $(version "gcc-$major-aarch64-linux-gnu")"
  echo "binutils $(version binutils-x86-64-linux-gnu) $(version binutils-aarch64-linux-gnu)"
  echo "glibc $(version libc6-dev) $(version libc6-dev-arm64-cross)"
} >"$out/SOURCES"

# The texts that are passed on in the jar are those of these sources.
for text in "$here"/licenses/*/*; do
  cmp "$text" "$work/source/${text#"$here"/licenses/}"
done

# --- Compile and link ------------------------------------------------------------------------

compile() { # COMPILER OBJECTS SOURCE... -- FLAG...
  local compiler=$1 objects=$2 files=()
  shift 2
  while [ "$1" != -- ]; do
    files+=("$1")
    shift
  done
  mkdir "$objects"
  (cd "$objects" && "$compiler" -c -O2 -fPIC -fvisibility=hidden -ffunction-sections \
    -fdata-sections -ffile-prefix-map="$work/source"=. "${@:2}" "${files[@]}")
}

build() { # COMPILER OUTPUT
  local compiler=$1 objects=$work/$1 elfutils=$work/source/elfutils
  mkdir "$objects"
  compile "$compiler" "$objects/zlib" \
    "$work"/source/zlib/*.c -- -DHAVE_HIDDEN -DHAVE_UNISTD_H -D_LARGEFILE64_SOURCE=1
  # shellcheck disable=SC2046 # one file a word
  compile "$compiler" "$objects/libelf" \
    $(sed -n '/^libelf_a_SOURCES/,/[^\\]$/p' "$elfutils/libelf/Makefile.am" | grep -o '[a-z0-9_]*\.c' |
      sed "s|^|$elfutils/libelf/|") \
    -- -std=gnu99 -DHAVE_CONFIG_H -I"$here" -I"$elfutils/lib" -I"$elfutils/libelf" \
    -I"$work/source/zlib"
  compile "$compiler" "$objects/libbpf" "$work"/source/libbpf/src/*.c \
    -- -std=gnu89 -D_LARGEFILE64_SOURCE -D_FILE_OFFSET_BITS=64 -I"$work/source/libbpf/src" \
    -I"$work/source/libbpf/include" -I"$work/source/libbpf/include/uapi" -I"$elfutils/libelf" \
    -I"$work/source/zlib"
  compile "$compiler" "$objects/own" "$here/fstat.c" -- -Wall -Wextra -Werror
  # Its name is not libbpf.so.1: an application that loads that one gets the system's.
  "$compiler" -shared -o "$2" "$objects"/*/*.o -Wl,-soname,libbpf-tcpstates.so \
    -Wl,--version-script="$work/source/libbpf/src/libbpf.map" -Wl,-Bsymbolic -Wl,-z,defs \
    -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--gc-sections -Wl,--build-id=none -Wl,--as-needed \
    -Wl,-s
}

check() { # OUTPUT
  local needed symbols newest
  needed=$(objdump -p "$1" | awk '$1 == "NEEDED" { print $2 }' | grep -v -e '^libc\.so\.6$' \
    -e '^ld-linux-' || true)
  [ -z "$needed" ] || fail "$1 needs more than glibc: $needed"
  symbols=$(objdump -T "$1")
  newest=$(grep -o 'GLIBC_[0-9.]*' <<<"$symbols" | sort -uV | tail -n 1)
  [ "$(printf '%s\n' "GLIBC_$newest_glibc" "$newest" | sort -V | tail -n 1)" = \
    "GLIBC_$newest_glibc" ] || fail "$1 needs $newest: $(grep -wF "$newest" <<<"$symbols")"
  echo "${1##*/}: $(stat -c %s "$1") bytes, $newest"
}

build x86_64-linux-gnu-gcc "$out/libbpf-linux-x86-64.so" &
build aarch64-linux-gnu-gcc "$out/libbpf-linux-aarch64.so"
wait $!
for library in "$out"/libbpf-linux-*.so; do
  check "$library"
done
