# SPDX-License-Identifier: GPL-2.0-or-later
# Read by record.sh: two hosts, servers that are waited for, one capture per scene.

OUT="ip netns exec jndirec-out" IN="ip netns exec jndirec-in"
# JDKs since 2018 refuse to load a class from elsewhere unless told so: these options are the old default.
TRUST="-Dcom.sun.jndi.ldap.object.trustURLCodebase=true -Dcom.sun.jndi.rmi.object.trustURLCodebase=true
    -Dcom.sun.jndi.ldap.object.trustSerialData=true"
LOG4J=/usr/share/java/log4j-core.jar:/usr/share/java/log4j-api.jar

say() { printf '%s\n' "$*" >&2; }

# Clean addresses, no offloads (they would show frames that no wire ever carried), no neighbour chatter in the captures.
hosts_up() {
    mount -t tmpfs tmpfs /run
    sysctl -qw kernel.hostname=web01 # programs write it into what they send
    ip netns add jndirec-out
    ip netns add jndirec-in
    ip -n jndirec-out link add e0 type veth peer name e0 netns jndirec-in
    local host n=1
    for host in out in; do
        ip netns exec jndirec-$host ethtool -K e0 tx off rx off tso off gso off gro off >/dev/null 2>&1 || true
        ip netns exec jndirec-$host sysctl -qw net.ipv6.conf.e0.router_solicitations=0
        ip -n jndirec-$host addr add "10.99.0.$n/24" dev e0
        ip -n jndirec-$host addr add "fd99::$n/64" dev e0 nodad
        ip -n jndirec-$host link set lo up
        ip -n jndirec-$host link set e0 up
        n=$((n + 1))
    done
    $OUT curl -s -o /dev/null --max-time 2 http://10.99.0.2:1/ || true # neighbours are known from here on
    $OUT curl -s -o /dev/null --max-time 2 'http://[fd99::2]:1/' || true
    printf 'nameserver 10.99.0.1\noptions timeout:1 attempts:1\n' >"$WORK/resolv.conf"
}

java_build() {
    mkdir -p "$WORK/classes" "$WORK/www"
    javac -nowarn -cp "$LOG4J" -d "$WORK/classes" --add-modules jdk.naming.rmi \
        --add-exports jdk.naming.rmi/com.sun.jndi.rmi.registry=ALL-UNNAMED "$here"/java/*.java 2>"$WORK/javac.log" || { cat "$WORK/javac.log" >&2; return 1; }
    mv "$WORK/classes/Payload.class" "$WORK/www/"
}

# wanted NAME...: is any of these captures asked for?
wanted() {
    local name
    for name in "$@"; do
        [[ $name =~ $WANTED ]] && return 0
    done
    return 1
}

# have PROGRAM...: are all of them installed? Says what is not.
have() {
    local program
    for program in "$@"; do
        command -v "$program" >/dev/null && continue
        say "$program is not installed: what needs it is left out"
        return 1
    done
}

# serve HOST PORT COMMAND...: in the background, until PORT listens (TCP) or the process stands for a second (UDP, port 0).
serve() {
    local host=$1 port=$2
    shift 2
    ip netns exec "jndirec-$host" "$@" >>"$WORK/servers.log" 2>&1 </dev/null &
    SERVERS+=($!)
    local i
    for i in $(seq 200); do
        ip netns exec "jndirec-$host" ss -ltunH | grep -q ":$port " && return 0
        sleep 0.05
    done
    say "not listening on $port: $*"
    tail -n 20 "$WORK/servers.log" >&2
    return 1
}
SERVERS=()

stop_servers() {
    [ ${#SERVERS[@]} -eq 0 ] || kill "${SERVERS[@]}" 2>/dev/null || true
    wait "${SERVERS[@]}" 2>/dev/null || true
    SERVERS=()
}

# scene NAME COMMAND...: records COMMAND into NAME.pcap. COMMAND may fail: a refused lookup is a scene too.
scene() {
    local name=$1 pid i last=-1 size
    shift
    [[ $name =~ $WANTED ]] || return 0
    : >"$WORK/tcpdump.log"
    $IN tcpdump -i e0 -s 0 -U --immediate-mode -Z root -w "$PCAPS/$name.pcap" 'tcp or udp' \
        2>"$WORK/tcpdump.log" &
    pid=$!
    for i in $(seq 100); do
        grep -q 'listening on' "$WORK/tcpdump.log" && break
        sleep 0.05
    done
    "$@" >"$WORK/scene.log" 2>&1 || true
    for i in $(seq 20); do # until the wire has been silent for a moment
        size=$(stat -c %s "$PCAPS/$name.pcap")
        [ "$size" -eq "$last" ] && break
        last=$size
        sleep 0.3
    done
    kill -INT $pid
    wait $pid 2>/dev/null || true
    say "$name: $(stat -c %s "$PCAPS/$name.pcap") bytes. $(tr '\n' ' ' <"$WORK/scene.log" | cut -c1-150)"
}

curl_out() { timeout 10 $OUT curl -s -o /dev/null -w '%{http_code}\n' "$@"; }

# java_in OPTIONS... CLASS ARGUMENTS...: a JVM on the inner host, whose resolver is the outer one.
java_in() {
    timeout 30 $IN sh -c 'mount --bind "$0" /etc/resolv.conf; exec java -XX:TieredStopAtLevel=1 "$@"' \
        "$WORK/resolv.conf" -cp "$WORK/classes:$LOG4J" "$@"
}
