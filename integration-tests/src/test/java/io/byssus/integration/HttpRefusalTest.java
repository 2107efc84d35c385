package io.byssus.integration;

import static io.byssus.integration.HttpClientSocket.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.integration.HttpClientSocket.Response;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests as they should not be: each is answered, the connection ends, the server goes on. */
class HttpRefusalTest {
    private static final String BAD_REQUEST = "HTTP/1.1 400 Bad Request";
    private static final String TOO_LARGE = "HTTP/1.1 431 Request Header Fields Too Large";

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
    @ValueSource(
            strings = {
                "this is not HTTP\r\n\r\n",
                "GET\r\n\r\n",
                "GET / HTTP/1.1\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: localhost\r\nno colon here\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: many\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                "\u0000\u0001\u0002\u0003\r\n\r\n"
            })
    void malformedRequestIsAnsweredWith400AndClosed(String request) throws Exception {
        assertRefused(request, BAD_REQUEST);
    }

    @Test
    void oversizedHeaderIsAnsweredWith431AndClosed() throws Exception {
        assertRefused(get("/", "X-Long: " + "x".repeat(20_000)), TOO_LARGE);
    }

    @Test
    void manyHeadersAreAnsweredWith431AndClosed() throws Exception {
        assertRefused(get("/", "X-Short: x\r\n".repeat(2_000) + "X-Last: x"), TOO_LARGE);
    }

    @Test
    void clientThatIsStillSendingReadsWhyItWasRefused() throws Exception {
        assertRefused(get("/", "X-Long: " + "x".repeat(900_000)), TOO_LARGE);
    }

    @Test
    void oversizedTargetIsAnsweredWith414AndClosed() throws Exception {
        assertRefused(get("/" + "x".repeat(20_000)), "HTTP/1.1 414 URI Too Long");
    }

    @Test
    void requestsBeforeABadOneAreAnswered() throws Exception {
        try (HttpClientSocket client = connect()) {
            client.send(get("/") + get("/json") + "nonsense\r\n\r\n" + get("/"));
            assertThat(client.read().body()).isEqualTo("Hello, World!");
            assertThat(client.read().body()).isEqualTo("{\"message\":\"Hello, World!\"}");
            assertThat(client.read().status()).isEqualTo(BAD_REQUEST);
            client.endOutput();
            assertThat(client.atEnd()).isTrue();
        }
    }

    @Test
    void clientThatGoesAwayInTheMiddleOfARequestIsForgotten() throws Exception {
        for (int i = 0; i < 50; i++) {
            try (HttpClientSocket client = connect()) {
                client.send("GET /plaintext HTT");
                client.endOutput();
                assertThat(client.atEnd()).isTrue();
            }
        }
    }

    /** The server ends the connection although the client does not. */
    private static void assertRefused(String request, String status) throws Exception {
        try (HttpClientSocket client = connect()) {
            Response response = client.exchange(request);
            assertThat(response.status()).isEqualTo(status);
            assertThat(response.closes()).isTrue();
            assertThat(client.atEnd()).isTrue();
        }
        try (HttpClientSocket next = connect()) {
            assertThat(next.exchange(get("/")).body()).isEqualTo("Hello, World!");
        }
    }

    private static HttpClientSocket connect() throws Exception {
        return new HttpClientSocket(http.address());
    }
}
