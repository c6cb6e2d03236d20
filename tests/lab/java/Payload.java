/* SPDX-License-Identifier: GPL-2.0-or-later */
import java.util.Hashtable;
import javax.naming.Context;
import javax.naming.Name;
import javax.naming.spi.ObjectFactory;

/** The class that an attack brings: gives a text, and does nothing else. */
public class Payload implements ObjectFactory {
    @Override
    public Object getObjectInstance(Object reference, Name name, Context context, Hashtable<?, ?> environment) {
        return "payload-has-run";
    }
}
