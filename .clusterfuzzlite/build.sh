#!/bin/bash
# Builds every native fuzz target of the tree for libFuzzer: OSS-Fuzz and
# ClusterFuzzLite run this in the root of the source, and take from $OUT what it
# leaves there. fuzz/native/engine has its test.
set -euo pipefail

# The list comes first: building rewrites the files in which the targets are.
targets=()
for package in $(go list ./fuzz/native/...); do
	for name in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
		targets+=("$package $name")
	done
done
((${#targets[@]})) || { echo "there are no targets" >&2; exit 1; }

# The builder puts this in the place of package testing.
go get github.com/AdamKorcz/go-118-fuzz-build/testing

for target in "${targets[@]}"; do
	read -r package name <<<"$target"
	compile_native_go_fuzzer "$package" "$name" "$name"
	# It only says so when it finds no such target, and goes on.
	[[ -s $OUT/$name ]] || { echo "$name of $package was not built" >&2; exit 1; }
	cp .clusterfuzzlite/words.dict "$OUT/$name.dict"
done
