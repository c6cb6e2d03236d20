#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# rules.sh PROGRAM SOURCE-TREE: the command rules, --skip-bad-rules, threshold-file and
# classification-file, as an operator meets them.
# shellcheck disable=SC2016 # nothing in single quotes is for the shell
set -uo pipefail
. "$(dirname "$0")/checks.sh"
begin "$@"
p='jndi-sensor: error: '
: >empty.yaml
rule() { echo "alert ${3:-tcp} any any -> any any (msg:\"test $1\"; $2 sid:$1; rev:3;)"; }
{
    rule 1 'jndi.scheme; content:"ldap";' ip
    rule 2 'content:"User-Agent"; nocase; content:"jndi"; threshold:type limit, track by_src, count 1, seconds 60;'
    rule 3 'http.uri; content:"/"; bsize:1;' http
} >good.rules
{ cat good.rules; rule 4 'contant:"x";'; rule 2 'content:"again";'; } >bad.rules
rule 5 'content:"x" ' >broken.rules
has() { grep -q -- "$1" out; }

run rules --help
check "rules --help: status 0, on stdout" [ $status -eq 0 -a -s out -a ! -s err ]
run rules -c empty.yaml
expect 2 "${p}rules: '' is no task: *" "no task"
run rules -c empty.yaml lst
expect 2 "${p}rules: 'lst' is no task: *" "a task that is none"
run rules -c empty.yaml show
expect 2 "${p}rules: show wants a SID after it" "show without a sid"
run rules -c empty.yaml list more
expect 2 "${p}rules: list wants nothing after it" "list with a word too many"

# --- list ---
run rules list -c empty.yaml -S good.rules
check "list: status 0, nothing on stderr" [ $status -eq 0 -a ! -s err ]
check "list: a line for each rule" [ "$(wc -l <out)" -eq 3 ]
check "list: a rule over sightings" has '^ *1  sighting  3  jndi.scheme  *test 1$'
check "list: a rule over traffic" has '^ *2  traffic   3  payload  *test 2$'
check "list: its buffer" has '^ *3  traffic   3  http.uri  *test 3$'
run rules list -c empty.yaml -S bad.rules
check "list: refused rules, and why" has "^ *refused  bad.rules:4: sid 4: keyword 'contant': "
check "list: a sid that is there already" has '^ *refused  bad.rules:5: sid 2: .*bad.rules:2 '
check "list: refused rules are an answer, not a failure" [ $status -eq 0 -a ! -s err ]
run rules list -c empty.yaml
check "list: the rules that came with the program" [ $status -eq 0 -a "$(grep -c sighting out)" -gt 20 ]

# --- show ---
run rules show 2 -c empty.yaml -S good.rules
check "show: where it stands" has '^  file  *good.rules:2$'
check "show: what it asks" has '^  asks  *payload: 2 contents$'
check "show: by what it is found" has '^  found by  *"User-Agent" in either case in the database of payload, both directions'
check "show: how often it may speak" has '^  limit  *limit, by_src, count 1, seconds 60$'
run rules show 3 -c empty.yaml -S good.rules
check "show: a rule without a literal is always asked" has '^  found by  *nothing beforehand'
run rules show 9 -c empty.yaml -S good.rules
expect 1 "${p}rules: there is no rule with sid 9" "show: no such rule"
run rules show x -c empty.yaml -S good.rules
expect 2 "${p}rules: show: 'x' is no sid" "show: no number"

# --- test ---
run rules test good.rules -c empty.yaml
check "test: fine" [ $status -eq 0 -a "$(cat out)" = '3 rules are fine (1 over sightings, 2 over traffic), 0 are refused' ]
run rules test bad.rules -c empty.yaml
check "test: refused, status 1" [ $status -eq 1 -a "$(tail -n 1 out)" = '3 rules are fine (1 over sightings, 2 over traffic), 2 are refused' ]
check "test: each refused rule" [ "$(grep -c '^refused: bad.rules:[45]: ' out)" -eq 2 ]
run rules test nothing.rules -c empty.yaml
expect 2 "${p}rules: nothing.rules: No such file *" "test: a file that is not there"

# --- stats ---
run rules stats -c empty.yaml -S good.rules -r "$tree/pcaps/http-header.pcap"
check "stats: status 0" [ $status -eq 0 -a ! -s err ]
check "stats: what matched" has '^ *1  *[0-9]*  *1  *1  *1  test 1$'
check "stats: matches are counted before thresholds" [ "$(awk '$1 == 2 {print $5}' out)" -ge 1 ]
run rules stats -c empty.yaml -S good.rules
expect 2 "${p}rules: stats: name a capture with -r" "stats: without a capture"
head -c 100 "$tree/pcaps/http-header.pcap" >cut.pcap
run rules stats -c empty.yaml -S good.rules -r cut.pcap
check "stats: a capture that ends early, status 2" [ $status -eq 2 ]

