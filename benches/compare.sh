#!/usr/bin/env bash
# Times whole processes on one capture: cat, why401 and, if asked for, tcpdump and tshark. Prints medians, ratios and memory.
#
#   benches/compare.sh [FILE] [ROUNDS]
#
# FILE is generated when none is given. ROUNDS are 5 by default. TCPDUMP=1 adds tcpdump to each round; TSHARK=1 adds one run of
# tshark, which is slow.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/.."

file=${1:-}
rounds=${2:-5}
tool=target/release/why401
scratch=$(mktemp -d)
trap 'rm -r "$scratch"' EXIT

fail() {
    printf '%s\n' "$1" >&2
    exit 2
}

# Runs a command and appends "seconds kibibytes" to the measurements of its name. Status 1 of why401 is a verdict.
measure() {
    local name=$1 begin end status=0 worst=0
    shift
    [ "$name" != why401 ] || worst=1
    begin=$EPOCHREALTIME
    /usr/bin/time -o "$scratch/memory" -f '%M' "$@" >/dev/null 2>"$scratch/errors" || status=$?
    end=$EPOCHREALTIME
    if [ "$status" -gt "$worst" ]; then
        cat "$scratch/errors" >&2
        fail "$name ended with status $status"
    fi
    awk -v begin="$begin" -v end="$end" '{ memory = $1 } END { printf "%.6f %s\n", end - begin, memory }' \
        "$scratch/memory" >>"$scratch/$name"
}

median() {
    sort -n "$1" | awk '{ value[NR] = $1 } END { print (value[int((NR + 1) / 2)] + value[int(NR / 2) + 1]) / 2 }'
}

report() {
    local name=$1 base=$2
    [ -e "$scratch/$name" ] || return 0
    awk -v name="$name" -v base="$base" -v median="$(median "$scratch/$name")" '
        $2 > peak { peak = $2 }
        END { printf "%-10s %9.3f s %8.2f x cat %9.1f MiB  (rounds: %d)\n", name, median, median / base, peak / 1024, NR }
    ' "$scratch/$name"
}

[ -x /usr/bin/time ] || fail "needs /usr/bin/time (GNU time)"
cargo build --quiet --release
if [ -z "$file" ]; then
    file=$PWD/target/bench/1000.pcap
    mkdir -p target/bench
    [ -e "$file" ] || cargo bench --quiet --bench generate -- "$file" 1000
fi
[ -r "$file" ] || fail "cannot read $file"

cat "$file" >/dev/null # so that all find it in memory
for _ in $(seq "$rounds"); do
    measure cat cat "$file"
    measure why401 "$tool" "$file"
    if [ -n "${TCPDUMP:-}" ]; then
        measure tcpdump tcpdump -n -r "$file" -w /dev/null 'port 88 or port 80'
    fi
done
if [ -n "${TSHARK:-}" ]; then
    measure tshark tshark -n -r "$file" -Y 'kerberos || http'
fi

printf '%s, %s bytes\n' "$file" "$(wc -c <"$file")"
base=$(median "$scratch/cat")
for name in cat why401 tcpdump tshark; do
    report "$name" "$base"
done
