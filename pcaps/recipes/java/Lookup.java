// SPDX-License-Identifier: GPL-2.0-or-later
import javax.naming.InitialContext;

/** What a vulnerable Log4j does in the end: InitialContext.lookup(args[0]). */
public class Lookup {
    public static void main(String[] args) {
        try {
            System.out.println("found " + new InitialContext().lookup(args[0]));
        } catch (Throwable t) {
            System.out.println("refused: " + t);
        }
        System.exit(0);
    }
}
