#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# cli.sh PROGRAM SOURCE-TREE: what an operator meets: exit statuses, words on standard error, what standard output
# carries, signals. Prints a line per check; exit status 1 when one failed.
set -uo pipefail
. "$(dirname "$0")/checks.sh"
begin "$@"
lookup=$tree/pcaps/http-header.pcap benign=$tree/pcaps/benign-dns.pcap
: >empty.yaml # -c empty.yaml: whatever /etc/jndi-sensor says on this machine does not count

all_json() { # every line of the file is one object, and there is one
    [ -s "$1" ] && ! grep -qv '^{"timestamp":.*}$' "$1"
}
capture_begin() { printf '\xd4\xc3\xb2\xa1\2\0\4\0\0\0\0\0\0\0\0\0\377\377\0\0\1\0\0\0'; }
frames_at() { # frames_at SECOND...: an Ethernet frame of zeros at each, below 65536
    local second bytes
    for second; do
        printf -v bytes '\\x%02x\\x%02x' $((second & 255)) $((second >> 8))
        printf '%b' "$bytes\0\0\0\0\0\0\016\0\0\0\016\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
    done
}
alerts_in() { grep -c '"event_type":"alert"' "$1"; }
has_alert() { [ "$(alerts_in "$1")" -gt 0 ]; }
wait_for() { # wait_for SECONDS COMMAND...: until it succeeds
    local tries=$(($1 * 20))
    shift
    while [ $tries -gt 0 ]; do
        "$@" && return 0
        tries=$((tries - 1))
        sleep 0.05
    done
    return 1
}
yaml() { printf '%s\n' "$@" >t.yaml; }

p='jndi-sensor: error: '

# --- usage ---
run
check "no arguments: status 2" [ $status -eq 2 ]
check "no arguments: 15 lines on stderr" [ "$(wc -l <err)" -eq 15 ]
check "no arguments: stdout is silent" silent
run --help
check "--help: status 0, on stdout" [ $status -eq 0 -a -s out -a ! -s err ]
check "--help names every long option that it takes" says '--deterministic'
run -V
check "-V: a version" grep -q '^jndi-sensor [0-9]*\.[0-9]*\.[0-9]*$' out
run --explain
check "--explain is docs/SETTINGS.md" cmp out "$tree/docs/SETTINGS.md"
run --counters
check "--counters is docs/COUNTERS.md" cmp out "$tree/docs/COUNTERS.md"
run --list-buffers
check "--list-buffers: the sticky buffers" says 'jndi.technique'
fails 2 "${p}unknown option '--jsno', did you mean '--json'[?]" "an unknown option" --jsno
fails 2 "${p}unknown option '-Z' (--help lists all)" "an unknown letter" -Z
fails 2 "${p}--read wants FILE *" "an argument is missing" -r
fails 2 "${p}-r and -i at once: *" "files and interfaces at once" -r a -i b
fails 3 "${p}interface nosuch0: *" "-i with -j wants no log directory" -c empty.yaml -i nosuch0 -j
fails 2 "${p}nothing to read: *" "nothing to read" -c empty.yaml
mkdir none
fails 3 "${p}none: no capture file in this directory" "a directory without a capture" -c empty.yaml -r none
"$sensor" --help >/dev/full 2>err
check "--help into a full device: status 3" [ $? -eq 3 ]

# --- settings ---
fails 2 "${p}no.yaml: cannot read the settings: No such file or directory" "settings are missing" -T -c no.yaml
yaml '%YAML 1.1' '---' 'stream:' '  depth: 1mb' 'outptus: []'
fails 2 "${p}t.yaml:5:1: unknown key 'outptus', did you mean 'outputs'[?]" "an unknown key" -T -c t.yaml
yaml 'stream: {depth: 1mbit}'
fails 2 "${p}t.yaml:1:17: '1mbit' is no value for stream.depth: write a size: *" "a bad unit" -T -c t.yaml
yaml 'stream: [1]'
fails 2 "${p}t.yaml:1:9: stream is a section: *" "a list in place of a section" -T -c t.yaml
yaml 'stream: {'
fails 2 "${p}t.yaml:2:1: not YAML: *" "no YAML" -T -c t.yaml
yaml 'sensor-name: &x 1'
fails 2 "${p}t.yaml:1:14: anchors (&name) are not supported: *" "an anchor" -T -c t.yaml
fails 2 "${p}--set: unknown key 'depht' in stream, did you mean 'depth'[?]" "--set: an unknown key" -T --set stream.depht=1
fails 2 "${p}--set: 'x' is no value for stats.interval: *" "--set: a bad value" -T --set stats.interval=x
fails 0 'jndi-sensor: configuration and * rules are fine' "-T: an empty file" -T -c empty.yaml
fails 0 '' "-T -q: nothing to say" -T -q -c empty.yaml
fails 0 'jndi-sensor: configuration and * rules are fine' "-T: the example" -T -c "$tree/sensor.yaml.example"

