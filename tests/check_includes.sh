#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# check_includes.sh SENSOR-FOLDER: an #include only points left on the packet's road, and each library is named by few.
set -euo pipefail
cd "${1:-$(dirname "$0")/../sensor}"
bad=0
complain() { echo "$1"; bad=1; }

# The road. main.c, pipeline.[ch], the commands and process/ stand outside it and see all.
road="base config capture decode stream inspect detect channel correlate output control"
declare -A place
n=0
for folder in $road; do place[$folder]=$((n++)); done

while IFS=: read -r file line text; do
    folder=${file%%/*}
    [[ $text =~ \"([^\"]+)\" ]] || continue
    target=${BASH_REMATCH[1]}
    [ -f "$target" ] || { complain "$file:$line: \"$target\" is not written from the top of sensor/"; continue; }
    [ "$folder" != "$file" ] && [ "$folder" != commands ] && [ "$folder" != process ] || continue
    goal=${target%%/*}
    if [ "$goal" = "$target" ]; then
        complain "$file:$line: a stage does not know $target"
    elif [ "${place[$goal]:-99}" -gt "${place[$folder]:--1}" ]; then
        complain "$file:$line: $folder/ must not include \"$target\": it lies further down the road"
    fi
done < <(grep -RnE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' --include='*.[ch]' . | sed 's|^\./||')

# library header, and who may name it (regular expression over the file's path)
while read -r header allowed; do
    while IFS=: read -r file line _; do
        [[ $file =~ ^($allowed)$ ]] || complain "$file:$line: <$header> belongs in $allowed"
    done < <(grep -RnE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]$header[>\"]" --include='*.[ch]' . | sed 's|^\./||')
done <<'LIBRARIES'
pcap\.h capture/.*|stream/reassemble\.c
pcap/dlt\.h (capture|decode)/.*
nids\.h stream/reassemble\.c
hs\.h detect/(scan|patterns)\.c
hs/hs\.h detect/(scan|patterns)\.c
yaml\.h config/yamldoc\.c
zlib\.h inspect/.*|capture/.*|base/unpack\.c
bzlib\.h base/unpack\.c
lzma\.h base/unpack\.c
zstd\.h inspect/coding\.c|base/unpack\.c
brotli/decode\.h inspect/coding\.c
pcre2\.h detect/.*
seccomp\.h process/syscalls\.c
cap-ng\.h process/privileges\.c
jansson\.h control/request\.c|commands/ctl_.*\.[ch]
xxhash\.h (base|stream|detect|correlate)/.*
LIBRARIES

[ $bad -eq 0 ] && echo "every include points left"
exit $bad
