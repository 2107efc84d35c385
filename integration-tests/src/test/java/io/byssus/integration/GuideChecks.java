package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.integration.GuideTest.GuideCheck;
import java.io.IOException;
import java.net.Socket;
import java.util.Map;
import java.util.regex.Pattern;

/** What {@code docs/guide.md} promises of its programs, by class name. */
final class GuideChecks {
    /** A machine with many tests may load the classes of a first request for long. */
    static final String[] TWO_SHARDS = {
        "--smp", "2", "--overprovisioned", "--stall-threshold", "10s"
    };

    static final Map<String, GuideCheck> ALL =
            Map.of(
                    "EveryShard", GuideChecks::everyShard,
                    "AcceptServer", GuideChecks::accept,
                    "HelloServer", GuideChecks::hello,
                    "EchoServer", GuideChecks::echo,
                    "ImpatientServer", GuideChecks::impatient,
                    "ShardedCounter", GuideChecks::counter,
                    "FileReader", GuideChecks::fileReader);

    private GuideChecks() {}

    static void everyShard(CompiledProgram program) {
        try (Child child = program.start(TWO_SHARDS)) {
            Child.Ended ended = child.awaitEnd();
            assertThat(ended.status()).isZero();
            assertThat(ended.out().lines())
                    .containsExactlyInAnyOrder("hello from shard 0", "hello from shard 1");
            assertThat(ended.err()).isEmpty();
        }
    }

    static void accept(CompiledProgram program) throws IOException {
        try (Child child = program.start(TWO_SHARDS)) {
            try (Socket socket = program.connect(child)) {
                assertThat(socket.getInputStream().read()).isEqualTo(-1);
                String line = "Accepted connection from 127.0.0.1:" + socket.getLocalPort();
                child.awaitLine(Pattern.compile("(?m)^" + line + "$"));
            }
            assertEndsCleanly(child);
        }
    }

    static void hello(CompiledProgram program) throws IOException {
        try (Child child = program.start(TWO_SHARDS)) {
            program.connect(child).close();
            assertThat(Child.run("", "nc", "localhost", Integer.toString(program.port())).out())
                    .isEqualTo("Byssus is the future!\n");
            assertEndsCleanly(child);
        }
    }

    static void echo(CompiledProgram program) throws IOException {
        try (Child child = program.start(TWO_SHARDS)) {
            program.connect(child).close();
            String port = Integer.toString(program.port());
            assertThat(Child.run("one\ntwo\n", "nc", "-N", "localhost", port).out())
                    .isEqualTo("one\ntwo\n");
            assertEndsCleanly(child);
        }
    }

    static void impatient(CompiledProgram program) throws IOException {
        try (Child child = program.start(TWO_SHARDS)) {
            try (Socket silent = program.connect(child);
                    Socket talking = program.connect(child)) {
                talking.getOutputStream().write("five\n".getBytes());
                assertThat(talking.getInputStream().readAllBytes())
                        .asString()
                        .isEqualTo("you sent 5 bytes\n");
                assertThat(silent.getInputStream().readAllBytes())
                        .asString()
                        .isEqualTo("you are late\n");
            }
            assertEndsCleanly(child);
        }
    }

    static void counter(CompiledProgram program) {
        assertPrints(program, "sum 1000 per shard\n");
    }

    static void fileReader(CompiledProgram program) {
        assertPrints(program, "/etc/hostname has content\n");
    }

    static void assertPrints(CompiledProgram program, String text) {
        try (Child child = program.start(TWO_SHARDS)) {
            assertThat(child.awaitEnd()).isEqualTo(new Child.Ended(0, text, ""));
        }
    }

    static void assertEndsCleanly(Child child) {
        child.signal("INT");
        Child.Ended ended = child.awaitEnd();
        assertThat(ended.status()).isZero();
        assertThat(ended.err()).isEmpty();
    }
}
