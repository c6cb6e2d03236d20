// SPDX-License-Identifier: GPL-2.0-or-later
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.impl.Log4jLogEvent;
import org.apache.logging.log4j.core.lookup.DateLookup;
import org.apache.logging.log4j.core.lookup.Interpolator;
import org.apache.logging.log4j.core.lookup.LookupResult;
import org.apache.logging.log4j.core.lookup.StrLookup;
import org.apache.logging.log4j.core.lookup.StrSubstitutor;
import org.apache.logging.log4j.message.SimpleMessage;
import org.apache.logging.log4j.status.StatusData;
import org.apache.logging.log4j.status.StatusListener;
import org.apache.logging.log4j.status.StatusLogger;

/**
 * Would Log4j 2.14.1 ask JNDI, and for what, when it formats this message with %m?
 *
 * Runs on the substitution engine and the lookups of Debian's liblog4j2-java (2.19.0), whose own protections are
 * taken off again from outside: "jndi" is mapped to a recorder, every lookup result and every default value is
 * evaluated again, a cyclic reference or a lookup that throws gives the message up, and the message is replaced once
 * per "${" found in it, as MessagePatternConverter did.
 */
final class Oracle implements OracleIO.Engine {

    /** lookups that are functions of their key alone; "date" is looked at separately */
    private static final Set<String> PURE = Set.of("lower", "upper");
    /** what every JVM on a Unix system says, and so no secret of the victim's */
    private static final Set<String> STEADY = Set.of("file.separator", "path.separator", "line.separator");
    private static final long T1 = 1639130400000L; // 2021-12-10T10:00:00Z
    private static final long T2 = 1672759565432L; // another year, month, day, hour, minute, second, half day
    private static final int MAX_PASSES = 2000;

    private final Recorder recorder = new Recorder();
    private final Interpolator concrete = new Interpolator();
    private final Interpolator symbolic = new Interpolator();
    private boolean withheld;

    private Oracle() {
        concrete.getStrLookupMap().put("jndi", recorder);
        Map<String, StrLookup> m = symbolic.getStrLookupMap();
        for (Map.Entry<String, StrLookup> e : m.entrySet()) {
            if (e.getKey().equals("date")) {
                e.setValue(new SteadyDate());
            } else if (!PURE.contains(e.getKey())) {
                e.setValue(new Secret(e.getValue(), e.getKey().equals("sys") ? STEADY : Set.of()));
            }
        }
        m.put("jndi", recorder);
    }

    public static void main(String[] args) throws Exception {
        StatusLogger.getLogger().setLevel(Level.OFF);
        StatusLogger.getLogger().registerListener(new LoopWatch());
        OracleIO.run(new Oracle());
    }

    @Override
    public OracleIO.Verdict evaluate(String message, boolean sym, boolean loop) {
        OracleIO.Verdict v = new OracleIO.Verdict();
        recorder.keys = v.keys;
        withheld = false;
        Engine engine = new Engine(sym ? symbolic : concrete);
        LogEvent event = Log4jLogEvent.newBuilder().setLoggerName("app").setLevel(Level.INFO)
                .setMessage(new SimpleMessage(message)).setTimeMillis(T1).setThreadName("main").build();
        StringBuilder work = new StringBuilder(message);
        int passes = 0;
        for (int i = 0; i < work.length() - 1; i++) {
            if (work.charAt(i) != '$' || work.charAt(i + 1) != '{') {
                continue;
            }
            String now = work.toString();
            work.setLength(0);
            work.append(engine.start(event, now));
            v.withheld = withheld;
            if (engine.why != null) {
                v.aborted = engine.why;
                return v;
            }
            if (!loop) {
                break;
            }
            if (++passes > MAX_PASSES) {
                v.aborted = "passes";
                return v;
            }
        }
        v.rendered = work.toString();
        return v;
    }

    /**
     * The engine's own check drops a repeated expression before it is resolved, says so in its status log and goes on,
     * where 2.14.1 threw. This is the one place to see it.
     */
    private static final class LoopWatch implements StatusListener {
        static boolean seen;

        @Override
        public void log(StatusData data) {
            if (data.getMessage().getFormattedMessage().startsWith("Infinite loop in property interpolation")) {
                seen = true;
            }
        }

        @Override
        public Level getStatusLevel() {
            return Level.WARN;
        }

        @Override
        public void close() {
        }
    }

    /** the recording stand-in for JndiLookup */
    private static final class Recorder implements StrLookup {
        List<String> keys = new ArrayList<>();

        @Override
        public String lookup(String key) {
            if (key == null) {
                return null;
            }
            keys.add(key);
            return null;
        }

        @Override
        public String lookup(LogEvent event, String key) {
            return lookup(key);
        }
    }

