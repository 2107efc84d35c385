package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.FiberTask;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shards;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/**
 * What any network stack must do, seen through the public API alone: both ends of every connection
 * are Byssus connections of one runtime, so the parts of the contract run unchanged over each
 * {@link StackUnderTest}, whose test nests them.
 *
 * <p>One runtime of two shards serves a part's tests. After each, no shard may hold a buffer, a
 * connection or a fiber; a runtime that does is replaced, so that one failure stays one failure.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(30)
abstract class NetworkContract {
    static final int SHARDS = 2;

    private static final Duration WAIT = Duration.ofMillis(50);

    private final StackUnderTest stack;
    private Shards shards;

    NetworkContract(StackUnderTest stack) {
        this.stack = stack;
    }

    @BeforeAll
    void startRuntime() throws Exception {
        shards = start(options().shutdownGrace(Duration.ZERO));
    }

    @AfterAll
    void stopRuntime() throws Exception {
        try {
            if (shards != null) {
                shards.stop();
            }
        } finally {
            stack.close();
        }
    }

    @BeforeEach
    void itApplies(TestInfo test) {
        String reason = stack.inapplicable().get(test.getTestMethod().orElseThrow().getName());
        Assumptions.assumeTrue(reason == null, reason);
    }

    @AfterEach
    void nothingIsLeftBehind() throws Exception {
        try {
            Leftovers.awaitNone(shards, stack.buffersAtRest());
        } catch (AssertionError e) {
            shards.stop();
            startRuntime();
            throw e;
        }
    }

    /** Options for a runtime of two shards over the stack under test. */
    RuntimeOptions options() {
        return stack.options().smp(SHARDS).overprovisioned(true);
    }

    /** Starts another runtime over the stack under test. */
    Shards start(RuntimeOptions options) throws Exception {
        return stack.start(options);
    }

    StackUnderTest stack() {
        return stack;
    }

    /** Bytes of memory that a shard holds although there is nothing to do. */
    long bytesAtRest() {
        return stack.bytesAtRest();
    }

    /** Whether the stack can do that; if not, {@link #assertLacks}. */
    boolean has(Capability capability) {
        return !stack.lacks().contains(capability);
    }

    /** The stack says that it cannot, and what can. */
    static void assertLacks(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("--reactor-backend epoll");
    }

    /** An address on any free port, to listen on. */
    InetSocketAddress anyPort() {
        return stack.anyPort();
    }

    /** Where clients find {@code listener}. */
    InetSocketAddress addressOf(Listener listener) throws IOException {
        return stack.abroad(listener.localAddress());
    }

    Connection connect(Listener listener) throws IOException {
        return connect(listener, ConnectOptions.defaults());
    }

    Connection connect(Listener listener, ConnectOptions options) throws IOException {
        return Network.connect(addressOf(listener), options);
    }

    Pair openPair() throws IOException {
        return openPair(ListenOptions.defaults(), ConnectOptions.defaults());
    }

    /** A pair in which little fits between writer and reader. */
    Pair openTightPair() throws IOException {
        return openPair(Pair.tightListen(), Pair.tightConnect());
    }

    Pair openPair(ListenOptions listen, ConnectOptions connect) throws IOException {
        try (Listener listener = Network.listen(anyPort(), listen)) {
            Connection client = connect(listener, connect);
            return stack.pair(client, listener.accept().connection());
        }
    }

    /**
     * Writes until nothing more fits between writer and reader; how much that was, with what is
     * still to be flushed. One wait that ends is no sign: the whole shard may have stood still.
     */
    int fillUp(Connection connection) throws IOException {
        byte[] block = new byte[512];
        ConnectionOutput output = connection.output();
        output.timeout(WAIT);
        int written = 0;
        Duration waited = Duration.ZERO;
        while (waited.compareTo(stack.stillness()) < 0) {
            try {
                if (waited.isZero()) {
                    written += block.length;
                    output.write(block);
                }
                output.flush();
                waited = Duration.ZERO;
            } catch (SocketTimeoutException e) {
                waited = waited.plus(WAIT);
            }
        }
        output.timeout(Duration.ZERO);
        return written;
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
