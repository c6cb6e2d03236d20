// SPDX-License-Identifier: GPL-2.0-or-later
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;

/** HttpPost URL TYPE TEXT: sends the text as a JVM does, in chunks of 16 bytes. */
public final class HttpPost {
    public static void main(String[] args) throws Exception {
        HttpURLConnection c = (HttpURLConnection) new URL(args[0]).openConnection();

        c.setRequestMethod("POST");
        c.setDoOutput(true);
        c.setChunkedStreamingMode(16);
        c.setRequestProperty("Content-Type", args[1]);
        try (OutputStream out = c.getOutputStream()) {
            out.write(args[2].getBytes(StandardCharsets.UTF_8));
        }
        System.out.println(c.getResponseCode());
    }

    private HttpPost() {
    }
}
