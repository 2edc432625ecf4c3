#!/usr/bin/env bash
# Builds every fuzz target with coverage on the stable toolchain, and runs each for some seconds from the committed files.
#
#   fuzz/run.sh [SECONDS [TARGET...]]
#
# Needs a C++ compiler, for the fuzzer itself. What is found lies in fuzz/artifacts/TARGET/; status 1 says that there is something.
set -euo pipefail
cd "$(dirname "$0")"

seconds=${1:-60}
if [ $# -gt 0 ]; then shift; fi
if [ $# -gt 0 ]; then
    targets=("$@")
else
    targets=(fuzz_targets/*.rs)
    targets=("${targets[@]#fuzz_targets/}")
    targets=("${targets[@]%.rs}")
fi

# What `cargo fuzz` sets, but for the sanitizer, which needs a nightly toolchain: there is no `unsafe` code here. A named target
# keeps build scripts and macros out of it.
host=$(rustc -vV | sed -n 's/^host: //p')
passes="-Cpasses=sancov-module"
for option in level=4 inline-8bit-counters pc-table trace-compares; do
    passes+=" -Cllvm-args=-sanitizer-coverage-$option"
done
RUSTFLAGS="$passes --cfg fuzzing -Cdebug-assertions -Ccodegen-units=1" \
    cargo build --locked --release --quiet --target "$host" --target-dir target/coverage

# One target, to its end.
run() {
    local target=$1 log found=0
    mkdir -p "corpus/$target" "artifacts/$target"
    log=$(mktemp)
    if ! nice "target/coverage/$host/release/$target" "corpus/$target" ../captures ../tests/data \
        -max_total_time="$seconds" -max_len=200000 -rss_limit_mb=1024 -timeout=60 \
        -artifact_prefix="artifacts/$target/" -print_final_stats=1 >"$log" 2>&1; then
        found=1
        echo "$target: FOUND something, see fuzz/artifacts/$target"
        grep -E "panicked|ERROR|SUMMARY|Test unit written" -A2 "$log" || tail -20 "$log"
    fi
    sed -n "s/^stat::number_of_executed_units: */$target: executions /p; s/^stat::peak_rss_mb: */$target: peak MiB /p" "$log"
    rm -f "$log"
    return $found
}

# As many at a time as there are processors.
export host seconds
export -f run
printf '%s\n' "${targets[@]}" | xargs -P "$(nproc)" -I{} bash -c 'run {}'
