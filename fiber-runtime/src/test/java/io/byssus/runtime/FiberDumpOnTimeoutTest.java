package io.byssus.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shards;
import io.byssus.runtime.testing.SteppedReactor;
import io.byssus.testing.ChildJvm;
import io.byssus.testing.FiberDumpOnTimeout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FiberDumpOnTimeoutTest {
    @TempDir private Path folder;

    @Test
    void dumpShowsParkedFibersWithTheirStacks() throws Throwable {
        SteppedReactor.run(stepped -> {
            Fiber<Void> fiber = stepped.start("sleepy-head", () -> Fiber.sleep(Duration.ofDays(1)));
            stepped.settle();

            Path file = FiberDumpOnTimeout.dump(folder, "dump");

            assertThat(Files.readString(file))
                    .contains("sleepy-head")
                    .contains("io.byssus.runtime.fiber.Fiber.sleep");
            fiber.cancel();
            stepped.settle();
        });
    }

    @Test
    void dumpOfARunningRuntimeSaysWhatItsFibersWaitFor() throws Exception {
        RuntimeOptions options =
                new RuntimeOptions().smp(1).overprovisioned(true).shutdownGrace(Duration.ZERO);
        try (Shards shards = Shards.start(options)) {
            CompletableFuture<Object> asleep = new CompletableFuture<>();
            shards.spawn(
                    0,
                    "sleepy-head",
                    () -> {
                        asleep.complete("soon");
                        Fiber.sleep(Duration.ofDays(1));
                        return null;
                    });
            asleep.get();

            Path file = FiberDumpOnTimeout.dumpFibers(folder, "dump").orElseThrow();

            assertThat(Files.readString(file)).contains("'sleepy-head'", "Fiber.sleep");
        }
    }

    @Test
    void theJvmsThatATestHasStartedAreDumpedToo() throws Exception {
        List<String> options = List.of("--add-opens=java.base/java.lang=ALL-UNNAMED");
        try (ChildJvm child = ChildJvm.start(options, ChildProgram.class, "serve", "--smp=1")) {
            child.awaitLine("ready");

            List<Path> files = FiberDumpOnTimeout.dumpChildren(folder, "dump");

            assertThat(files).hasSize(1);
            assertThat(Files.readString(files.getFirst())).contains("byssus-shard-0");
        }
    }
}
