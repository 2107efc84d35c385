package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.integration.GuideTest.GuideCheck;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Pattern;

/** What {@code docs/guide-streams.md} promises of its programs, by class name. */
final class StreamsGuideChecks {
    static final Map<String, GuideCheck> ALL =
            Map.of(
                    "LineServer", StreamsGuideChecks::lineServer,
                    "FrameEcho", StreamsGuideChecks::frameEcho,
                    "CorkedAnswer", StreamsGuideChecks::corkedAnswer,
                    "CarefulClient", StreamsGuideChecks::carefulClient,
                    "Subscription", StreamsGuideChecks::subscription,
                    "ProxiedServer", StreamsGuideChecks::proxiedServer);

    private StreamsGuideChecks() {}

    private static void lineServer(CompiledProgram program) throws IOException {
        try (Child child = program.start(GuideChecks.TWO_SHARDS)) {
            assertThat(talk(program, child, "one\r\n\nlonger\n"))
                    .isEqualTo("3 characters\n0 characters\n6 characters\n");
            assertThat(talk(program, child, "x".repeat(80) + "\n")).isEmpty();
            child.awaitLine(Pattern.compile("no delimiter within maxBytes=80"));
            GuideChecks.assertEndsCleanly(child);
        }
    }

    private static void frameEcho(CompiledProgram program) {
        GuideChecks.assertPrints(program, "one\ntwo\n");
    }

    /** One read gives all of it, so it was one packet. */
    private static void corkedAnswer(CompiledProgram program) {
        GuideChecks.assertPrints(program, "length 5\nhello\n");
    }

    private static void carefulClient(CompiledProgram program) {
        GuideChecks.assertPrints(
                program,
                """
                server: order
                ESTABLISHED
                0 bytes wait to be sent
                the server's TCP has acknowledged everything
                """);
    }

    private static void subscription(CompiledProgram program) {
        try (Child child = program.start(GuideChecks.TWO_SHARDS)) {
            Child.Ended ended = child.awaitEnd();
            assertThat(ended.err()).isEmpty();
            assertThat(ended.status()).isZero();
            assertThat(ended.out().lines())
                    .containsExactlyInAnyOrder(
                            "client: news",
                            "relay: the subscriber has gone",
                            "publisher: nobody listens any more");
        }
    }

    private static void proxiedServer(CompiledProgram program) throws IOException {
        try (Child child = program.start(GuideChecks.TWO_SHARDS)) {
            assertThat(talk(program, child, "PROXY TCP4 192.0.2.1 192.0.2.2 4321 443\r\n"))
                    .isEqualTo("you are 192.0.2.1:4321\n");
            assertThat(talk(program, child, "PROXY TCP6 2001:db8::1 2001:db8::2 4321 443\r\n"))
                    .isEqualTo("you are [2001:db8::1]:4321\n");
            GuideChecks.assertEndsCleanly(child);
        }
    }

    /** What comes back for {@code text}, to the end. */
    private static String talk(CompiledProgram program, Child child, String text)
            throws IOException {
        try (Socket socket = program.connect(child)) {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }
}
