#!/usr/bin/env bash
# Times why401 on a long log beside captures/article.pcap, and cat on the same log. Prints medians, megabytes a second and memory.
#
#   benches/logs.sh [ROUNDS]
#
# Two logs of a gigabyte are made when they are not there: one of IIS, one of MP_RegistrationManager, both of the capture's day. ROUNDS are 5 by default.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/.."

rounds=${1:-5}
tool=target/release/why401
folder=target/bench
scratch=$(mktemp -d)
trap 'rm -r "$scratch"' EXIT

make_iis() {
    awk 'BEGIN {
        printf "#Software: Microsoft Internet Information Services 10.0\r\n#Date: 2026-11-22 00:00:00\r\n"
        print "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status sc-substatus sc-win32-status time-taken\r"
        for (line = 0; line < 9000000; line++) {
            second = int(line / 105)
            is_post = line % 3
            is_refused = line % 2
            printf "2026-11-22 %02d:%02d:%02d 10.10.120.52 %s %s - 80 - 10.20.%d.%d ccmhttp %s %d\r\n",
                second / 3600, second / 60 % 60, second % 60,
                is_post ? "CCM_POST" : "GET", is_post ? "/ccm_system_windowsauth/request" : "/SMS_MP/.sms_aut",
                line % 77, line % 251, is_refused ? "401 2 2148074254" : "200 0 0", line % 300
        }
    }'
}

make_configmgr() {
    awk 'BEGIN {
        for (line = 0; line < 4300000; line++) {
            second = int(line / 50)
            printf "<![LOG[Begin validation of Certificate [Thumbprint %08x] issued to PC%05d, registration %d]LOG]!>", line, line % 60000, line
            printf "<time=\"%02d:%02d:%02d.%03d+000\" date=\"11-22-2026\" component=\"MP_RegistrationManager\" context=\"\" type=\"1\" thread=\"%d\" file=\"reg.cpp:%d\">\r\n",
                second / 3600, second / 60 % 60, second % 60, line % 1000, line % 9000, line % 3000
        }
    }'
}

# Runs a command and appends "seconds kibibytes" to the measurements of a name. Status 1 of why401 is a verdict.
measure() {
    local name=$1 begin end status=0
    shift
    begin=$EPOCHREALTIME
    /usr/bin/time -o "$scratch/memory" -f '%M' "$@" >/dev/null || status=$?
    end=$EPOCHREALTIME
    [ "$status" -le 1 ] || exit "$status"
    awk -v begin="$begin" -v end="$end" 'END { printf "%.6f %s\n", end - begin, $1 }' "$scratch/memory" >>"$scratch/$name"
}

report() {
    sort -n "$scratch/$1" | awk -v name="$1" -v bytes="$2" '
        { seconds[NR] = $1 }
        $2 > peak { peak = $2 }
        END {
            median = seconds[int((NR + 1) / 2)]
            printf "%-18s %7.3f s %8.0f MB/s %7.1f MiB\n", name, median, bytes / median / 1e6, peak / 1024
        }'
}

[ -x /usr/bin/time ] || { printf 'needs /usr/bin/time (GNU time)\n' >&2; exit 2; }
cargo build --quiet --release
mkdir -p "$folder"
for kind in iis configmgr; do
    log=$folder/$kind.log
    [ -e "$log" ] || "make_$kind" >"$log"
    cat "$log" >/dev/null
    for _ in $(seq "$rounds"); do
        measure "cat-$kind" cat "$log"
        measure "why401-$kind" "$tool" captures/article.pcap "$log"
    done
    bytes=$(stat -c %s "$log")
    report "cat-$kind" "$bytes"
    report "why401-$kind" "$bytes"
done
