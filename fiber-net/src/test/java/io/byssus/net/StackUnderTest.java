package io.byssus.net;

import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shards;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A stack that keeps the {@linkplain NetworkContract contract}, and the way from its clients to its
 * servers. Both are in one runtime, on one host. Unless a stack says otherwise they talk over the
 * host's loopback; where frames are to leave the host, its servers are reached under an address
 * <em>abroad</em>, which brings them back.
 *
 * <p><b>Ownership:</b> of one part of the contract.
 */
interface StackUnderTest extends AutoCloseable {
    String LOOPBACK = "127.0.0.1";

    /** New options that choose it. */
    RuntimeOptions options();

    /** A stack whose clients and servers talk over the loopback. */
    static StackUnderTest onLoopback(Supplier<RuntimeOptions> options) {
        return options::get;
    }

    /** The portable backend, over the loopback. */
    static StackUnderTest portable() {
        return new Portable();
    }

    /** {@code --reactor-backend nio}. */
    final class Portable implements StackUnderTest {
        @Override
        public RuntimeOptions options() {
            return new RuntimeOptions().networkStack("posix").reactorBackend("nio");
        }

        @Override
        public Set<Capability> lacks() {
            return Set.of(Capability.values());
        }
    }

    /** Starts a runtime with {@link #options}; there may be several at a time. */
    default Shards start(RuntimeOptions options) throws Exception {
        return Shards.start(options);
    }

    /** The address that servers listen on and that clients have if they do not choose. */
    default String host() {
        return LOOPBACK;
    }

    /** One that clients may choose. */
    default String chosenHost() {
        return "127.0.0.2";
    }

    /** The address under which one end of a connection knows the host of the other. */
    default String hostAbroad(String host) {
        return host;
    }

    /** Whether it speaks IPv6 too. */
    default boolean hasIpv6() {
        return true;
    }

    /**
     * When nothing has moved for so long, nothing will before somebody acts. It is longer than a
     * sender holds back what is less than a full segment (RFC 9293, 3.8.6.2.1).
     */
    default Duration stillness() {
        return Duration.ofMillis(500);
    }

    /** Buffers that a shard keeps although there is nothing to do: to read the next frame into. */
    default int buffersAtRest() {
        return 0;
    }

    /** What these have in bytes, at most. */
    default long bytesAtRest() {
        return 0;
    }

    /**
     * Tests of the contract that do not apply to this stack, each with the reason; they are
     * reported as skipped.
     */
    default Map<String, String> inapplicable() {
        return Map.of();
    }

    /** What it cannot do by its nature, and says so. */
    default Set<Capability> lacks() {
        return Set.of();
    }

    /** What both ends of a connection are used as; a layer may come between. On a shard. */
    default Pair pair(Connection client, Connection server) throws IOException {
        return new Pair(client, server);
    }

    /** An address on any free port, to listen on. */
    default InetSocketAddress anyPort() {
        return new InetSocketAddress(host(), 0);
    }

    /** Where clients find what listens on {@code bound}, and who a peer says to be. */
    default InetSocketAddress abroad(InetSocketAddress bound) {
        String host = bound.getAddress().isAnyLocalAddress() ? host() : bound.getHostString();
        return new InetSocketAddress(hostAbroad(host), bound.getPort());
    }

    /** Gives back what the runtimes needed; they have stopped. */
    @Override
    default void close() {}
}