# --- rules ---
good='alert tcp any any -> any any (msg:"x"; jndi.stage; content:"lookup"; sid:1000001; rev:1;)'
echo "$good" >good.rules
echo 'alert tcp any any -> any any (msg:"x"; no_such_keyword:1; sid:1000002; rev:1;)' >bad.rules
fails 0 'jndi-sensor: configuration and 1 rules are fine' "-S: these rules only" -T -c empty.yaml -S good.rules
fails 2 "${p}bad.rules:1:*" "a bad rule: file and line" -T -c empty.yaml -S bad.rules
fails 2 "${p}no.rules*No such file*" "rules are missing" -T -c empty.yaml -s no.rules
fails 2 "${p}rule-files: no file is called 'x?.rules' in */rules: *" "no file matches rule-files" \
    -T -c empty.yaml --set 'rule-files=x?.rules'
fails 2 "${p}there is no rule: *" "no rules at all" -T -c empty.yaml --set rule-files=
mkdir '[odd] dir'
cp good.rules '[odd] dir/a.rules'
fails 0 'jndi-sensor: configuration and 1 rules are fine' "default-rule-path is a name, not a pattern" \
    -T -c empty.yaml --set 'default-rule-path=[odd] dir'

# --- capture filter ---
fails 2 "${p}capture filter 'tcp prot 80': *" "a bad filter" -T -c empty.yaml tcp prot 80
fails 2 "${p}'$lookup' is a file, *" "-r *.pcap without -r before each" -c empty.yaml -r "$lookup" "$lookup"
printf '# web\nudp and\n port 53 # names\n' >filter
fails 0 'jndi-sensor: configuration and *' "-F with comments" -T -c empty.yaml -F filter
fails 2 "${p}no.filter: cannot read the capture filter: *" "-F: a missing file" -T -c empty.yaml -F no.filter

# --- input ---
: >empty.pcap
echo 'this is no capture, whatever its name says' >foreign.pcap
size=$(stat -c %s "$lookup")
head -c $((size - 7)) "$lookup" >truncated.pcap
run -c empty.yaml -r missing.pcap
expect 3 "${p}missing.pcap: No such file or directory" "a missing file"
run -c empty.yaml -r empty.pcap
expect 3 "${p}empty.pcap: *empty*" "an empty file"
run -c empty.yaml -r foreign.pcap
expect 3 "${p}foreign.pcap: no capture file: *" "a foreign file"
run -c empty.yaml -r truncated.pcap
expect 3 "${p}truncated.pcap: *last good one*" "a truncated file"
check "a truncated file: what was readable was processed" has_alert out
run -c empty.yaml -e -r missing.pcap -r "$lookup"
check "one file of two is missing: status 3 goes before -e" [ $status -eq 3 ]
check "one file of two is missing: the other was read" has_alert out
gzip -c "$lookup" >packed
run -c empty.yaml -r packed
expect 0 '' "a packed file, whatever its name says"
check "a packed file: was read" has_alert out
head -c $(($(stat -c %s packed) - 9)) packed >packed.cut
run -c empty.yaml -r packed.cut
expect 3 "${p}packed.cut: the file ends in the middle of its gzip data (packet * of what is packed in it)" \
    "a packed file that is cut"
check "a packed file that is cut: what was readable was processed" has_alert out
mkdir some
cp packed some/first
cp foreign.pcap some
run -c empty.yaml -r some
expect 0 'jndi-sensor: some: 1 name passed over that is no capture file (foreign.pcap)' "a directory"
check "a directory: was read" has_alert out

