package io.byssus.net.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shards;
import io.byssus.testing.ChildJvm;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OffShardResolverProviderTest {
    private static final String POOL = "byssus-blocking";

    /** In a JVM of its own, since the type of the provider's configuration is the JDK's alone. */
    @Test
    void theShardGoesOnWhileANameIsLookedUp() throws Exception {
        List<String> options =
                List.of(
                        "--add-opens=java.base/java.lang=ALL-UNNAMED",
                        "--add-exports=java.base/sun.net=ALL-UNNAMED");
        try (ChildJvm child = ChildJvm.start(options, SlowLookUp.class)) {
            assertThat(child.awaitLine("elsewhere: ")).isEqualTo("main");
            assertThat(child.awaitLine("found: ")).isEqualTo("a/10.0.0.1");
            assertThat(child.awaitLine("by address: ")).isEqualTo("name of 4 bytes");
            assertThat(child.awaitLine("on a thread: ")).startsWith(POOL);
            assertThat(child.awaitLine("failed: ")).isEqualTo("no name");
            assertThat(child.awaitLine("cancelled: ")).contains("Blocking.call");
        }
    }

    @Test
    void theJdkUsesIt() throws Exception {
        try (Shards shards = Shards.start(new RuntimeOptions().smp(1).overprovisioned(true))) {
            Set<Thread> before = poolThreads();
            InetAddress local = shards.submitTo(0, () -> InetAddress.getByName("localhost"));
            assertThat(local.isLoopbackAddress()).isTrue();
            assertThat(poolThreads())
                    .as("the pool has looked it up")
                    .matches(now -> !before.containsAll(now));
        }
    }

    private static Set<Thread> poolThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith(POOL))
                .collect(Collectors.toSet());
    }
}
