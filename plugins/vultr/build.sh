#!/bin/sh
# Builds bin/vultr. The compiler's own files go to build/rust at the root of the clone, because everything here is part of the digest.
set -eu
cd "$(dirname "$0")"
: "${CARGO_TARGET_DIR:=$(cd ../.. && pwd)/build/rust}"
export CARGO_TARGET_DIR
cargo build --quiet --release "$@"
mkdir -p bin
# Beside it first, then in its place: a module that runs keeps the file it was started from.
cp "$CARGO_TARGET_DIR/release/vultr" bin/.vultr.new
mv -f bin/.vultr.new bin/vultr
