package io.byssus.runtime.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

class AffinityTest {
    @Test
    void boundThreadRunsOnItsProcessorAndItsChildrenInheritThat() throws Exception {
        BitSet whole = Affinity.ofProcess();
        BitSet one = new BitSet();
        one.set(whole.nextSetBit(0));

        onPlatformThread(() -> {
            assertThat(Affinity.ofThread()).isEqualTo(Affinity.ofProcess());
            assertThat(Affinity.bindThread(one)).isTrue();
            assertThat(Affinity.ofThread()).isEqualTo(one);
            assertThat(kernelsView()).isEqualTo(Integer.toString(one.nextSetBit(0)));
            assertThat(Affinity.ofProcess()).as("as started").isEqualTo(whole);
            assertThat(onPlatformThread(Affinity::ofThread)).isEqualTo(one);

            assertThat(Affinity.bindThread(Affinity.ofProcess())).isTrue();
            assertThat(Affinity.ofThread()).isEqualTo(Affinity.ofProcess());
            return null;
        });
    }

    @Test
    void setWithoutAUsableProcessorIsRefused() throws Exception {
        BitSet absent = new BitSet();
        absent.set(1023);
        onPlatformThread(() -> {
            assertThat(Affinity.bindThread(new BitSet())).isFalse();
            assertThat(Affinity.bindThread(absent)).isFalse();
            assertThat(Affinity.ofThread()).isEqualTo(Affinity.ofProcess());
            return null;
        });
    }

    @Test
    void processorsOfTheProcessAreGivenOutAsACopy() {
        BitSet before = Affinity.ofProcess();
        Affinity.ofProcess().clear();
        assertThat(Affinity.ofProcess()).isEqualTo(before);
    }

    private static String kernelsView() throws Exception {
        return Files.readAllLines(Path.of("/proc/thread-self/status")).stream()
                .filter(line -> line.startsWith("Cpus_allowed_list:"))
                .map(line -> line.split("\\s+")[1])
                .findFirst()
                .orElseThrow();
    }

    private static <T> T onPlatformThread(Callable<T> body) throws Exception {
        FutureTask<T> task = new FutureTask<>(body);
        Thread.ofPlatform().daemon().start(task);
        return task.get();
    }
}
