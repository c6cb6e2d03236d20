// SPDX-License-Identifier: GPL-2.0-or-later
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/** LogLines TEXT...: logs each text; the configuration says where to. */
public final class LogLines {
    public static void main(String[] args) {
        Logger log = LogManager.getLogger("app");

        for (String text : args)
            log.error(text);
        LogManager.shutdown();
    }

    private LogLines() {
    }
}
