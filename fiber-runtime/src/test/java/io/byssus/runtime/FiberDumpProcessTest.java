package io.byssus.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.testing.ChildJvm;
import io.byssus.testing.ChildJvm.Ended;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Dumps that a program's user asks for from outside. */
class FiberDumpProcessTest {
    @ParameterizedTest
    @ValueSource(strings = {"true", "false"})
    void usr1DumpsToTheErrorsAndTheProgramGoesOn(String tracked) throws Exception {
        try (ChildJvm child =
                start(List.of("-Djdk.trackAllThreads=" + tracked), "serve", "--smp=2")) {
            child.awaitLine("ready");
            child.awaitLine("ready");
            for (int i = 1; i <= 2; i++) {
                child.signal("USR1");
                int dumps = i;
                child.awaitErrors("waits for Fiber.sleep", 2 * dumps);
            }
            child.signal("TERM");
            Ended ended = child.await();
            assertThat(ended.status()).isZero();
            assertThat(ended.errors())
                    .contains("3 fibers on 2 shards")
                    .contains("shard 1: 1 fiber (1 parked)")
                    .anyMatch(line -> line.startsWith("    fiber 'main' #"))
                    .anyMatch(line -> line.startsWith("    fiber 'onEach' #"))
                    .anyMatch(line -> line.startsWith("        at io.byssus.runtime.ChildProgram"));
        }
    }

    @Test
    void deadlockOfJdkLocksIsSeenWhereTheirPackageIsOpen() throws Exception {
        String opens = "--add-opens=java.base/java.util.concurrent.locks=ALL-UNNAMED";
        try (ChildJvm child = start(List.of(opens), "deadlock", "--smp=1")) {
            child.awaitLine("ready");
            child.signal("USR1");
            child.awaitErrors("DEADLOCK: fiber 'locker-0' on shard 0 waits for ReentrantLock", 1);
        }
    }

    @Test
    void mxBeanIsMadeOnceThereIsAnMBeanServerAndNotForItself() throws Exception {
        try (ChildJvm child = start(List.of(), "mbean", "--smp=1")) {
            Ended ended = child.await();
            assertThat(ended.lines()).containsExactly("servers: 0", "found");
        }
    }

    private static ChildJvm start(List<String> options, String... arguments) throws Exception {
        List<String> all = new ArrayList<>(options);
        all.add("--add-opens=java.base/java.lang=ALL-UNNAMED");
        List<String> rest = new ArrayList<>(List.of(arguments));
        rest.add("--overprovisioned");
        return ChildJvm.start(all, ChildProgram.class, rest.toArray(String[]::new));
    }
}
