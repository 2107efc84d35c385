package io.byssus.net;

import io.byssus.runtime.fiber.FiberTask;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shards;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/**
 * What any network stack must do, seen through the public API alone: both ends of every connection
 * are Byssus connections over the stack's own loopback, so the parts of the contract run unchanged
 * over each stack. A stack's test names the stack and nests the parts.
 *
 * <p>One runtime of two shards serves a part's tests. After each, no shard may hold a buffer, a
 * connection or a fiber; a runtime that does is replaced, so that one failure stays one failure.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(30)
abstract class NetworkContract {
    static final int SHARDS = 2;
    static final InetSocketAddress LOOPBACK = new InetSocketAddress("127.0.0.1", 0);

    private final Supplier<RuntimeOptions> stack;
    private Shards shards;

    /**
     * @param stack new options that choose the stack under test
     */
    NetworkContract(Supplier<RuntimeOptions> stack) {
        this.stack = stack;
    }

    @BeforeAll
    void startRuntime() {
        shards = Shards.start(options().shutdownGrace(Duration.ZERO));
    }

    @AfterAll
    void stopRuntime() {
        shards.stop();
    }

    @AfterEach
    void nothingIsLeftBehind() {
        try {
            Leftovers.awaitNone(shards);
        } catch (AssertionError e) {
            shards.stop();
            startRuntime();
            throw e;
        }
    }

    /** Options for a runtime of two shards over the stack under test. */
    RuntimeOptions options() {
        return stack.get().smp(SHARDS).overprovisioned(true);
    }

    /** Whether the stack under test speaks IPv6 too. */
    boolean hasIpv6() {
        return true;
    }

    Shards shards() {
        return shards;
    }

    /** Runs a test's body on a fiber of shard 0. */
    void onShard(FiberTask body) throws Exception {
        onShard(0, body);
    }

    /** Runs {@code body} on a fiber of shard {@code id}. */
    void onShard(int id, FiberTask body) throws Exception {
        shards.submitTo(
                id,
                () -> {
                    body.run();
                    return null;
                });
    }
}
