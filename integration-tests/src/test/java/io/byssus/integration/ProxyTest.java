package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The relay, with the test itself upstream. */
class ProxyTest {
    private static final int READ_LIMIT_MILLIS = 20_000;

    private ServerSocket upstream;
    private RunningExample proxy;

    @BeforeEach
    void start() throws Exception {
        upstream = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        upstream.setSoTimeout(READ_LIMIT_MILLIS);
        proxy = RunningExample.start("proxy", "--to", "127.0.0.1:" + upstream.getLocalPort());
    }

    @AfterEach
    void stop() throws Exception {
        try {
            if (proxy.child().isAlive()) {
                proxy.stopCleanly();
            }
        } finally {
            proxy.close();
            upstream.close();
        }
    }

    @Test
    void relaysBothWays() throws Exception {
        try (Socket client = proxy.connect();
                Socket server = accept()) {
            for (int i = 0; i < 100; i++) {
                assertPasses(client, server, i);
                assertPasses(server, client, i + 1);
            }
        }
    }

    @Test
    void clientThatEndsItsDirectionStillGetsTheAnswer() throws Exception {
        try (Socket client = proxy.connect();
                Socket server = accept()) {
            client.getOutputStream().write("question".getBytes());
            client.shutdownOutput();
            assertThat(server.getInputStream().readAllBytes()).asString().isEqualTo("question");
            assertPasses(server, client, 7);
            server.getOutputStream().write("answer".getBytes());
            server.shutdownOutput();
            assertThat(client.getInputStream().readAllBytes()).asString().isEqualTo("answer");
        }
    }

    @Test
    void serverThatEndsItsDirectionStillGetsWhatTheClientSends() throws Exception {
        try (Socket client = proxy.connect();
                Socket server = accept()) {
            server.getOutputStream().write("greeting".getBytes());
            server.shutdownOutput();
            assertThat(client.getInputStream().readAllBytes()).asString().isEqualTo("greeting");
            assertPasses(client, server, 7);
            client.shutdownOutput();
            assertThat(server.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void clientIsClosedWhenNobodyListensUpstream() throws Exception {
        upstream.close();
        for (int i = 0; i < 10; i++) {
            try (Socket client = proxy.connect()) {
                assertThat(endsOrIsReset(client)).isTrue();
            }
        }
        // It may say so in a sentence.
        Child.Ended ended = proxy.stop();
        assertThat(ended.status()).isZero();
        assertThat(ended.err()).doesNotContain("\tat ");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void resetOfOneSideEndsTheOther(boolean byClient) throws Exception {
        for (int i = 0; i < 10; i++) {
            try (Socket client = proxy.connect();
                    Socket server = accept()) {
                assertPasses(client, server, 1);
                assertPasses(server, client, 2);
                Socket resets = byClient ? client : server;
                resets.setSoLinger(true, 0);
                resets.close();
                assertThat(endsOrIsReset(byClient ? server : client)).isTrue();
            }
        }
    }

    private Socket accept() throws IOException {
        Socket socket = upstream.accept();
        socket.setSoTimeout(READ_LIMIT_MILLIS);
        return socket;
    }

    private static void assertPasses(Socket from, Socket to, int value) throws IOException {
        from.getOutputStream().write(value);
        assertThat(to.getInputStream().read()).isEqualTo(value);
    }

    private static boolean endsOrIsReset(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketException e) {
            return "Connection reset".equals(e.getMessage());
        }
    }
}
