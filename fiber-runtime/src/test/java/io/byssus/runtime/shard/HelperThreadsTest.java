package io.byssus.runtime.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.byssus.runtime.os.Affinity;
import io.byssus.testing.ChildJvm;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Threads inherit the processors of their starter; those that fibers start must not. */
class HelperThreadsTest {
    private static final String CARRIER = "byssus-shard-0";

    /** Lines {@code PROCESSORS THREAD} of a runtime with one bound shard. */
    private static List<String> threads;

    @BeforeAll
    static void runAProgramOnABoundShard() throws Exception {
        assumeTrue(
                Affinity.ofProcess().cardinality() > 1,
                "one processor: there is nothing that a thread could wrongly inherit");
        List<String> options =
                List.of(
                        "--add-opens=java.base/java.lang=ALL-UNNAMED",
                        "-Djava.util.concurrent.ForkJoinPool.common.parallelism=4");
        try (ChildJvm child = ChildJvm.start(options, PinnedProgram.class)) {
            ChildJvm.Ended ended = child.await();
            assertThat(ended.status()).as("%s", ended).isZero();
            threads = ended.output();
        }
    }

    @Test
    void carrierIsBoundToItsProcessor() {
        assertThat(threads).contains(Affinity.ofProcess().nextSetBit(0) + " " + CARRIER);
    }

    @Test
    void pollersUnblockerBlockingAndLogThreadsMayUseEveryProcessor() {
        List<String> ours =
                threads.stream()
                        .filter(line -> !line.endsWith(CARRIER) && !isCommonPool(line))
                        .toList();
        assertThat(ours)
                .anyMatch(line -> line.contains("Read-Poller"))
                .anyMatch(line -> line.contains("VirtualThread-u"))
                .anyMatch(line -> line.contains("byssus-blocking"))
                .anyMatch(line -> line.contains("byssus-log"))
                .allMatch(HelperThreadsTest::isUnbound);
    }

    @Test
    void workersOfTheCommonPoolMayUseEveryProcessor() {
        List<String> workers = threads.stream().filter(HelperThreadsTest::isCommonPool).toList();
        assertThat(workers).hasSizeGreaterThanOrEqualTo(4).allMatch(HelperThreadsTest::isUnbound);
    }

    private static boolean isCommonPool(String line) {
        return line.contains("ForkJoinPool.co");
    }

    private static boolean isUnbound(String line) {
        return line.startsWith(Cpus.format(Affinity.ofProcess()) + " ");
    }
}
