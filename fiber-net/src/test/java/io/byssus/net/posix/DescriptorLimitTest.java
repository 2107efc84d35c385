package io.byssus.net.posix;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.testing.ChildJvm;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server that has no descriptor left for the next client. */
@Timeout(60)
class DescriptorLimitTest {
    /** The backend under test. */
    String backend() {
        return "epoll";
    }

    private static final int LIMIT = 100;
    private static final int CLIENTS = 150;

    private List<String> options() {
        return List.of("--add-opens=java.base/java.lang=ALL-UNNAMED", "-Dbackend=" + backend());
    }

    @Test
    void theListenerSurvivesTurnsClientsAwayAndRecovers() throws Exception {
        try (ChildJvm server =
                ChildJvm.start("ulimit -n " + LIMIT + ";", options(), EchoUnderLimits.class)) {
            int port = Integer.parseInt(server.awaitLine("port "));
            for (int round = 0; round < 2; round++) {
                List<Socket> served = new ArrayList<>();
                int turnedAway = 0;
                for (int i = 0; i < CLIENTS; i++) {
                    Socket client = connect(port);
                    if (client != null) {
                        served.add(client);
                    } else {
                        turnedAway++;
                    }
                }
                assertThat(served).as("round %s", round).hasSizeBetween(LIMIT / 4, LIMIT);
                assertThat(turnedAway).isEqualTo(CLIENTS - served.size());
                for (Socket client : served) {
                    assertThat(isServed(client)).as("it still is").isTrue();
                    client.close();
                }
                awaitService(port);
            }
            server.signal("TERM");
            List<String> output = server.await().lines();
            assertThat(output.stream().filter(line -> line.contains("Too many open files")))
                    .as("of %s", output)
                    .hasSize(1);
            assertThat(output).noneMatch(line -> line.contains("Exception"));
        }
    }

    /** A client that is served, or null. */
    private static Socket connect(int port) throws IOException {
        Socket client;
        try {
            client = new Socket(InetAddress.getLoopbackAddress(), port);
        } catch (SocketException e) {
            return null; // reset so early that it shows in the connect
        }
        if (isServed(client)) {
            return client;
        }
        client.close();
        return null;
    }

    private static boolean isServed(Socket client) throws IOException {
        client.setSoTimeout(10_000);
        try {
            client.getOutputStream().write('x');
            return client.getInputStream().read() == 'x';
        } catch (SocketException e) {
            assertThat(e).hasMessageMatching("(?i).*(reset|broken pipe).*");
            return false;
        }
    }

    /** The server notices in its own time that the clients have gone. */
    private static void awaitService(int port) throws IOException {
        long end = System.nanoTime() + 10_000_000_000L;
        Socket client = connect(port);
        while (client == null) {
            assertThat(System.nanoTime()).as("served again in time").isLessThan(end);
            client = connect(port);
        }
        client.close();
    }
}
