// SPDX-License-Identifier: GPL-2.0-or-later
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {"id":..,"b64":".."} lines, asks an Engine, writes one verdict line per input line. */
final class OracleIO {

    /** What one evaluation of one message did. */
    static final class Verdict {
        /** every key handed to the jndi lookup, in order, with repetitions */
        final List<String> keys = new ArrayList<>();
        /** why the formatting of the message was given up, or null */
        String aborted;
        /** the text that would have been logged, or null when given up */
        String rendered;
        /** symbolic: a lookup had an answer that only the victim knows */
        boolean withheld;
    }

    interface Engine {
        /**
         * @param symbolic lookups whose result depends on the host or the clock answer null
         * @param loop     true: the loop of 2.14.1's MessagePatternConverter; false: one replace() of the message
         */
        Verdict evaluate(String message, boolean symbolic, boolean loop);
    }

    private static final Pattern ID = Pattern.compile("\"id\"\\s*:\\s*(\"(?:[^\"\\\\]|\\\\.)*\"|-?[0-9]+)");
    private static final Pattern B64 = Pattern.compile("\"b64\"\\s*:\\s*\"([A-Za-z0-9+/=]*)\"");

    private OracleIO() {
    }

    static void run(Engine engine) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.ISO_8859_1));
        PrintStream out = new PrintStream(System.out, false, "US-ASCII");
        long n = 0;
        for (String line; (line = in.readLine()) != null; ) {
            if (line.isBlank()) {
                continue;
            }
            n++;
            Matcher id = ID.matcher(line);
            Matcher b64 = B64.matcher(line);
            if (!b64.find()) {
                System.err.println("line " + n + ": no \"b64\"");
                System.exit(3);
            }
            byte[] raw = Base64.getDecoder().decode(b64.group(1));
            String msg;
            try {
                msg = StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT).decode(ByteBuffer.wrap(raw)).toString();
            } catch (CharacterCodingException e) {
                msg = readMixed(raw);
            }
            Verdict real = engine.evaluate(msg, false, true);
            Verdict sym = engine.evaluate(msg, true, true);
            Verdict once = engine.evaluate(msg, true, false);
            StringBuilder b = new StringBuilder(256);
            b.append("{\"id\":").append(id.find() ? id.group(1) : Long.toString(n));
            b.append(",\"real_lookups\":");
            list(b, uniq(real.keys));
            b.append(",\"real_aborted\":");
            str(b, real.aborted);
            b.append(",\"lookups\":");
            list(b, uniq(sym.keys));
            b.append(",\"aborted\":");
            str(b, sym.aborted);
            b.append(",\"rendered\":");
            str(b, sym.rendered);
            b.append(",\"withheld\":").append(sym.withheld);
            b.append(",\"first_pass\":");
            list(b, uniq(once.keys));
            out.println(b.append('}'));
        }
        out.flush();
    }

    private static List<String> uniq(List<String> in) {
        return new ArrayList<>(new LinkedHashSet<>(in));
    }

    private static void list(StringBuilder b, List<String> l) {
        b.append('[');
        for (int i = 0; i < l.size(); i++) {
            if (i > 0) {
                b.append(',');
            }
            str(b, l.get(i));
        }
        b.append(']');
    }

    static void str(StringBuilder b, String s) {
        if (s == null) {
            b.append("null");
            return;
        }
        b.append('"');
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if (c == '"' || c == '\\') {
                b.append('\\').append(c);
            } else if (c < 0x20 || c > 0x7e) {
                b.append(String.format("\\u%04x", (int) c));
            } else {
                b.append(c);
            }
        }
        b.append('"');
    }

    /* As the sensor reads it: a byte that is no UTF-8 is Latin-1, alone. */
    private static String readMixed(byte[] raw) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < raw.length;) {
            int lead = raw[i] & 0xff;
            int n = lead < 0xc2 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 1;
            try {
                text.append(StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT)
                        .decode(ByteBuffer.wrap(raw, i, Math.min(n, raw.length - i))));
                i += n;
            } catch (CharacterCodingException e) {
                text.append((char) lead);
                i++;
            }
        }
        return text.toString();
    }
}