    /** the real lookup is asked, for it may throw, and its answer is withheld: only the victim knows it */
    private final class Secret implements StrLookup {
        private final StrLookup real;
        private final Set<String> steady;

        Secret(StrLookup real, Set<String> steady) {
            this.real = real;
            this.steady = steady;
        }

        @Override
        public String lookup(String key) {
            return lookup(null, key);
        }

        @Override
        public String lookup(LogEvent event, String key) {
            String answer = event == null ? real.lookup(key) : real.lookup(event, key);
            if (steady.contains(key)) {
                return answer;
            }
            withheld |= answer != null;
            return null;
        }
    }

    /** a date pattern counts as known only when the clock does not show in its result */
    private final class SteadyDate implements StrLookup {
        private final DateLookup date = new DateLookup();

        @Override
        public String lookup(String key) {
            return null;
        }

        @Override
        public String lookup(LogEvent event, String key) {
            String a = at(T1, key);
            if (a != null && a.equals(at(T2, key))) {
                return a;
            }
            withheld |= a != null;
            return null;
        }

        private String at(long t, String key) {
            return date.lookup(Log4jLogEvent.newBuilder().setTimeMillis(t).build(), key);
        }
    }

    /** carries a value and asks for its evaluation, which 2.19 grants to configuration properties alone */
    private static final class Again implements LookupResult {
        private final String value;

        Again(String value) {
            this.value = value;
        }

        @Override
        public String value() {
            return value;
        }

        @Override
        public boolean isLookupEvaluationAllowedInValue() {
            return true;
        }
    }

    private static final class GivenUp extends Error {
        private static final long serialVersionUID = 1L;

        GivenUp(String why) {
            super(why, null, false, false);
        }
    }

    /** one value that is being evaluated: the variable it came from, and how much text lies behind it */
    private static final class Frame {
        final String variable;
        final int tail;

        Frame(String variable, int tail) {
            this.variable = variable;
            this.tail = tail;
        }
    }

    private static final class Open {
        String text;
        final Deque<Frame> frames = new ArrayDeque<>();
    }

    private static final class Engine extends StrSubstitutor {
        private final Interpolator resolver;
        private final IdentityHashMap<StringBuilder, Open> open = new IdentityHashMap<>();
        private String why;

        Engine(Interpolator resolver) {
            super(resolver);
            this.resolver = resolver;
            // The engine would not evaluate a default value again. With its own delimiter off it hands over the whole
            // expression, and name and default are told apart below.
            setValueDelimiterMatcher(null);
        }

        String start(LogEvent event, String text) {
            open.clear();
            why = null;
            LoopWatch.seen = false;
            String r = replace(event, text);
            if (LoopWatch.seen && why == null) {
                why = "cyclic";
            }
            return r;
        }

        @Override
        protected LookupResult resolveVariable(LogEvent event, String expr, StringBuilder buf, int start, int end) {
            if (LoopWatch.seen) {
                why = "cyclic";
                throw new GivenUp(why);
            }
            String name = expr;
            String dflt = null;
            int esc = expr.indexOf(":\\-");
            int del = expr.indexOf(":-");
            if (esc >= 0 && (del < 0 || esc < del)) {
                String head = expr.substring(0, esc) + ':';
                int next = expr.indexOf(":-", esc + 3);
                if (next < 0) {
                    name = head + expr.substring(esc + 2);
                } else {
                    name = head + expr.substring(esc + 3, next);
                    dflt = expr.substring(next + 2);
                }
            } else if (del >= 0) {
                name = expr.substring(0, del);
                dflt = expr.substring(del + 2);
            }

            // 2.14.1 kept a list of the text and of the variables whose values are being evaluated, one per buffer
            Open o = open.get(buf);
            if (o == null) {
                o = new Open();
                o.text = buf.toString();
                open.put(buf, o);
            }
            int tail = buf.length() - end;
            while (!o.frames.isEmpty() && tail < o.frames.peek().tail) {
                o.frames.pop();
            }
            boolean cyclic = name.equals(o.text);
            for (Iterator<Frame> it = o.frames.iterator(); !cyclic && it.hasNext(); ) {
                cyclic = name.equals(it.next().variable);
            }
            if (cyclic) {
                why = "cyclic";
                throw new GivenUp(why);
            }

            String value;
            try {
                value = resolver.lookup(event, name);
            } catch (RuntimeException e) {
                why = "lookup: " + e.getClass().getSimpleName();
                throw new GivenUp(why);
            }
            if (value == null) {
                value = dflt;
            }
            if (value == null) {
                return null;
            }
            o.frames.push(new Frame(name, tail));
            return new Again(value);
        }
    }
}
