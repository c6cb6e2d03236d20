#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# checks.sh: what the tests of the command line have in common; they read it with ".". A line per check (TAP); the
# exit status is 1 when one failed.

begin() { # begin PROGRAM SOURCE-TREE: $sensor and $tree, in a directory of its own
    sensor=$(realpath "$1") tree=$(realpath "$2")
    place=$(mktemp -d)
    trap 'rm -rf "$place"' EXIT
    cd "$place" || exit 1
    n=0 failed=0
}

verdict() { # verdict GOOD NAME [what was seen]
    n=$((n + 1))
    if [ "$1" = yes ]; then
        echo "ok $n - $2"
    else
        failed=$((failed + 1))
        echo "not ok $n - $2"
        [ $# -lt 3 ] || printf '%s\n' "$3" | sed 's/^/#   /'
    fi
}

run() { # run ARGUMENTS...: status, out and err
    "$sensor" "$@" >out 2>err </dev/null
    status=$?
}

# expect STATUS 'PATTERN OF THE ONLY LINE ON STDERR' NAME: of the last run. An empty pattern: nothing on stderr.
expect() {
    local lines good=no
    lines=$(wc -l <err)
    # shellcheck disable=SC2053 # the right side is a pattern
    if [ "$status" -eq "$1" ]; then
        if [ -z "$2" ]; then [ ! -s err ] && good=yes
        else [ "$lines" -eq 1 ] && [[ $(cat err) == $2 ]] && good=yes; fi
    fi
    verdict $good "$3" "status $status, expected $1; expected on stderr: $2; was:
$(head -n 5 err)"
}

fails() { # fails STATUS PATTERN NAME ARGUMENTS...: and says nothing on stdout
    local code=$1 pattern=$2 name=$3
    shift 3
    run "$@"
    expect "$code" "$pattern" "$name"
    [ ! -s out ] || verdict no "$name: stdout is silent" "$(head -n 3 out)"
}

check() { # check NAME COMMAND...: the command succeeds
    local name=$1
    shift
    if "$@"; then verdict yes "$name"; else verdict no "$name" "$*; stdout:
$(head -c 600 out)
stderr:
$(head -n 5 err)"; fi
}
says() { grep -qsF -- "$1" "${2:-out}"; }
silent() { [ ! -s out ]; }
no() { ! "$@"; }
# Needs script(1).
on_tty() { # the program with stdout and stderr on a terminal; what it showed, in out
    TERM=${term:-xterm} script -qec "$(printf '%q ' "$sensor" "$@")" /dev/null >out 2>err </dev/null
    status=$?
}

finish_checks() {
    echo "1..$n"
    [ $failed -eq 0 ] || echo "# $failed of $n failed"
    [ $failed -eq 0 ]
}
