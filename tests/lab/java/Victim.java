/* SPDX-License-Identifier: GPL-2.0-or-later */
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.rmi.registry.LocateRegistry;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import javax.naming.Context;
import javax.naming.InitialContext;
import javax.naming.directory.InitialDirContext;
import javax.naming.directory.SearchControls;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.lookup.Interpolator;
import org.apache.logging.log4j.core.lookup.MapLookup;
import org.apache.logging.log4j.core.lookup.StrLookup;
import org.apache.logging.log4j.core.lookup.StrSubstitutor;

/**
 * The host that is attacked: Victim PORT [CERTIFICATE].
 *
 * On PORT a web application that logs what it is sent, through Log4j's own substitution, with the lookup of JNDI that
 * Log4j had before 2.15. On standard input one command a line, answered by one line, for what no request can cause:
 *
 *   lookup URL [NAME PASSWORD]   as a program asks JNDI itself; refer URL: the same, following referrals
 *   login URL BASE UID PASSWORD  what an application does to log somebody in
 *   call HOST PORT NAME          an RMI call
 *   get URL, load URL CLASS      a page, a class of one's own
 *
 * CERTIFICATE is trusted, in the place of all others.
 */
public final class Victim {
    private static final class Jndi implements StrLookup {
        @Override
        public String lookup(String key) {
            try {
                return String.valueOf(new InitialContext().lookup(key));
            } catch (Exception | LinkageError e) {
                return null; // Log4j says so in its own log, and goes on
            }
        }

        @Override
        public String lookup(LogEvent event, String key) {
            return lookup(key);
        }
    }

    /** Log4j's substitution; its table of lookups is private, and no longer has this one. */
    @SuppressWarnings("unchecked")
    private static StrSubstitutor log4j() throws ReflectiveOperationException {
        Interpolator interpolator = new Interpolator(new MapLookup(new HashMap<>()));
        var table = Interpolator.class.getDeclaredField("strLookupMap");
        table.setAccessible(true);
        ((Map<String, StrLookup>) table.get(interpolator)).put("jndi", new Jndi());
        StrSubstitutor substitutor = new StrSubstitutor(interpolator);
        substitutor.setEnableSubstitutionInVariables(true); // nested lookups, as they were the default then
        return substitutor;
    }

    private static void serve(int port) throws Exception {
        StrSubstitutor log = log4j();
        HttpServer server = HttpServer.create(new InetSocketAddress(port), 0);
        server.setExecutor(Executors.newFixedThreadPool(4));
        server.createContext("/", exchange -> {
            StringBuilder line = new StringBuilder(exchange.getRequestMethod() + " " + exchange.getRequestURI());
            exchange.getRequestHeaders().forEach((name, values) -> line.append(' ').append(name).append(values));
            line.append(' ').append(new String(exchange.getRequestBody().readAllBytes(), "UTF-8"));
            synchronized (log) {
                log.replace(line.toString());
            }
            byte[] answer = "ok\n".getBytes();
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
    }

    private static void trust(String certificate) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (var in = Files.newInputStream(Path.of(certificate))) {
            store.setCertificateEntry("lab", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        SSLContext.setDefault(context);
    }

    private static Object lookup(String[] word, boolean follow) throws Exception {
        Hashtable<String, String> settings = new Hashtable<>();
        if (follow)
            settings.put(Context.REFERRAL, "follow");
        if (word.length > 2) {
            settings.put(Context.SECURITY_AUTHENTICATION, "simple");
            settings.put(Context.SECURITY_PRINCIPAL, word[2]);
            settings.put(Context.SECURITY_CREDENTIALS, word[3]);
        }
        return new InitialContext(settings).lookup(word[1]);
    }

    /** Finds the person, then binds as that person. */
    private static Object login(String url, String base, String uid, String password) throws Exception {
        Hashtable<String, String> settings = new Hashtable<>();
        settings.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.ldap.LdapCtxFactory");
        settings.put(Context.PROVIDER_URL, url);
        SearchControls subtree = new SearchControls();
        subtree.setSearchScope(SearchControls.SUBTREE_SCOPE);
        InitialDirContext directory = new InitialDirContext(settings);
        String name = directory.search(base, "(&(objectClass=person)(cn={0}))", new Object[] {uid}, subtree).next().getNameInNamespace();
        directory.close();
        settings.put(Context.SECURITY_AUTHENTICATION, "simple");
        settings.put(Context.SECURITY_PRINCIPAL, name);
        settings.put(Context.SECURITY_CREDENTIALS, password);
        new InitialDirContext(settings).close();
        return name;
    }

    private static Object call(String[] word) throws Exception {
        return ((Registry.Greeter) LocateRegistry.getRegistry(word[1], Integer.parseInt(word[2])).lookup(word[3])).greet("lab");
    }

    private static Object load(String url, String name) throws Exception {
        try (URLClassLoader loader = new URLClassLoader(new java.net.URL[] {URI.create(url).toURL()})) {
            return loader.loadClass(name);
        }
    }

    private static Object obey(String[] word) throws Exception {
        return switch (word[0]) {
            case "lookup" -> lookup(word, false);
            case "refer" -> lookup(word, true);
            case "login" -> login(word[1], word[2], word[3], word[4]);
            case "call" -> call(word);
            case "get" -> URI.create(word[1]).toURL().openStream().readAllBytes().length;
            case "load" -> load(word[1], word[2]);
            default -> throw new IllegalArgumentException(List.of(word).toString());
        };
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\s+", " ");
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 1)
            trust(arguments[1]);
        serve(Integer.parseInt(arguments[0]));
        System.out.println("ready");
        var commands = new BufferedReader(new InputStreamReader(System.in));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            try {
                System.out.println(oneLine("done " + obey(line.split(" "))));
            } catch (Exception | LinkageError e) {
                System.out.println(oneLine("failed " + e));
            }
        }
    }
}
