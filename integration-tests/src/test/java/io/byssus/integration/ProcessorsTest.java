package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.byssus.integration.RunningExample.Buffers;
import io.byssus.runtime.os.Affinity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How many shards there are where a process may use less than the machine. */
class ProcessorsTest {
    private static final String ONE_SHARD = "shard 0 counted to 10\nsum 10\n";
    private static final int LAST = Affinity.ofProcess().length() - 1;
    private static final int COUNT = Affinity.ofProcess().cardinality();

    @Test
    void affinityMaskOfTheProcessSetsTheNumberOfShards() {
        assumeTrue(COUNT > 1, "there is one processor");
        assertThat(run(taskset(), fanout())).isEqualTo(new Child.Ended(0, ONE_SHARD, ""));
    }

    @Test
    void moreShardsThanTheAffinityMaskHasProcessorsAreRefused() {
        assumeTrue(COUNT > 1, "there is one processor");
        assertThat(run(taskset(), fanout("--smp", "2"))).isEqualTo(refused(LAST + ""));
    }

    @Test
    void processorsThatTheJvmCountsAsItsQuotaSetTheNumberOfShards() {
        assumeTrue(COUNT > 1, "there is one processor");
        List<String> quota = List.of(Child.JAVA.toString(), "-XX:ActiveProcessorCount=1");
        assertThat(run(quota, fanout())).isEqualTo(new Child.Ended(0, ONE_SHARD, ""));
        Child.Ended refused = run(quota, fanout("--smp", "2"));
        assertThat(refused.status()).isEqualTo(2);
        assertThat(refused.err()).startsWith("--smp 2: this process may use 1 processor (");
    }

    /** With the kernel's quota itself: half a processor's time is one shard. */
    @Tag("root")
    @Test
    void quotaOfTheControlGroupSetsTheNumberOfShards() throws IOException {
        assumeTrue(COUNT > 1, "there is one processor");
        Path group = createGroup("byssus-test-" + ProcessHandle.current().pid());
        try {
            List<String> enter =
                    List.of(
                            "sh",
                            "-c",
                            "echo $$ > " + group + "/cgroup.procs && exec \"$@\"",
                            "sh",
                            Child.JAVA.toString());
            assertThat(run(enter, fanout())).isEqualTo(new Child.Ended(0, ONE_SHARD, ""));
        } finally {
            Files.delete(group);
        }
    }

    /** With a quota of half a processor, in version 2 of the interface or else 1. */
    private static Path createGroup(String name) throws IOException {
        for (Path parent : List.of(Path.of("/sys/fs/cgroup"), Path.of("/sys/fs/cgroup/cpu"))) {
            Path group = parent.resolve(name);
            if (!Files.isWritable(parent.resolve("cgroup.procs"))) {
                continue;
            }
            Files.createDirectory(group);
            if (Files.exists(group.resolve("cpu.max"))) {
                Files.writeString(group.resolve("cpu.max"), "50000 100000");
                return group;
            } else if (Files.exists(group.resolve("cpu.cfs_quota_us"))) {
                Files.writeString(group.resolve("cpu.cfs_quota_us"), "50000");
                return group;
            }
            Files.delete(group);
        }
        assumeTrue(false, "no control group with a quota can be made here");
        throw new AssertionError();
    }

    private static List<String> taskset() {
        return List.of("taskset", "-c", Integer.toString(LAST), Child.JAVA.toString());
    }

    private static List<String> fanout(String... options) {
        List<String> all = Stream.concat(Stream.of("--count", "10"), Stream.of(options)).toList();
        return RunningExample.arguments(Buffers.RECYCLING, "fanout", all.toArray(String[]::new));
    }

    private static Child.Ended refused(String processors) {
        return new Child.Ended(
                2,
                "",
                "--smp 2: this process may use 1 processor ("
                        + processors
                        + "); --overprovisioned allows more shards than processors\n");
    }

    private static Child.Ended run(List<String> start, List<String> arguments) {
        List<String> command = new ArrayList<>(start);
        command.addAll(arguments);
        try (Child child = Child.start(command)) {
            return child.awaitEnd();
        }
    }
}
