#!/bin/sh
# Builds the app with one version of the SDK: build.sh VERSION FOLDER
# Only FOLDER/countersign-target is left. CARGO_BUILD_JOBS limits the load.
set -eu
version=$1 folder=$2

cp -R "$(dirname "$0")" "$folder/source"
cd "$folder/source"
cargo update --quiet --precise "$version" inngest # every other package stays as Cargo.lock has it
INNGEST_VERSION=$version cargo build --locked --target-dir "$folder/build"
mv "$folder/build/debug/countersign-target" "$folder/countersign-target"
rm -rf "$folder/build" "$folder/source"
