package io.byssus.integration;

import static io.byssus.integration.HttpClientSocket.get;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The kernel's HTTP clients at the server on the native stack. */
@Tag("tun")
@Timeout(60)
class NativeHttpTest {
    private static final String HELLO = "Hello, World!";
    private static final int PIPELINED = 10_000;

    private static TapNetwork network;
    private static RunningExample http;

    @BeforeAll
    static void start() throws Exception {
        network = TapNetwork.create();
        http = network.start("http");
    }

    @AfterAll
    static void stop() throws Exception {
        try {
            if (http != null) {
                http.stopCleanly();
            }
        } finally {
            if (network != null) {
                network.close();
            }
        }
    }

    @Test
    void curlUsesOneConnectionForTwoRequests() throws Exception {
        String url = TapNetwork.url(http, "/");
        Child.Ended curl = network.run("", "curl", "-sS", "-w", "\n%{num_connects}\n", url, url);
        assertThat(curl.err()).isEmpty();
        assertThat(curl.out().lines()).containsExactly(HELLO, "1", HELLO, "0");
    }

    @Test
    void connectionServesManyRequestsInTurn() throws Exception {
        try (HttpClientSocket client = connect()) {
            for (int i = 0; i < 1000; i++) {
                assertThat(client.exchange(get("/plaintext")).body()).isEqualTo(HELLO);
            }
        }
    }

    /** Together the answers are more than a megabyte. */
    @Test
    void pipelinedRequestsAreAnsweredInOrder() throws Exception {
        String requests = (get("/plaintext") + get("/json")).repeat(PIPELINED / 2);
        try (HttpClientSocket client = connect()) {
            CompletableFuture<Void> sent =
                    CompletableFuture.runAsync(() -> {
                        try {
                            client.send(requests);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
            for (int i = 0; i < PIPELINED / 2; i++) {
                assertThat(client.read().body()).isEqualTo(HELLO);
                assertThat(client.read().body()).isEqualTo("{\"message\":\"Hello, World!\"}");
            }
            sent.join();
        }
    }

    @Test
    void serverThatClosesFirstEndsTheConnection() throws Exception {
        for (int i = 0; i < 100; i++) {
            try (HttpClientSocket client = connect()) {
                assertThat(client.exchange(get("/", "Connection: close")).body()).isEqualTo(HELLO);
                assertThat(client.atEnd()).isTrue();
            }
        }
    }

    @Test
    void wrkSeesNoErrors() throws Exception {
        Child.Ended wrk =
                network.run(
                        "",
                        "wrk",
                        "-t1",
                        "-c200",
                        "-d2s",
                        "--timeout",
                        "10s",
                        TapNetwork.url(http, "/plaintext"));
        assertThat(wrk.status()).isZero();
        assertThat(wrk.out())
                .contains("requests in")
                .doesNotContain("Socket errors", "Non-2xx", "\n  0 requests in");
    }

    private static HttpClientSocket connect() throws Exception {
        return network.namespace.run(() -> new HttpClientSocket(TapNetwork.address(http)));
    }
}
