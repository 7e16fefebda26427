#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compiles the BPF object: build.sh OUTPUT [COMPILER ARGUMENT...]
# The compiler is $CLANG, else clang-19 (the one the committed object is made with), else clang.
# Exit code 3: there is no compiler, or libbpf's headers are missing.
set -eu
out=$(realpath -m "$1")
shift
cd "$(dirname "$0")/src/main/bpf"

clang=${CLANG:-}
for candidate in clang-19 clang; do
  [ -n "$clang" ] || clang=$(command -v "$candidate" || true)
done
[ -n "$clang" ] || { echo "no clang: taking the committed BPF object" >&2; exit 3; }
echo '#include <bpf/bpf_helpers.h>' | "$clang" -target bpf -include linux/types.h \
  -I"/usr/include/$(uname -m)-linux-gnu" -E -o /dev/null - 2>/dev/null ||
  { echo "no bpf/bpf_helpers.h (libbpf-dev): taking the committed BPF object" >&2; exit 3; }
# Its own strip: of Debian's packages, only the one without a version has an unversioned llvm-strip.
strip=$(dirname "$(realpath "$(command -v "$clang")")")/llvm-strip
[ -x "$strip" ] || strip=$(command -v llvm-strip) ||
  { echo "no llvm-strip: taking the committed BPF object" >&2; exit 3; }

mkdir -p "$(dirname "$out")"
# -g makes the BTF; the strip takes the DWARF out again. v3: atomics are v1's, 32-bit jumps are v3's.
"$clang" -g -O2 -target bpf -mcpu=v3 -Wall -Wextra -Wno-unused-parameter -Werror \
  -ffile-prefix-map="$PWD"=. -I"/usr/include/$(uname -m)-linux-gnu" \
  "$@" -c tcpstates.bpf.c -o "$out"
"$strip" -g "$out"
