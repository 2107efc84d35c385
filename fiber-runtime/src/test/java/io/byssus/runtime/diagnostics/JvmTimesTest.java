package io.byssus.runtime.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.os.ThreadTimes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the JVM tells of a thread, where there is no kernel of ours to ask. */
class JvmTimesTest {
    @Test
    @Timeout(30)
    void timeOnAProcessorIsCountedAndTheRestIsUnknown() {
        try (PlatformTimes times =
                new PlatformTimes.OfJvm(() -> Thread.currentThread().threadId())) {
            times.read();
            long before = times.runNanos();
            do {
                times.read();
            } while (times.runNanos() < before + 1_000_000);
            assertThat(times.waitNanos()).isZero();
            assertThat(times.state()).isEqualTo(ThreadTimes.State.UNKNOWN);
        }
    }

    @Test
    void aThreadThatHasEndedKeepsItsTime() throws Exception {
        Thread thread = Thread.ofPlatform().start(() -> {});
        thread.join();
        try (PlatformTimes times = new PlatformTimes.OfJvm(thread::threadId)) {
            times.read();
            assertThat(times.runNanos()).isZero();
        }
    }
}