# --- standard output ---
run -c empty.yaml -r "$lookup"
expect 0 '' "a pipe: nothing on stderr"
check "a pipe: EVE lines only" all_json out
check "a pipe: an alert among them" has_alert out
check "no file is written without -l" [ ! -e eve.json ]
run -c empty.yaml -j -r "$lookup"
check "-j: the same" has_alert out
run -c empty.yaml -r - <"$lookup"
"$sensor" -c empty.yaml -r - <"$lookup" >out 2>err
check "-r -: standard input" has_alert out
"$sensor" -c empty.yaml -j -r "$lookup" -r "$lookup" -r "$benign" 2>err | head -n 1 >out
codes=("${PIPESTATUS[@]}")
check "-j into head: status 0" [ "${codes[0]}" -eq 0 ]
check "-j into head: a quiet end" [ ! -s err ]
"$sensor" -c empty.yaml -j -r "$lookup" >/dev/full 2>err
check "-j into a full device: status 3" [ $? -eq 3 ]
"$sensor" -c empty.yaml -j -r "$lookup" >&- 2>err
check "-j with stdout closed: status 3" [ $? -eq 3 ]
run -c empty.yaml -q -r "$lookup" -n 1
check "-n 1: no alert in one packet" no has_alert out
run -c empty.yaml --deterministic -r "$lookup"
cp out first
run -c empty.yaml --deterministic -r "$lookup"
check "--deterministic: the same bytes" cmp out first

# --- log directory ---
mkdir logs
run -c empty.yaml -r "$lookup" -l logs
expect 0 '' "-l: status 0"
check "-l: eve.json has the alert" has_alert logs/eve.json
check "-l: stdout is silent" silent
run -c empty.yaml -r "$lookup" -l logs -j
check "-l -j: both" has_alert out
yaml "default-log-dir: $place/logs"
rm logs/eve.json
run -c t.yaml -r "$lookup"
check "settings that name a log directory: eve.json there" has_alert logs/eve.json
check "settings that name a log directory: stdout is silent" silent
fails 2 "${p}log directory nowhere: No such file or directory: create it, or name another with -l" \
    "a missing log directory" -c empty.yaml -r "$lookup" -l nowhere
check "a missing log directory is not made" [ ! -e nowhere ]
fails 2 "${p}log directory empty.yaml: not a directory: *" "a log directory that is a file" \
    -c empty.yaml -r "$lookup" -l empty.yaml
mkdir locked locked/eve.json # nobody can open a directory for writing, not even root
fails 2 "${p}*locked/eve.json*" "a file that cannot be opened" -c empty.yaml -r "$lookup" -l locked
run -c empty.yaml -r "$lookup" -l logs --set outputs.eve-log.enabled=no
expect 0 'jndi-sensor: warning: alerts are written nowhere: *' "no output at all: a warning"
before=$(ls -A)
run -c empty.yaml -r "$lookup"
check "nothing is left behind" [ "$before" = "$(ls -A)" ]

# --- exit statuses ---
run -c empty.yaml -e -r "$lookup"
expect 1 '' "-e: 1 when there was an alert"
run -c empty.yaml -e -r "$benign"
expect 0 '' "-e: 0 when there was none"
run -c empty.yaml --strict -r "$benign"
expect 0 '' "--strict: 0 when nothing was lost"
# One frame of a link type that nobody decodes (147, kept for private use).
printf '\324\303\262\241\002\000\004\000\0\0\0\0\0\0\0\0\377\377\0\0\223\0\0\0' >private.pcap
printf '\1\0\0\0\0\0\0\0\4\0\0\0\4\0\0\0abcd' >>private.pcap
run -c empty.yaml -r private.pcap
expect 0 '' "lost data without --strict: 0"
run -c empty.yaml --strict -r private.pcap
expect 4 "${p}data was lost: decode.link_unknown 1 *" "lost data with --strict: 4, and what was lost"
run -c empty.yaml -e --strict -r private.pcap -r "$lookup"
check "--strict goes before -e" [ $status -eq 4 ]

# --- a terminal ---
if command -v script >/dev/null; then
    on_tty -c empty.yaml -r "$lookup"
    check "a terminal: status 0" [ $status -eq 0 ]
    check "a terminal: readable lines, no JSON" no says '{"timestamp"'
    check "a terminal: the lookup is shown" says 'ldap://'
    check "a terminal: colours" says $'\033['
    NO_COLOR=1 on_tty -c empty.yaml --progress never -r "$lookup"
    check "NO_COLOR: none" no says $'\033['
    term=dumb on_tty -c empty.yaml -r "$lookup"
    check "a dumb terminal: none" no says $'\033['
    on_tty -c empty.yaml --color never --progress never -r "$lookup"
    check "--color never: none" no says $'\033['
    on_tty -c empty.yaml -j -r "$lookup"
    check "a terminal and -j: EVE" says '{"timestamp"'
    rm -f logs/eve.json
    on_tty -c empty.yaml -r "$lookup" -l logs
    check "a terminal and -l: both" [ -s out ]
    check "a terminal and -l: the file" has_alert logs/eve.json
