package io.byssus.integration;

import static io.byssus.integration.HttpClientSocket.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.integration.HttpClientSocket.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Clients that hold a connection with a request that does not end. That none is left, and no
 * buffer, shows at the end: the server stops at once and silently, although it would wait 25 s for
 * a fiber.
 */
class HttpSlowClientTest {
    private static final String TIMED_OUT = "HTTP/1.1 408 Request Timeout";
    private static final int TRICKLE_MILLIS = 10;
    private static final int LIMIT_SECONDS = 15;

    private static RunningExample http;
    private static ScheduledExecutorService trickler;

    @BeforeAll
    static void start() throws Exception {
        trickler = Executors.newSingleThreadScheduledExecutor();
        http = RunningExample.start("http", "--request-timeout", "0.5", "--shutdown-grace", "25");
    }

    @AfterAll
    static void stop() {
        trickler.close();
        try (RunningExample server = http) {
            Child.Ended ended = server.stop();
            assertThat(ended).isEqualTo(new Child.Ended(0, ended.out(), ""));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "G",
                "GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ",
                "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"
            })
    void requestThatIsNeverFinishedIsAnsweredWith408AndClosed(String beginning) throws Exception {
        try (HttpClientSocket client = connect()) {
            assertTimesOut(client, beginning);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ",
                "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"
            })
    void requestThatIsTrickledForEverIsAnsweredWith408AndClosed(String beginning) throws Exception {
        try (HttpClientSocket client = connect()) {
            CompletableFuture<Void> broken = trickle(client);
            assertTimesOut(client, beginning);
            broken.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        }
    }

    @Test
    void requestAfterOthersHasTheSameTime() throws Exception {
        try (HttpClientSocket client = connect()) {
            assertThat(client.exchange(get("/") + "GET /js").body()).isEqualTo("Hello, World!");
            assertTimesOut(client, "on");
        }
    }

    @Test
    void eachRequestHasATimeOfItsOwnAndTheConnectionNone() throws Exception {
        String request = get("/plaintext");
        long before = System.nanoTime();
        try (HttpClientSocket idle = connect();
                HttpClientSocket client = connect()) {
            assertThat(idle.exchange(get("/")).closes()).isFalse();
            client.send(request.substring(0, 10));
            while (System.nanoTime() - before < TimeUnit.SECONDS.toNanos(1)) {
                // There is always the beginning of a request, and never the same for long.
                client.send(request.substring(10) + request.substring(0, 10));
                assertThat(client.read().closes()).isFalse();
            }
            assertThat(idle.exchange(get("/")).closes()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"400", "431"})
    void refusedClientThatTricklesOnIsClosed(String status) throws Exception {
        String request =
                status.equals("400") ? "nonsense\r\n\r\n" : get("/", "X: " + "x".repeat(20_000));
        try (HttpClientSocket client = connect()) {
            assertThat(client.exchange(request).status()).startsWith("HTTP/1.1 " + status);
            assertThat(client.atEnd()).isTrue();
            trickle(client).get(LIMIT_SECONDS, TimeUnit.SECONDS);
        }
    }

    @Test
    void clientThatAsksAndNeverReadsIsReset() throws Exception {
        byte[] requests = get("/json").repeat(1000).getBytes(StandardCharsets.US_ASCII);
        try (Socket client = new Socket(http.address().getAddress(), http.address().getPort())) {
            CompletableFuture<Void> asking =
                    CompletableFuture.runAsync(() -> {
                        try {
                            while (true) {
                                client.getOutputStream().write(requests);
                            }
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
            assertThatThrownBy(() -> asking.get(LIMIT_SECONDS, TimeUnit.SECONDS))
                    .hasRootCauseInstanceOf(SocketException.class);
        }
    }

    @Test
    void timeThatIsNoneIsToldInOneSentence() {
        try (Child child = RunningExample.launch("http", "--request-timeout", "0")) {
            assertThat(child.awaitEnd())
                    .isEqualTo(
                            new Child.Ended(2, "", "--request-timeout: must be more than zero\n"));
        }
    }

    private static void assertTimesOut(HttpClientSocket client, String rest) throws IOException {
        long before = System.nanoTime();
        Response response = client.exchange(rest);
        assertThat(response.status()).isEqualTo(TIMED_OUT);
        assertThat(response.closes()).isTrue();
        assertThat(client.atEnd()).isTrue();
        assertThat(System.nanoTime() - before).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(400));
    }

    /** Sends bytes, few and for ever; completes when the server has cut the connection off. */
    private static CompletableFuture<Void> trickle(HttpClientSocket client) {
        CompletableFuture<Void> broken = new CompletableFuture<>();
        Runnable send =
                () -> {
                    try {
                        client.send("x");
                    } catch (IOException e) {
                        broken.complete(null);
                    }
                };
        var sending =
                trickler.scheduleAtFixedRate(
                        send, TRICKLE_MILLIS, TRICKLE_MILLIS, TimeUnit.MILLISECONDS);
        return broken.whenComplete((nothing, failure) -> sending.cancel(false));
    }

    private static HttpClientSocket connect() throws IOException {
        return new HttpClientSocket(http.address());
    }
}
