package io.byssus.runtime.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.testing.ChildJvm;
import io.byssus.testing.ChildJvm.Ended;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The detector in a JVM of its own: one that is stopped, one without Flight Recorder. */
class StallProcessTest {
    static final int STOP_MILLIS = 400;

    private static final String OPENS = "--add-opens=java.base/java.lang=ALL-UNNAMED";

    /** Of {@code docker/link-runtime}, without {@code jdk.jfr}. */
    private static final String MODULES =
            "java.base,java.logging,java.management,jdk.management,jdk.unsupported";

    @Test
    void processThatIsStoppedForAWhileBlamesNobody() throws Exception {
        try (ChildJvm child = ChildJvm.start(List.of(OPENS), StallChild.class, "stopped")) {
            while (child.awaitLine("state ").equals("ready")) {
                child.signal("STOP");
                boolean never = new CountDownLatch(1).await(STOP_MILLIS, TimeUnit.MILLISECONDS);
                assertThat(never).isFalse();
                child.signal("CONT");
            }
            Ended ended = child.await();

            assertThat(ended.output()).as("%s", ended).contains("state stalls 0 pauses true");
            assertThat(ended.errors()).noneMatch(line -> line.contains("innocent"));
        }
    }

    @Test
    void jvmWithoutFlightRecorderReportsToTheLog() throws Exception {
        List<String> options = List.of(OPENS, "--limit-modules=" + MODULES);
        try (ChildJvm child = ChildJvm.start(options, StallChild.class, "stall")) {
            Ended ended = child.await();
            assertThat(ended.status()).as("%s", ended).isZero();
            assertThat(ended.output()).anyMatch(line -> line.startsWith("state stalls 1 "));
            assertThat(ended.errors())
                    .anyMatch(line -> line.contains("by fiber 'stalling' (group main)"))
                    .noneMatch(line -> line.contains("NoClassDefFoundError"));
        }
    }
}