else
    echo "# script(1) is missing: the checks on a terminal are left out"
fi
run -c empty.yaml --progress always -r "$lookup"
check "--progress always: on stderr" grep -q $'^\r\[[#-]*\] [0-9]*%' err
check "--progress always: erased at the end" [ "$(tail -c 4 err)" = $'\r\033[K' ]
check "--progress always: stdout carries EVE only" all_json out
run -c empty.yaml --progress always -r "$lookup" -r missing.pcap
check "a message begins where the progress line was erased" grep -q $'\r\033\[Kjndi-sensor: error: missing.pcap' err

# --- time ---
{ capture_begin; frames_at 5000 5010 5020; } >late.pcap
{ capture_begin; frames_at 100 110 120; } >early.pcap
run -c empty.yaml --set stats.interval=10s -j -r late.pcap -r early.pcap
check "stats in packet time" says '"timestamp":"1970-01-01T01:23:30.000000+0000","event_type":"stats"'
check "stats go on after the clock went back" says '"timestamp":"1970-01-01T00:01:50.000000+0000","event_type":"stats"'

# --- signals ---
feed() { # a capture without end
    head -c 24 "$benign"
    while tail -c +25 "$benign" 2>/dev/null; do :; done
}
start() { # start ARGUMENTS...: reads the capture without end, in the background
    rm -f pipe out err
    mkfifo pipe
    feed >pipe 2>/dev/null &
    feeder=$!
    "$sensor" -c empty.yaml "$@" -r - <pipe >out 2>err &
    pid=$!
}
finish() { # a program that does not end is ended, and found by its status
    wait_for 30 no kill -0 $pid 2>/dev/null || kill -KILL $pid
    wait $pid
    status=$?
    kill $feeder 2>/dev/null
    wait $feeder 2>/dev/null
}
rm -f logs/eve.json
for signal in INT TERM; do
    start -v -l logs
    wait_for 30 says 'jndi-sensor: reading 1 file ' err
    sleep 0.5
    kill -$signal $pid
    finish
    check "SIG$signal: status 0" [ $status -eq 0 ]
    check "SIG$signal: says what was read" grep -q '^jndi-sensor: stopped by a signal: [0-9]* frames, ' err
    check "SIG$signal: the file ends with a whole line" all_json logs/eve.json
    rm -f logs/eve.json
done
start -v -l logs
wait_for 30 says 'jndi-sensor: reading 1 file ' err
mv logs/eve.json logs/eve.json.1
kill -HUP $pid
check "SIGHUP: the file is there again" wait_for 20 test -e logs/eve.json
kill -USR1 $pid
check "SIGUSR1: the counters on stderr" wait_for 20 says 'jndi-sensor: so far: ' err
check "SIGUSR1: and as an event" wait_for 20 says '"event_type":"stats"' logs/eve.json
kill -STOP $pid # both signals wait, and come together
kill -INT $pid
kill -TERM $pid
kill -CONT $pid
finish
check "two signals: at once, 128 + the signal" [ $status -eq 130 -o $status -eq 143 ]
# Standard input that says nothing: the read must come back.
rm -f pipe out err
mkfifo pipe
exec 9<>pipe
"$sensor" -v -c empty.yaml -r - <pipe >out 2>err &
pid=$!
wait_for 30 says 'jndi-sensor: reading 1 file ' err
sleep 0.5
kill -INT $pid
check "SIGINT while standard input is silent: the end" wait_for 10 no kill -0 $pid 2>/dev/null
kill -KILL $pid 2>/dev/null
exec 9>&-
# Few frames, and never idle: a request must not wait for thousands of them.
rm -f pipe out err
mkfifo pipe
exec 9<>pipe
"$sensor" -v -c empty.yaml -r - <pipe >out 2>err &
pid=$!
wait_for 30 says 'jndi-sensor: reading 1 file ' err
{ capture_begin; frames_at 100; } >&9
kill -USR1 $pid
frames_at 102 104 >&9
check "SIGUSR1 between a few frames: within a second of theirs" wait_for 10 says 'jndi-sensor: so far: ' err
kill -KILL $pid
wait $pid 2>/dev/null
exec 9>&-

finish_checks
