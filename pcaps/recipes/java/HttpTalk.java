// SPDX-License-Identifier: GPL-2.0-or-later
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** HttpTalk 1|2 URL AGENT JSON: asks for the page, then posts the text to it as that agent, by java.net.http's client in
 * that version. Version 2 asks in the first request for an upgrade, and the second is HTTP/2. */
public final class HttpTalk {
    public static void main(String[] args) throws Exception {
        HttpClient.Version version = args[0].equals("2") ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1;
        HttpClient client = HttpClient.newBuilder().version(version).build();
        HttpRequest page = HttpRequest.newBuilder(URI.create(args[1])).build();
        HttpRequest post = HttpRequest.newBuilder(URI.create(args[1])).header("User-Agent", args[2])
                .header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(args[3])).build();

        for (HttpRequest request : new HttpRequest[] {page, post}) {
            HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            System.out.println(answer.version() + " " + answer.statusCode());
        }
    }

    private HttpTalk() {
    }
}
