package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.net.tls.TlsProvider;
import io.byssus.net.tls.TlsServer;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shard;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** TLS where the shard's buffer memory is used up. */
abstract class TlsMemoryContract extends NetworkContract {
    private static final long BYTES_PER_SHARD = 4 << 20;
    private static final int BULK_BYTES = 1 << 20;

    private final TlsProvider provider;

    TlsMemoryContract(StackUnderTest stack, TlsProvider provider) {
        super(stack);
        this.provider = provider;
    }

    @Override
    RuntimeOptions options() {
        return super.options().bufferMemory(SHARDS * BYTES_PER_SHARD);
    }

    private TlsServer server() throws IOException {
        return TlsServer.of(TlsPairs.serverOptions().withProvider(provider));
    }

    private static List<Buffer> takeAll() {
        BufferPool pool = Shard.current().buffers();
        List<Buffer> all = new ArrayList<>();
        for (int length = BufferPool.POOLED_CAPACITY_MAX; length >= 1; length /= 2) {
            Buffer buffer = pool.allocateOrNull(length);
            while (buffer != null) {
                all.add(buffer);
                buffer = pool.allocateOrNull(length);
            }
        }
        return all;
    }

    private static void awaitWaiting() {
        while (Shard.current().buffers().waitingFibers() == 0) {
            Fiber.sleep(Duration.ofMillis(1));
        }
    }

    @Test
    void aHandshakeGoesOnWhenMemoryComesBack() throws Exception {
        onShard(() -> {
            TlsServer server = server();
            Pair plain = openPair();
            List<Buffer> all = takeAll();
            Fiber<Pair> shaking =
                    Fiber.start(
                            "shaking",
                            () -> TlsPairs.over(plain, server, TlsPairs.client(), "localhost"));
            awaitWaiting();
            assertThat(shaking.isDone()).isFalse();
            all.forEach(Buffer::close);
            try (Pair pair = shaking.join()) {
                Talk.assertConversation(pair.client(), pair.server());
            }
        });
    }

    @Test
    void aHandshakeThatIsGivenUpWithoutMemoryLeavesNothing() throws Exception {
        onShard(() -> {
            TlsServer server = server();
            Pair plain = openPair();
            List<Buffer> all = takeAll();
            Fiber<Pair> shaking =
                    Fiber.start(
                            "shaking",
                            () -> TlsPairs.over(plain, server, TlsPairs.client(), "localhost"));
            awaitWaiting();
            shaking.cancel();
            plain.reset();
            all.forEach(Buffer::close);
            assertThatThrownBy(shaking::join).isInstanceOf(Exception.class);
        });
    }

    @Test
    void muchIsMovedWithLittleMemory() throws Exception {
        byte[] bytes = Talk.pattern(BULK_BYTES);
        onShard(() -> {
            try (Pair pair = TlsPairs.over(openPair(), server(), TlsPairs.client(), "localhost")) {
                List<Buffer> all = takeAll();
                Fiber<Void> writing =
                        Fiber.start(
                                "writing",
                                () -> {
                                    for (int i = 0; i < BULK_BYTES; i += 1 << 16) {
                                        pair.client().output().write(bytes, i, 1 << 16);
                                        pair.client().output().flush();
                                    }
                                    pair.client().output().close();
                                });
                awaitWaiting();
                // Of what there was, so much comes back.
                for (int i = 0; i < all.size() && i < 16; i++) {
                    all.get(i).close();
                }
                Talk.assertSame(Talk.hearAll(pair.server()), bytes);
                writing.join();
                all.stream().skip(16).forEach(Buffer::close);
            }
        });
    }
}