# --- refused rules, when the sensor starts ---
run -T -c empty.yaml -S bad.rules
check "-T: every refused rule is told of, status 2" \
    [ $status -eq 2 -a "$(grep -c '^jndi-sensor: error: bad.rules:[45]: ' err)" -eq 2 ]
check "-T: and how many there are" grep -q 'error: 2 of 5 rules are refused: ' err
run -T -c empty.yaml -S bad.rules --skip-bad-rules
check "--skip-bad-rules: status 0" [ $status -eq 0 ]
check "--skip-bad-rules: each is told of" [ "$(grep -c '^jndi-sensor: warning: bad.rules:[45]: ' err)" -eq 2 ]
check "--skip-bad-rules: the others are used" grep -qx 'jndi-sensor: configuration and 3 rules are fine, 2 are left out' err
run -T -c empty.yaml -S broken.rules --skip-bad-rules
check "--skip-bad-rules: no rule left is a mistake" [ $status -eq 2 ]
run -c empty.yaml -S bad.rules --skip-bad-rules -j -r "$tree/pcaps/http-header.pcap"
check "stats events count rules loaded and failed" \
    [ "$(grep -c '"engines":\[{"id":0,"rules_loaded":3,"rules_failed":2}\]' out)" -eq 1 ]

# --- threshold-file ---
head -c 24 "$tree/pcaps/http-header.pcap" >many.pcap
for _ in 1 2 3 4 5; do tail -c +25 "$tree/pcaps/http-header.pcap"; done >>many.pcap
alerts() { grep -c "\"signature_id\":$1," out; }
with() { # with 'STATEMENTS' MORE ARGUMENTS...
    printf '%s\n' "$1" >threshold.config
    shift
    run -c empty.yaml -S good.rules --set correlate.fold-window=0 --set threshold-file=threshold.config -j -r many.pcap "$@"
}
with '# nothing'
told=$(alerts 1)
check "without a threshold every lookup is an alert" [ "$told" -ge 1 ]
check "a rule's own threshold holds" [ "$(alerts 2)" -eq 1 ]
with 'suppress gen_id 1, sig_id 1'
check "suppress: no alert" [ "$(alerts 1)" -eq 0 ]
check "suppress: counted" [ "$(grep -o '"alerts.suppressed":[0-9]*' out | tail -n 1)" = "\"alerts.suppressed\":$told" ]
with 'threshold gen_id 1, sig_id 2, type limit, track by_rule, count 2, seconds 3600'
alone=$(alerts 2)
check "a threshold of the file stands in for the rule's own" [ "$alone" -le 2 ]
cp out one
with 'threshold gen_id 1, sig_id 2, type limit, track by_rule, count 2, seconds 3600' --set workers=3
check "three workers count as one" [ "$(alerts 2)" -eq "$alone" ]
with 'suppress gen_id 1, sig_id x'
expect 2 "${p}threshold.config:1: sig_id 'x' is no whole number" "a mistake in the file"
run -T -c empty.yaml --set threshold-file=nothing
expect 2 "${p}threshold-file nothing: No such file *" "a file that is not there"

# --- classtypes ---
rule 1 'content:"jndi"; classtype:soc-special;' >class.rules
echo 'config classification: soc-special,Ours alone,4' >class.config
run -c empty.yaml -S class.rules -j -r "$tree/pcaps/http-header.pcap"
check "an unknown classtype is taken and warned of" \
    grep -q "^jndi-sensor: warning: class.rules:1: sid 1: no classtype 'soc-special': its severity is 3" err
check "an unknown classtype: what the alert says" grep -q '"category":"Unknown Classtype","severity":3' out
run rules test class.rules -c empty.yaml
check "rules test: an unknown classtype is fine, and told of" \
    [ $status -eq 0 -a "$(grep -c "warning: class.rules:1: sid 1: no classtype 'soc-special'" err)" -eq 1 ]
run -c empty.yaml -S class.rules --set classification-file=class.config -j -r "$tree/pcaps/http-header.pcap"
check "classification-file: what the alert says" grep -q '"category":"Ours alone","severity":4' out
check "classification-file: no warning" [ ! -s err ]
echo 'config classification: soc-special' >>class.config
run -T -c empty.yaml -S class.rules --set classification-file=class.config
expect 2 "${p}class.config:2: 'config classification: soc-special' is no classtype: *" "a mistake among the classtypes"
run -T -c empty.yaml --set classification-file=nothing
expect 2 "${p}classification-file nothing: No such file *" "no file of classtypes"

# --- what an alert shows ---
rule 1 'dns.query; content:"jndi";' dns >dns.rules
run -c empty.yaml -S dns.rules -j -r "$tree/pcaps/dns-query-name.pcap"
check "an alert about a DNS name shows the message that asks for it" \
    grep -q '"signature_id":1,.*"payload_printable":"[^"]*jndi:ldap' out

finish_checks
