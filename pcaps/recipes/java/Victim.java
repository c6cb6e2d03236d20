// SPDX-License-Identifier: GPL-2.0-or-later
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import javax.naming.InitialContext;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.lookup.Interpolator;
import org.apache.logging.log4j.core.lookup.MapLookup;
import org.apache.logging.log4j.core.lookup.StrLookup;
import org.apache.logging.log4j.core.lookup.StrSubstitutor;

/** A web application that "logs" the request line and its headers through Log4j's own substitution, with the jndi
 *  lookup put back that Log4j 2.15 took out. Argument: port. */
public class Victim {
    static class JndiLookup implements StrLookup {
        public String lookup(String key) {
            try {
                return String.valueOf(new InitialContext().lookup(key));
            } catch (Throwable t) {
                System.err.println(key + ": " + t);
                return null;
            }
        }

        public String lookup(LogEvent event, String key) {
            return lookup(key);
        }
    }

    @SuppressWarnings("unchecked")
    static StrSubstitutor vulnerable() throws Exception {
        Interpolator interpolator = new Interpolator(new MapLookup(new HashMap<>()));
        var field = Interpolator.class.getDeclaredField("strLookupMap");
        field.setAccessible(true);
        ((Map<String, StrLookup>) field.get(interpolator)).put("jndi", new JndiLookup());
        StrSubstitutor substitutor = new StrSubstitutor(interpolator);
        substitutor.setEnableSubstitutionInVariables(true);
        return substitutor;
    }

    public static void main(String[] args) throws Exception {
        StrSubstitutor substitutor = vulnerable();
        HttpServer server = HttpServer.create(new InetSocketAddress(Integer.parseInt(args[0])), 0);
        server.createContext("/", exchange -> {
            StringBuilder line = new StringBuilder(exchange.getRequestMethod() + " " + exchange.getRequestURI());
            exchange.getRequestHeaders().forEach((name, values) -> line.append(' ').append(name).append(values));
            System.err.println(substitutor.replace(line.toString()));
            byte[] body = "ok\n".getBytes();
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }
}
