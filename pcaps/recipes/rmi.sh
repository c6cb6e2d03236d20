# SPDX-License-Identifier: GPL-2.0-or-later
# The callback over RMI: a JVM's own registry, once with a reference to a class elsewhere, once as an application uses it.

if wanted rmi-reference rmi-reference-class benign-rmi; then
    serve out 8000 python3 -m http.server 8000 --bind 10.99.0.1 -d "$WORK/www"
    serve out 1099 java --add-modules jdk.naming.rmi \
        --add-exports jdk.naming.rmi/com.sun.jndi.rmi.registry=ALL-UNNAMED -cp "$WORK/classes" \
        Registrar 10.99.0.1 1099 http://10.99.0.1:8000/ 40099
    scene rmi-reference java_in Lookup rmi://10.99.0.1:1099/ref
    # shellcheck disable=SC2086
    scene rmi-reference-class java_in $TRUST Lookup rmi://10.99.0.1:1099/ref
    scene benign-rmi java_in Registrar\$Caller 10.99.0.1 1099
    stop_servers
fi
