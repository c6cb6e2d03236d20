// SPDX-License-Identifier: GPL-2.0-or-later
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

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
        words();
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

    /** which characters are cased, asked of the JDK: capital sigma is final behind one (a mark needs an alef before it) */
    static void cased() {
        List<int[]> yes = new ArrayList<>();
        for (int cp = 0; cp <= 0x10ffff; cp++) {
            if (cp < 0xd800 || cp > 0xdfff) {
                String c = Character.toString(cp);
                if ((c + "\u03a3").toLowerCase(Locale.ROOT).endsWith("\u03c2")
                        || ("\u05d0" + c + "\u03a3").toLowerCase(Locale.ROOT).endsWith("\u03c2")) {
                    add(yes, cp);
                }
            }
        }
        print("cased_ranges", yes);
    }

    static void add(List<int[]> ranges, int cp) {
        int[] last = ranges.isEmpty() ? null : ranges.get(ranges.size() - 1);
        if (last != null && last[1] == cp - 1) {
            last[1] = cp;
        } else {
            ranges.add(new int[] {cp, cp});
        }
    }

    /** the character classes of the JDK's word break rules (sun.text.resources.BreakIteratorRules), as far as words use them */
    static String wordClass(int cp) {
        if (cp == 0x964 || cp == 0x965) {
            return "WORD_DANDA";
        }
        if (cp == '.') {
            return "WORD_DOT";
        }
        if (cp == '"' || cp == '\'') {
            return "WORD_QUOTE";
        }
        if (cp == ',' || cp == 0x66b) {
            return "WORD_MID_NUMBER";
        }
        if (cp == 0xad || cp == 0x2027) {
            return "WORD_MID_WORD";
        }
        if (cp == 0xa2) {
            return null;
        }
        if (cp == '#') {
            return "WORD_BEFORE_NUMBER";
        }
        if (cp == 0x3005 || cp >= 0x4e00 && cp <= 0x9fa5 || cp >= 0xf900 && cp <= 0xfa2d // kanji
                || cp >= 0x30a1 && cp <= 0x30fa || cp == 0x30fd || cp == 0x30fe // katakana
                || cp >= 0x3041 && cp <= 0x3094 || cp == 0x309d || cp == 0x309e // hiragana
                || cp == 0x309b || cp == 0x309c || cp == 0x30fb || cp == 0x30fc) { // their marks
            return null;
        }
        switch (Character.getType(cp)) {
            case Character.UPPERCASE_LETTER:
            case Character.LOWERCASE_LETTER:
            case Character.TITLECASE_LETTER:
            case Character.MODIFIER_LETTER:
            case Character.OTHER_LETTER:
            case Character.COMBINING_SPACING_MARK:
                return "WORD_LETTER";
            case Character.NON_SPACING_MARK:
            case Character.ENCLOSING_MARK:
                return "WORD_MARK";
            case Character.DECIMAL_DIGIT_NUMBER:
            case Character.LETTER_NUMBER:
            case Character.OTHER_NUMBER:
                return "WORD_DIGIT";
            case Character.FORMAT:
                return "WORD_IGNORED";
            case Character.DASH_PUNCTUATION:
            case Character.CONNECTOR_PUNCTUATION:
                return "WORD_MID_WORD";
            case Character.CURRENCY_SYMBOL:
                return "WORD_BEFORE_NUMBER";
            default:
                return null;
        }
    }

    static void words() {
        System.out.println("static const struct word_range word_ranges[] = {");
        String of = null;
        int first = 0;
        for (int cp = 0; cp <= 0x110000; cp++) {
            String now = cp == 0x110000 || cp >= 0xd800 && cp <= 0xdfff ? null : wordClass(cp);
            if (!Objects.equals(of, now)) {
                if (of != null) {
                    System.out.printf("    {0x%x, 0x%x, %s},%n", first, cp - 1, of);
                }
                of = now;
                first = cp;
            }
        }
        System.out.println("};");
    }

    static void print(String name, List<int[]> ranges) {
        System.out.printf("static const struct case_range %s[] = {%n", name);
        for (int[] r : ranges) {
            System.out.printf("    {0x%x, 0x%x},%n", r[0], r[1]);
        }
        System.out.println("};");
    }
}
