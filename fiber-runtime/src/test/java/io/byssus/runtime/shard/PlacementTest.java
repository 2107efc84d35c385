package io.byssus.runtime.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.os.Affinity;
import java.time.Duration;
import java.util.BitSet;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Options against this machine's processors, whatever their number. */
class PlacementTest {
    private final BitSet processors = Affinity.ofProcess();
    private final int usable =
            Math.min(processors.cardinality(), Runtime.getRuntime().availableProcessors());
    private final boolean quota = usable < processors.cardinality();

    @Test
    void defaultIsAShardPerProcessorEachBoundToItsOwn() {
        Placement placement = Placement.of(new RuntimeOptions());
        assertThat(placement.shards()).isEqualTo(usable);
        if (quota) {
            assertThat(placement.cpus()).as("a quota makes binding harmful").isNull();
        } else {
            assertThat(placement.cpus()).isEqualTo(processors.stream().toArray());
        }
    }

    @Test
    void smpTakesTheFirstProcessors() {
        Placement placement =
                Placement.of(new RuntimeOptions().smp(1).affinity(RuntimeOptions.Affinity.ON));
        assertThat(placement.shards()).isEqualTo(1);
        assertThat(placement.cpus()).containsExactly(processors.nextSetBit(0));
    }

    @Test
    void cpusetChoosesTheProcessors() {
        int last = processors.length() - 1;
        Placement placement =
                Placement.of(
                        new RuntimeOptions()
                                .cpuset(Integer.toString(last))
                                .affinity(RuntimeOptions.Affinity.ON));
        assertThat(placement.shards()).isEqualTo(1);
        assertThat(placement.cpus()).containsExactly(last);
    }

    @Test
    void affinityOffAndOverprovisioningBindNothing() {
        assertThat(Placement.of(new RuntimeOptions().affinity(RuntimeOptions.Affinity.OFF)).cpus())
                .isNull();
        Placement many =
                Placement.of(
                        new RuntimeOptions()
                                .smp(usable + 7)
                                .overprovisioned(true)
                                .affinity(RuntimeOptions.Affinity.ON));
        assertThat(many.cpus()).isNull();
        assertThat(many.shards()).isEqualTo(usable + 7);
    }

    @Test
    void moreShardsThanProcessorsAreRefusedWithTheWayOut() {
        int tooMany = processors.cardinality() + 1;
        assertRefused(
                () -> Placement.of(new RuntimeOptions().smp(tooMany)),
                "--smp "
                        + tooMany
                        + ": this process may use "
                        + usable
                        + (usable == 1 ? " processor (" : " processors (")
                        + Cpus.format(processors)
                        + "); --overprovisioned allows more shards than processors");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -3})
    void lessThanOneShardIsRefused(int shards) {
        assertRefused(
                () -> Placement.of(new RuntimeOptions().smp(shards).overprovisioned(true)),
                "--smp " + shards + ": at least 1 shard is needed");
    }

    @Test
    void processorThatTheProcessMayNotUseIsRefused() {
        int absent = processors.length();
        assertRefused(
                () -> Placement.of(new RuntimeOptions().cpuset("0-" + absent)),
                "--cpuset 0-"
                        + absent
                        + ": this process may use only processors "
                        + Cpus.format(processors));
    }

    @Test
    void durationsAndPoolSizesWithoutSenseAreRefusedByTheirOptionsName() {
        Duration negative = Duration.ofMillis(-1);
        assertRefused(
                () -> OptionCheck.check(new RuntimeOptions().taskQuota(Duration.ZERO)),
                "--task-quota-ms 0: must be more than zero");
        assertRefused(
                () -> OptionCheck.check(new RuntimeOptions().taskQuota(negative)),
                "--task-quota-ms -1: must be more than zero");
        assertRefused(
                () -> OptionCheck.check(new RuntimeOptions().taskQuota(Duration.ofMillis(1001))),
                "--task-quota-ms 1001: must be at most 1000");
        Map<Duration, String> wrongThresholds =
                Map.of(
                        negative,
                        "-1",
                        Duration.ofNanos(999_999),
                        "0.999999",
                        Duration.ofHours(1).plusNanos(1),
                        "3600000.000001");
        wrongThresholds.forEach((wrong, millis) ->
                assertRefused(
                        () -> OptionCheck.check(new RuntimeOptions().stallThreshold(wrong)),
                        "--stall-threshold " + millis + "ms: must be between 1ms and 1h, or off"));
        assertRefused(
                () -> OptionCheck.check(new RuntimeOptions().idlePollTime(negative)),
                "--idle-poll-time-us -1000: must not be negative");
        assertRefused(
                () -> OptionCheck.check(new RuntimeOptions().shutdownGrace(negative)),
                "--shutdown-grace -0.001: must not be negative");
        assertRefused(
                () -> OptionCheck.check(new RuntimeOptions().shutdownDelay(negative)),
                "--shutdown-delay -0.001: must not be negative");
        assertRefused(
                () -> OptionCheck.check(new RuntimeOptions().blockingThreads(0)),
                "--blocking-threads 0: at least 1 is needed");
    }

    @Test
    void backendThatIsNotOnThePathIsRefusedAndNothingIsLeftBehind() {
        assertRefused(
                () -> Shards.start(new RuntimeOptions().reactorBackend("smoke-signals")),
                "--reactor-backend smoke-signals: expected none (no network is on the path)");
    }

    private static void assertRefused(ThrowingCallable start, String sentence) {
        assertThatThrownBy(start).isInstanceOf(IllegalArgumentException.class).hasMessage(sentence);
    }
}
