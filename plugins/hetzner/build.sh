#!/bin/sh
# Builds dist/ from src/ with the compiler of the Node SDK, and takes the interfaces along: what is approved is this directory alone.
set -eu
cd "$(dirname "$0")"
sdk=../../sdk/node
[ -d "$sdk/node_modules" ] || npm ci --prefix "$sdk"
npm run build --prefix "$sdk"
npm ci
"$sdk/node_modules/.bin/tsc"
cp ../../schemas/interfaces/cloud.account-1.0.json ../../schemas/interfaces/cloud.compute-1.0.json dist/
