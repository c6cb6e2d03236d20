// SPDX-License-Identifier: GPL-2.0-or-later
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Prints sensor/detect/java_case_table.h: how a JDK maps the case of every UTF-16 code unit of the basic plane and of
 * every supplementary code point. Run with JDK 17: java scripts/CaseTable.java > sensor/detect/java_case_table.h
 */
final class CaseTable {
    public static void main(String[] args) {
        System.out.println("/* SPDX-License-Identifier: GPL-2.0-or-later */");
        System.out.println("/* Printed by scripts/CaseTable.java under Java " + System.getProperty("java.specification.version")
                + "; not edited by hand. */");
        runs("lower_runs", false);
        runs("upper_runs", true);
        specials();
        cased();
    }

    static String map(int cp, boolean upper) {
        String s = new String(Character.toChars(cp));
        return upper ? s.toUpperCase(Locale.US) : s.toLowerCase(Locale.US);
    }

    static boolean single(int cp, boolean upper) {
        String m = map(cp, upper);
        return m.codePointCount(0, m.length()) == 1;
    }

    /** runs of code points, a step apart, that move by the same distance */
    static void runs(String name, boolean upper) {
        List<int[]> all = new ArrayList<>();
        int[] run = null;
        for (int cp = 0x80; cp <= 0x10ffff; cp++) {
            if (cp >= 0xd800 && cp <= 0xdfff || !single(cp, upper)) {
                continue;
            }
            int delta = map(cp, upper).codePointAt(0) - cp;
            if (delta == 0) {
                continue;
            }
            if (run != null && run[3] == delta && (cp - run[1] == run[2] || run[0] == run[1] && cp - run[1] <= 2)) {
                run[2] = cp - run[1];
                run[1] = cp;
                continue;
            }
            run = new int[] {cp, cp, 1, delta};
            all.add(run);
        }
        System.out.printf("static const struct case_run %s[] = {%n", name);
        for (int[] r : all) {
            System.out.printf("    {0x%x, 0x%x, %d, %d},%n", r[0], r[1], r[2], r[3]);
        }
        System.out.println("};");
    }

    /** one character whose upper case is several */
    static void specials() {
        System.out.println("static const struct case_special upper_specials[] = {");
        for (int cp = 0x80; cp <= 0xffff; cp++) {
            if (cp >= 0xd800 && cp <= 0xdfff || single(cp, true)) {
                continue;
            }
            String m = map(cp, true);
            StringBuilder b = new StringBuilder();
            for (int i = 0; i < 3; i++) {
                b.append(i == 0 ? "" : ", ").append(i < m.length() ? String.format("0x%x", (int) m.charAt(i)) : "0");
            }
            System.out.printf("    {0x%x, {%s}},%n", cp, b);
        }
        System.out.println("};");
    }

    /** capital sigma is final when a cased letter stands before it and none behind: which are cased, which are passed over */
    static void cased() {
        List<int[]> yes = new ArrayList<>();
        List<int[]> skip = new ArrayList<>();
        for (int cp = 0; cp <= 0xffff; cp++) {
            if (cp >= 0xd800 && cp <= 0xdfff || cp == 0x3a3) {
                add(cp == 0x3a3 ? yes : null, cp);
                continue;
            }
            String c = new String(Character.toChars(cp));
            boolean before = (c + "\u03a3").toLowerCase(Locale.ROOT).endsWith("\u03c2");
            boolean passed = ("a" + c + "\u03a3").toLowerCase(Locale.ROOT).endsWith("\u03c2");
            if (before) {
                add(yes, cp);
            } else if (passed) {
                add(skip, cp);
            }
        }
        print("cased_ranges", yes);
        print("case_ignorable_ranges", skip);
    }

    static void add(List<int[]> ranges, int cp) {
        if (ranges == null) {
            return;
        }
        int[] last = ranges.isEmpty() ? null : ranges.get(ranges.size() - 1);
        if (last != null && last[1] == cp - 1) {
            last[1] = cp;
        } else {
            ranges.add(new int[] {cp, cp});
        }
    }

    static void print(String name, List<int[]> ranges) {
        System.out.printf("static const struct case_range %s[] = {%n", name);
        for (int[] r : ranges) {
            System.out.printf("    {0x%x, 0x%x},%n", r[0], r[1]);
        }
        System.out.println("};");
    }
}
