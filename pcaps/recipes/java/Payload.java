// SPDX-License-Identifier: GPL-2.0-or-later
import java.util.Hashtable;
import javax.naming.Context;
import javax.naming.Name;
import javax.naming.spi.ObjectFactory;

/** The class that the recorded attacks deliver: says that it ran, and does nothing else. */
public class Payload implements ObjectFactory {
    static {
        System.err.println("payload loaded");
    }

    public Object getObjectInstance(Object object, Name name, Context context, Hashtable<?, ?> environment) {
        return "payload object";
    }
}
