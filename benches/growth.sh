#!/usr/bin/env bash
# How time and memory grow: with the length of a capture, with the number of sign-ons in it, and with what it is packed in.
#
#   benches/growth.sh [MEGABYTES...]
#
# MEGABYTES are 100, 1000 and 4000 by default. Files are made in target/bench, one at a time, and removed. Each line has the best of three
# runs: seconds, and the largest memory. A packed capture stands beside its unpacking alone.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/.."

sizes=("$@")
[ $# -gt 0 ] || sizes=(100 1000 4000)
tool=target/release/why401
place=target/bench
mkdir -p "$place"
scratch=$(mktemp -d)
trap 'rm -r "$scratch"' EXIT

generate() { cargo bench --quiet --bench generate -- "$@"; }

# best NAME COMMAND...: the shortest of three runs. Status 1 of why401 is a verdict.
best() {
    local name=$1
    shift
    : >"$scratch/times"
    for _ in 1 2 3; do
        /usr/bin/time -a -o "$scratch/times" -f '%e %M' "$@" >/dev/null 2>&1 || [ $? = 1 ]
    done
    grep -v '^Command' "$scratch/times" | sort -n | awk -v name="$name" '
        NR == 1 { least = $1 } $2 > peak { peak = $2 }
        END { printf "%-28s %8.2f s %8.1f MiB\n", name, least, peak / 1024 }'
}

cargo build --quiet --release
for size in "${sizes[@]}"; do
    file=$place/growth.pcap
    generate "$file" "$size"
    cat "$file" >/dev/null
    best "$size MB" "$tool" "$file"
    rm "$file"
done
for frames in 6000 60000 600000; do
    file=$place/growth.pcap
    generate "$file" attempts "$frames"
    best "$((frames / 6)) sign-ons" "$tool" "$file"
    rm "$file"
done

file=$place/packed.pcap
generate "$file" 1000
cat "$file" >/dev/null
best "1000 MB, cat" cat "$file"
best "1000 MB, pcap" "$tool" "$file"
if command -v editcap >/dev/null; then
    editcap -F pcapng "$file" "$place/packed.pcapng"
    best "1000 MB, pcapng" "$tool" "$place/packed.pcapng"
    rm "$place/packed.pcapng"
fi
for packer in gzip zstd lz4; do
    command -v "$packer" >/dev/null || continue
    # The fastest level: it is unpacking that counts.
    "$packer" -1 -c "$file" >"$place/packed" 2>/dev/null
    best "$packer -dc" "$packer" -dc "$place/packed"
    best "1000 MB, $packer" "$tool" "$place/packed"
    rm "$place/packed"
done
rm "$file"
