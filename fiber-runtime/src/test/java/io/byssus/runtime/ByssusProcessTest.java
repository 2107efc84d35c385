package io.byssus.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.testing.ChildJvm;
import io.byssus.testing.ChildJvm.Ended;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs as a user starts them: exit codes, what is told, signals. */
class ByssusProcessTest {
    private static final List<String> OPENS =
            List.of("--add-opens", "java.base/java.lang=ALL-UNNAMED");

    @Test
    void programThatReturnsEndsTheJvmWith0() throws Exception {
        Ended ended = run("return", "--smp", "3", "--overprovisioned");
        assertThat(ended.status()).isZero();
        assertThat(ended.output()).containsExactly("on shard 0 of 3");
        assertThat(ended.errors()).isEmpty();
    }

    @Test
    void failureOfTheOutsideWorldIsToldInOneLineAndEndsWith1() throws Exception {
        Ended ended = run("io");
        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.errors()).containsExactly("bind: Address already in use: 0.0.0.0:1234");
    }

    @Test
    void bugIsToldWithItsStackAndEndsWith1() throws Exception {
        Ended ended = run("bug");
        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.errors())
                .contains("java.lang.IllegalStateException: a bug")
                .anyMatch(line -> line.contains("at io.byssus.runtime.ChildProgram.throwBug"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--smp=1000", "--frobnicate"})
    void wrongOptionIsToldInOneLineAndEndsWith2(String option) throws Exception {
        Ended ended = run("return", option);
        assertThat(ended.status()).isEqualTo(2);
        assertThat(ended.output()).isEmpty();
        assertThat(ended.errors()).hasSize(1);
        assertThat(ended.errors().getFirst()).contains(option.split("=")[0]);
    }

    @Test
    void jvmWithoutTheFlagSaysInOneSentenceWhatToAdd() throws Exception {
        try (ChildJvm child = ChildJvm.start(List.of(), ChildProgram.class, "return")) {
            Ended ended = child.await();
            assertThat(ended.status()).isEqualTo(1);
            assertThat(ended.output()).isEmpty();
            assertThat(ended.errors())
                    .containsExactly(
                            "Byssus needs --add-opens=java.base/java.lang=ALL-UNNAMED on the java"
                                    + " command line (java -jar reads it from the jar's manifest)");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"INT", "TERM"})
    void signalStopsTheProgramCleanlyWith0(String signal) throws Exception {
        try (ChildJvm child =
                start("serve", "--smp=2", "--overprovisioned", "--shutdown-grace=0.1")) {
            child.awaitLine("ready");
            child.awaitLine("ready");
            child.signal(signal);
            Ended ended = child.await();

            assertThat(ended.status()).isZero();
            assertThat(ended.output())
                    .containsExactly("ready", "ready", "stopping", "cancelled", "cancelled");
            assertThat(ended.errors()).noneMatch(line -> line.contains("Exception"));
        }
    }

    @Test
    void secondSignalEndsTheJvmAtOnce() throws Exception {
        try (ChildJvm child = start("serve", "--smp=1", "--shutdown-grace=1000")) {
            child.awaitLine("ready");
            child.signal("TERM");
            child.awaitLine("stopping");
            long before = System.nanoTime();
            child.signal("TERM");
            Ended ended = child.await();

            assertThat(ended.status()).isEqualTo(130);
            assertThat(ended.output()).doesNotContain("cancelled");
            assertThat(System.nanoTime() - before).isLessThan(Duration.ofSeconds(10).toNanos());
        }
    }

    @Test
    void fiberThatWouldNotStopDoesNotKeepTheJvmAliveAndIsNamed() throws Exception {
        try (ChildJvm child = start("stubborn", "--smp=1", "--shutdown-grace=0")) {
            child.awaitLine("ready");
            child.signal("TERM");
            Ended ended = child.await();

            assertThat(ended.status()).isEqualTo(1);
            assertThat(ended.errors())
                    .anyMatch(line -> line.contains("fiber 'main' on shard 0 would not end"))
                    .anyMatch(line -> line.contains("ChildProgram.ignoreEverything"));
        }
    }

    @Test
    void failureDuringTheStopIsToldAndEndsWith1() throws Exception {
        try (ChildJvm child = start("fail-late", "--smp=1", "--shutdown-grace=0")) {
            child.awaitLine("ready");
            child.signal("TERM");
            Ended ended = child.await();

            assertThat(ended.errors())
                    .anyMatch(line -> line.contains("the last bytes were not written"));
            assertThat(ended.status()).isEqualTo(1);
        }
    }

    private static Ended run(String... arguments) throws Exception {
        try (ChildJvm child = start(arguments)) {
            return child.await();
        }
    }

    private static ChildJvm start(String... arguments) throws Exception {
        return ChildJvm.start(OPENS, ChildProgram.class, arguments);
    }
}
