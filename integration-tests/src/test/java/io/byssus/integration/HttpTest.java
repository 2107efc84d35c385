package io.byssus.integration;

import static io.byssus.integration.HttpClientSocket.get;
import static io.byssus.integration.HttpClientSocket.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.integration.HttpClientSocket.Response;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests as they should be. */
class HttpTest {
    private static final String OK = "HTTP/1.1 200 OK";
    private static final String HELLO = "Hello, World!";

    private static RunningExample http;

    @BeforeAll
    static void start() throws Exception {
        http = RunningExample.start("http");
    }

    @AfterAll
    static void stop() {
        http.stopCleanly();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    /             | 200 | text/plain       | Hello, World!
                    /plaintext    | 200 | text/plain       | Hello, World!
                    /plaintext?a=b| 200 | text/plain       | Hello, World!
                    /json         | 200 | application/json | {"message":"Hello, World!"}
                    /nothing      | 404 | text/plain       | Not found
                    """)
    void curlGetsBodyAndType(String path, String status, String type, String body) {
        Child.Ended curl =
                Child.run(
                        "", "curl", "-sS", "-w", "\n%{http_code} %{content_type}", http.url(path));
        assertThat(curl.err()).isEmpty();
        assertThat(curl.out().lines().filter(line -> !line.isEmpty()))
                .containsExactly(body, status + " " + type);
    }

    @Test
    void curlUsesOneConnectionForTwoRequests() {
        Child.Ended curl =
                Child.run(
                        "",
                        "curl",
                        "-sS",
                        "-w",
                        "\n%{num_connects}\n",
                        http.url("/"),
                        http.url("/"));
        assertThat(curl.out().lines()).containsExactly(HELLO, "1", HELLO, "0");
    }

    @Test
    void curlsHeadHasTheLengthAndNoBody() {
        Child.Ended curl = Child.run("", "curl", "-sSI", http.url("/json"));
        assertThat(curl.status()).isZero();
        assertThat(curl.out())
                .startsWith(OK + "\r\n")
                .contains("Content-Type: application/json\r\n", "Content-Length: 27\r\n")
                .endsWith("\r\n\r\n");
    }

    @Test
    void headKeepsTheConnectionAndItsFraming() throws Exception {
        try (HttpClientSocket client = connect()) {
            client.send(request("HEAD /plaintext HTTP/1.1"));
            assertThat(client.readHead().headers()).containsEntry("content-length", "13");
            assertThat(client.exchange(get("/")).body()).isEqualTo(HELLO);
        }
    }

    @Test
    void connectionServesManyRequestsInTurn() throws Exception {
        try (HttpClientSocket client = connect()) {
            for (int i = 0; i < 1000; i++) {
                Response response = client.exchange(get("/plaintext"));
                assertThat(response.status()).isEqualTo(OK);
                assertThat(response.closes()).isFalse();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 16, 500})
    void pipelinedRequestsAreAnsweredInOrder(int depth) throws Exception {
        List<String> paths = List.of("/plaintext", "/json", "/nothing");
        List<String> bodies = List.of(HELLO, "{\"message\":\"Hello, World!\"}", "Not found\n");
        StringBuilder requests = new StringBuilder();
        for (int i = 0; i < depth; i++) {
            requests.append(get(paths.get(i % paths.size())));
        }
        try (HttpClientSocket client = connect()) {
            client.send(requests.toString());
            for (int i = 0; i < depth; i++) {
                assertThat(client.read().body()).isEqualTo(bodies.get(i % bodies.size()));
            }
        }
    }

    @Test
    void requestThatComesByteByByteIsAnswered() throws Exception {
        try (HttpClientSocket client = connect()) {
            for (char c : get("/json", "Accept: */*").toCharArray()) {
                client.send(String.valueOf(c));
            }
            assertThat(client.read().status()).isEqualTo(OK);
        }
    }

    @Test
    void pipelinedRequestsCutAnywhereAreAnswered() throws Exception {
        String two = get("/plaintext") + get("/json");
        for (int cut = 1; cut < two.length(); cut++) {
            try (HttpClientSocket client = connect()) {
                client.send(two.substring(0, cut));
                client.send(two.substring(cut));
                assertThat(client.read().body()).isEqualTo(HELLO);
                assertThat(client.read().body()).isEqualTo("{\"message\":\"Hello, World!\"}");
            }
        }
    }

    @Test
    void bodyOfAPostIsReadOverAndTheConnectionGoesOn() throws Exception {
        try (HttpClientSocket client = connect()) {
            String body = "x".repeat(100_000);
            String post = request("POST / HTTP/1.1", "Content-Length: " + body.length());
            assertThat(client.exchange(post + body).status()).isEqualTo("HTTP/1.1 404 Not Found");
            assertThat(client.exchange(get("/")).body()).isEqualTo(HELLO);
        }
    }

    @Test
    void chunkedBodyIsReadOverAndTheConnectionGoesOn() throws Exception {
        try (HttpClientSocket client = connect()) {
            String post = request("POST / HTTP/1.1", "Transfer-Encoding: chunked");
            assertThat(client.exchange(post + "5\r\nhello\r\n0\r\n\r\n").status())
                    .isEqualTo("HTTP/1.1 404 Not Found");
            assertThat(client.exchange(get("/")).body()).isEqualTo(HELLO);
        }
    }

    @Test
    void connectionCloseIsAnsweredAndTheConnectionEnds() throws Exception {
        try (HttpClientSocket client = connect()) {
            Response response = client.exchange(get("/", "Connection: close"));
            assertThat(response.status()).isEqualTo(OK);
            assertThat(response.closes()).isTrue();
            assertThat(client.atEnd()).isTrue();
        }
    }

    @Test
    void http10ConnectionEndsAfterTheAnswer() throws Exception {
        try (HttpClientSocket client = connect()) {
            assertThat(client.exchange(request("GET / HTTP/1.0")).body()).isEqualTo(HELLO);
            assertThat(client.atEnd()).isTrue();
        }
    }

    @Test
    void http10ConnectionEndsAlsoWhenTheClientWouldKeepIt() throws Exception {
        try (HttpClientSocket client = connect()) {
            String request = request("GET / HTTP/1.0", "Connection: keep-alive");
            assertThat(client.exchange(request).body()).isEqualTo(HELLO);
            assertThat(client.atEnd()).isTrue();
        }
    }

    @Test
    void clientThatEndsItsDirectionAfterARequestGetsTheAnswer() throws Exception {
        try (HttpClientSocket client = connect()) {
            client.send(get("/") + get("/json"));
            client.endOutput();
            assertThat(client.read().body()).isEqualTo(HELLO);
            assertThat(client.read().status()).isEqualTo(OK);
            assertThat(client.atEnd()).isTrue();
        }
    }

    @Test
    void jdksClientIsServed() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(http.url("/json"))).build();
            for (int i = 0; i < 10; i++) {
                assertThat(client.send(request, BodyHandlers.ofString()).body())
                        .isEqualTo("{\"message\":\"Hello, World!\"}");
            }
        }
    }

    @Test
    void wrkSeesNoErrors() {
        Child.Ended wrk = Child.run("", "wrk", "-t1", "-c64", "-d2s", http.url("/plaintext"));
        assertThat(wrk.status()).isZero();
        assertThat(wrk.out())
                .contains("requests in")
                .doesNotContain("Socket errors", "Non-2xx", "\n  0 requests in");
    }

    private static HttpClientSocket connect() throws Exception {
        return new HttpClientSocket(http.address());
    }
}
