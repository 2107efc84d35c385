package io.byssus.integration;

import static io.byssus.integration.HttpClientSocket.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.integration.HttpClientSocket.Response;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How servers end, and what becomes of who is being served. */
class ShutdownTest {
    private static final int CLIENTS = 32;
    private static final int PENDING = 200;
    private static final int HALTED = 130;
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final Duration GRACE = Duration.ofSeconds(1);

    /** For the end of the JVM, on a busy machine. */
    private static final Duration SLACK = Duration.ofSeconds(5);

    private static final Duration DELAY = Duration.ofSeconds(3);
    private static final Pattern STOPPING = Pattern.compile("stopping: fibers have \\d+ ms to end");

    @ParameterizedTest
    @ValueSource(strings = {"accept", "hello", "echo", "http"})
    void idleServerEndsAtOnceAndSilently(String name) throws Exception {
        try (RunningExample server = RunningExample.start(name, "--shutdown-grace", "25")) {
            server.child().signal("TERM");
            Child.Ended ended = server.child().awaitEnd(SOON);
            assertThat(ended.status()).isZero();
            assertThat(ended.err()).isEmpty();
        }
    }

    @Test
    void idleConnectionsAreEndedAfterTheGracePeriod() throws Exception {
        try (RunningExample echo = RunningExample.start("echo", "--shutdown-grace", "0.2")) {
            List<Socket> sockets = new ArrayList<>();
            try {
                for (int i = 0; i < CLIENTS; i++) {
                    Socket socket = echo.connect();
                    sockets.add(socket);
                    socket.getOutputStream().write(i);
                    assertThat(socket.getInputStream().read()).isEqualTo(i);
                }
                echo.child().signal("INT");
                Child.Ended ended = echo.child().awaitEnd(SOON);
                assertThat(ended.status()).isZero();
                assertThat(ended.err()).doesNotContain("Exception", "WARNING", "SEVERE");
            } finally {
                for (Socket socket : sockets) {
                    socket.close();
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"accept", "hello", "echo", "http", "proxy"})
    void ctrlCEndsWith0WithinTheGracePeriodAlthoughAClientStays(String name) throws Exception {
        try (ServerSocket upstream = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                RunningExample server = startWithGrace(name, upstream);
                Socket client = server.connect();
                Socket _ = awaitService(name, server, client, upstream)) {
            long before = System.nanoTime();
            server.child().signal("INT");
            Child.Ended ended = server.child().awaitEnd(SOON);
            assertThat(ended.status()).isZero();
            assertThat(ended.err()).doesNotContain("Exception", "WARNING", "SEVERE");
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(GRACE.plus(SLACK));
        }
    }

    private static RunningExample startWithGrace(String name, ServerSocket upstream)
            throws IOException {
        String grace = Long.toString(GRACE.toSeconds());
        return name.equals("proxy")
                ? RunningExample.start(
                        name,
                        "--shutdown-grace",
                        grace,
                        "--to",
                        "127.0.0.1:" + upstream.getLocalPort())
                : RunningExample.start(name, "--shutdown-grace", grace);
    }

    /** Until a fiber of the server has the client; the connection that must stay open for that. */
    private static Socket awaitService(
            String name, RunningExample server, Socket client, ServerSocket upstream)
            throws IOException {
        switch (name) {
            case "accept" -> server.child().awaitLine(Pattern.compile("(?m)^Accepted "));
            case "hello" -> assertThat(client.getInputStream().readAllBytes()).isNotEmpty();
            case "echo", "http" -> {
                client.getOutputStream().write(get("/").getBytes(StandardCharsets.US_ASCII));
                assertThat(client.getInputStream().read()).isPositive();
            }
            case "proxy" -> {
                return upstream.accept();
            }
            default -> throw new AssertionError(name);
        }
        return client;
    }

    /** A response that ends its connection tells that the server has seen the signal. */
    @Test
    void serverAcceptsDuringTheShutdownDelayAndEndsAfterIt() throws Exception {
        try (RunningExample http =
                RunningExample.start(
                        "http", "--shutdown-delay", Long.toString(DELAY.toSeconds()))) {
            long before = System.nanoTime();
            http.child().signal("TERM");
            boolean stopping = false;
            while (!stopping) {
                assertThat(System.nanoTime() - before).isLessThan(SOON.toNanos());
                stopping = askOnNewConnection(http).closes();
            }
            int served = 0;
            while (served < CLIENTS && isServed(http, before)) {
                served++;
            }
            Child.Ended ended = http.child().awaitEnd(SOON);
            assertThat(ended).isEqualTo(new Child.Ended(0, ended.out(), ""));
            assertThat(Duration.ofNanos(System.nanoTime() - before))
                    .isBetween(DELAY, DELAY.plus(SLACK));
            assertThatThrownBy(http::connect).isInstanceOf(ConnectException.class);
        }
    }

    /** A client that comes too late, on a slow machine, is refused. */
    private static boolean isServed(RunningExample http, long signalledNanos) throws IOException {
        Response response;
        try {
            response = askOnNewConnection(http);
        } catch (IOException e) {
            assertThat(System.nanoTime() - signalledNanos)
                    .as("%s", e)
                    .isGreaterThan(DELAY.toNanos());
            return false;
        }
        assertThat(response.closes()).isTrue();
        return true;
    }

    private static Response askOnNewConnection(RunningExample http) throws IOException {
        try (HttpClientSocket client = new HttpClientSocket(http.address())) {
            return client.exchange(get("/"));
        }
    }

    @Test
    void connectionThatEndsWithinTheGracePeriodIsServedToItsEnd() throws Exception {
        try (RunningExample echo = RunningExample.start("echo", "--shutdown-grace", "25");
                Socket socket = echo.connect()) {
            socket.getOutputStream().write(1);
            assertThat(socket.getInputStream().read()).isEqualTo(1);
            echo.child().signal("TERM");
            echo.child().awaitErrorLine(STOPPING);
            for (int i = 0; i < 100; i++) {
                socket.getOutputStream().write(i);
                assertThat(socket.getInputStream().read()).isEqualTo(i);
            }
            socket.shutdownOutput();
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
            assertThat(echo.child().awaitEnd(SOON).status()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"INT", "TERM"})
    void secondSignalHalts(String signal) throws Exception {
        try (RunningExample echo = RunningExample.start("echo", "--shutdown-grace", "25");
                Socket socket = echo.connect()) {
            socket.getOutputStream().write(1);
            assertThat(socket.getInputStream().read()).isEqualTo(1);
            echo.child().signal(signal);
            echo.child().awaitErrorLine(STOPPING);
            echo.child().signal(signal);
            assertThat(echo.child().awaitEnd(SOON).status()).isEqualTo(HALTED);
        }
    }

    /**
     * The server stands still while requests arrive, on connections that it knows and on such as
     * wait in its queue, so that all of them are there before the signal.
     */
    @Test
    void everyRequestThatWasThereBeforeTheSignalIsAnswered() throws Exception {
        try (RunningExample http = RunningExample.start("http")) {
            List<HttpClientSocket> clients = new ArrayList<>();
            try {
                for (int i = 0; i < PENDING; i++) {
                    HttpClientSocket known = new HttpClientSocket(http.address());
                    clients.add(known);
                    assertThat(known.exchange(get("/")).closes()).isFalse();
                }
                http.child().signal("STOP");
                for (int i = 0; i < PENDING; i++) {
                    clients.add(new HttpClientSocket(http.address()));
                }
                for (HttpClientSocket client : clients) {
                    client.send(get("/plaintext"));
                }
                http.child().signal("TERM");
                http.child().signal("CONT");
                for (HttpClientSocket client : clients) {
                    assertThat(client.read().body()).isEqualTo("Hello, World!");
                    assertThat(client.atEnd()).isTrue();
                }
                Child.Ended ended = http.child().awaitEnd(SOON);
                assertThat(ended.status()).isZero();
                assertThat(ended.err()).doesNotContain("Exception", "WARNING", "SEVERE");
            } finally {
                for (HttpClientSocket client : clients) {
                    client.close();
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void requestsUnderLoadAreAnsweredInFull(boolean keepAlive) throws Exception {
        try (RunningExample http = RunningExample.start("http");
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            AtomicBoolean signalled = new AtomicBoolean();
            CountDownLatch warm = new CountDownLatch(CLIENTS * 20);
            List<Future<Integer>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(
                        threads.submit(() ->
                                keepAlive
                                        ? askOnOneConnection(http, warm, signalled)
                                        : askOnManyConnections(http, warm, signalled)));
            }
            assertThat(warm.await(20, TimeUnit.SECONDS)).isTrue();
            signalled.set(true);
            Child.Ended ended = http.stop();
            for (Future<Integer> client : clients) {
                assertThat(client.get()).isPositive();
            }
            assertThat(ended.status()).isZero();
            assertThat(ended.err()).doesNotContain("Exception", "WARNING", "SEVERE");
        }
    }

    /** Until the server says that it closes, which it may do only in a whole response. */
    private static int askOnOneConnection(
            RunningExample http, CountDownLatch answers, AtomicBoolean signalled)
            throws IOException {
        try (HttpClientSocket client = new HttpClientSocket(http.address())) {
            for (int answered = 1; ; answered++) {
                boolean closes = client.exchange(get("/plaintext")).closes();
                answers.countDown();
                if (closes) {
                    assertThat(signalled).isTrue();
                    return answered;
                }
            }
        }
    }

    /** Until a request fails, which none may that was sent before the signal. */
    private static int askOnManyConnections(
            RunningExample http, CountDownLatch answers, AtomicBoolean signalled)
            throws IOException {
        int answered = 0;
        while (true) {
            boolean mustBeAnswered = false;
            try (HttpClientSocket client = new HttpClientSocket(http.address())) {
                client.send(get("/plaintext", "Connection: close"));
                mustBeAnswered = !signalled.get();
                assertThat(client.read().body()).isEqualTo("Hello, World!");
                assertThat(client.atEnd()).isTrue();
                answered++;
                answers.countDown();
            } catch (IOException e) {
                if (mustBeAnswered || !signalled.get()) {
                    throw e;
                }
                return answered;
            }
        }
    }
}
