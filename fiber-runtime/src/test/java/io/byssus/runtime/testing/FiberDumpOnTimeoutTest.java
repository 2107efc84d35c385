package io.byssus.runtime.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.fiber.Fiber;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
}
