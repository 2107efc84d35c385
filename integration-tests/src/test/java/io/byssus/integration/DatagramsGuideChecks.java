package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.integration.GuideTest.GuideCheck;
import java.io.IOException;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** What {@code docs/guide-datagrams.md} promises of its programs. */
final class DatagramsGuideChecks {
    static final Map<String, GuideCheck> ALL =
            Map.of(
                    "UdpEcho", DatagramsGuideChecks::echo,
                    "AskThrice", DatagramsGuideChecks::askThrice,
                    "WhichAddress", DatagramsGuideChecks::whichAddress,
                    "UnixEcho", DatagramsGuideChecks::unixEcho,
                    "WhoAmI", DatagramsGuideChecks::whoAmI);

    private static final int ATTEMPTS = 300;
    private static final int ATTEMPT_MILLIS = 100;

    private DatagramsGuideChecks() {}

    static void echo(CompiledProgram program) throws IOException {
        try (Child child = program.start(GuideChecks.TWO_SHARDS)) {
            for (int client = 0; client < 10; client++) {
                try (DatagramSocket socket = new DatagramSocket()) {
                    assertThat(ask(socket, program.port(), "hello " + client))
                            .isEqualTo("hello " + client);
                }
            }
            GuideChecks.assertEndsCleanly(child);
        }
    }

    static void askThrice(CompiledProgram program) throws IOException {
        try (Child child = program.start(GuideChecks.TWO_SHARDS)) {
            assertThat(child.awaitEnd())
                    .isEqualTo(new Child.Ended(0, "nobody listens\n".repeat(3) + "gave up\n", ""));
        }
        InetAddress host = InetAddress.getLoopbackAddress();
        try (DatagramSocket silent = new DatagramSocket(program.port(), host);
                Child child = program.start(GuideChecks.TWO_SHARDS)) {
            assertThat(child.awaitEnd())
                    .isEqualTo(
                            new Child.Ended(
                                    0,
                                    """
                                    no answer to attempt 1
                                    no answer to attempt 2
                                    no answer to attempt 3
                                    gave up
                                    """,
                                    ""));
            assertThat(silent.isBound()).isTrue();
        }
        try (DatagramSocket server = new DatagramSocket(program.port(), host);
                Child child = program.start(GuideChecks.TWO_SHARDS)) {
            server.setSoTimeout((int) Child.LIMIT.toMillis());
            DatagramPacket question = new DatagramPacket(new byte[100], 100);
            server.receive(question);
            byte[] answer = "yes".getBytes(StandardCharsets.UTF_8);
            server.send(new DatagramPacket(answer, answer.length, question.getSocketAddress()));
            assertThat(child.awaitEnd().out()).endsWith("yes\n");
        }
    }

    static void whoAmI(CompiledProgram program) throws IOException {
        Path path = Path.of("whoami-" + program.port() + ".sock");
        try (Child child = program.start(GuideChecks.TWO_SHARDS)) {
            try (SocketChannel client = connect(path, child)) {
                ByteBuffer line = ByteBuffer.allocate(100);
                while (client.read(line) >= 0) {
                    assertThat(line.hasRemaining()).isTrue();
                }
                assertThat(new String(line.array(), 0, line.position(), StandardCharsets.UTF_8))
                        .isEqualTo("you are user " + Files.getAttribute(path, "unix:uid") + "\n");
            }
            assertThat(Files.getPosixFilePermissions(path))
                    .isEqualTo(PosixFilePermissions.fromString("rw-rw----"));
            GuideChecks.assertEndsCleanly(child);
        }
        assertThat(path).doesNotExist();
    }

    /**
     * A client that is connected hears what comes from the address that it has asked, and no other.
     */
    static void whichAddress(CompiledProgram program) throws IOException {
        try (Child child = program.start(GuideChecks.TWO_SHARDS)) {
            try (DatagramSocket anybody = new DatagramSocket()) {
                assertThat(ask(anybody, program.port(), "up?")).isEqualTo("127.0.0.1");
            }
            for (String host : List.of("127.0.0.1", "127.0.0.5")) {
                try (DatagramSocket socket = new DatagramSocket()) {
                    socket.connect(InetAddress.getByName(host), program.port());
                    assertThat(askConnected(socket, "who?")).isEqualTo(host);
                }
            }
            GuideChecks.assertEndsCleanly(child);
        }
    }

    /** With socat, which has a path of its own to be answered at. */
    static void unixEcho(CompiledProgram program) throws IOException {
        Path path = Path.of("unix-echo-" + program.port() + ".sock");
        Path own = Path.of("unix-echo-" + program.port() + ".socat");
        try (Child child = program.start(GuideChecks.TWO_SHARDS)) {
            awaitPath(path, child);
            String address = "UNIX-SENDTO:" + path + ",bind=" + own + ",unlink-close";
            assertThat(Child.run("ping\n", "socat", "-t", "2", "-T", "20", "-", address).out())
                    .isEqualTo("ping\n");
            GuideChecks.assertEndsCleanly(child);
        } finally {
            Files.deleteIfExists(own);
        }
        assertThat(path).doesNotExist();
    }

    private static void awaitPath(Path path, Child child) {
        while (!Files.exists(path)) {
            if (child.endsWithin(Duration.ofMillis(ATTEMPT_MILLIS))) {
                throw child.failure("ended before it was there");
            }
        }
    }

    /** The answer; asks again until the server has started. */
    static String ask(DatagramSocket socket, int port, String question) throws IOException {
        return ask(socket, new InetSocketAddress(InetAddress.getLoopbackAddress(), port), question);
    }

    private static String askConnected(DatagramSocket socket, String question) throws IOException {
        return ask(socket, (InetSocketAddress) socket.getRemoteSocketAddress(), question);
    }

    private static String ask(DatagramSocket socket, InetSocketAddress server, String question)
            throws IOException {
        byte[] bytes = question.getBytes(StandardCharsets.UTF_8);
        DatagramPacket answer = new DatagramPacket(new byte[1000], 1000);
        socket.setSoTimeout(ATTEMPT_MILLIS);
        for (int i = 0; i < ATTEMPTS; i++) {
            try {
                socket.send(new DatagramPacket(bytes, bytes.length, server));
                socket.receive(answer);
                return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.UTF_8);
            } catch (SocketTimeoutException e) {
                assertThat(i).as("attempts").isLessThan(ATTEMPTS - 1);
            }
        }
        throw new AssertionError("no answer");
    }

    private static SocketChannel connect(Path path, Child child) throws IOException {
        for (int i = 0; i < ATTEMPTS; i++) {
            if (Files.exists(path)) {
                try {
                    return SocketChannel.open(UnixDomainSocketAddress.of(path));
                } catch (ConnectException e) {
                    // Bound, but not listening yet.
                    assertThat(i).as("attempts").isLessThan(ATTEMPTS - 1);
                }
            }
            if (child.endsWithin(Duration.ofMillis(ATTEMPT_MILLIS))) {
                throw child.failure("ended before it listened");
            }
        }
        throw child.failure("does not listen on " + path);
    }
}
