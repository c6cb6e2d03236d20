// SPDX-License-Identifier: GPL-2.0-or-later
import java.util.Hashtable;
import javax.naming.Context;
import javax.naming.directory.InitialDirContext;
import javax.naming.directory.SearchControls;

/** An application's login: find the user below a base, then bind as that user. Same JVM client, nothing bad. */
public class DirectoryUser {
    public static void main(String[] args) throws Exception {
        Hashtable<String, Object> environment = new Hashtable<>();
        environment.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.ldap.LdapCtxFactory");
        environment.put(Context.PROVIDER_URL, args[0]);

        InitialDirContext directory = new InitialDirContext(environment);
        SearchControls controls = new SearchControls();
        controls.setSearchScope(SearchControls.SUBTREE_SCOPE);
        controls.setReturningAttributes(new String[] {"cn", "sn"});
        var result = directory.search("dc=corp,dc=example", "(&(objectClass=person)(uid=alice))", controls);
        String who = result.next().getNameInNamespace();
        directory.close();

        environment.put(Context.SECURITY_AUTHENTICATION, "simple");
        environment.put(Context.SECURITY_PRINCIPAL, who);
        environment.put(Context.SECURITY_CREDENTIALS, "alicepw");
        new InitialDirContext(environment).close();
        System.out.println("logged in as " + who);
        System.exit(0);
    }
}
