package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferMemoryException;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shard;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What datagrams do when their shard's buffer memory is used up. */
abstract class DatagramMemoryContract extends NetworkContract {
    private static final long BYTES_PER_SHARD = 4 << 20;

    DatagramMemoryContract(StackUnderTest stack) {
        super(stack);
    }

    @Override
    RuntimeOptions options() {
        return super.options().bufferMemory(SHARDS * BYTES_PER_SHARD);
    }

    /** Takes all that a fiber may have but {@code spare} buffers of 2 KiB. */
    private static List<Buffer> takeAllBut(int spare) {
        BufferPool pool = Shard.current().buffers();
        List<Buffer> kept = new ArrayList<>();
        for (int i = 0; i < spare; i++) {
            kept.add(pool.allocate(2048));
        }
        List<Buffer> all = new ArrayList<>();
        for (int length = BufferPool.POOLED_CAPACITY_MAX; length >= 1; length /= 2) {
            Buffer buffer = pool.allocateOrNull(length);
            while (buffer != null) {
                all.add(buffer);
                buffer = pool.allocateOrNull(length);
            }
        }
        kept.forEach(Buffer::close);
        return all;
    }

    private static void send(UdpSocket from, UdpSocket to, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            from.send(DatagramContract.payload("number " + i), to.localAddress());
        }
        from.flush();
    }

    @Test
    void aReceiverWaitsForMemoryAndLosesNothing() throws Exception {
        onShard(() -> {
            try (UdpSocket one = Network.bindUdp(anyPort(), DatagramOptions.defaults());
                    UdpSocket other = Network.bindUdp(anyPort(), DatagramOptions.defaults())) {
                send(one, other, 1);
                List<Buffer> all = takeAllBut(0);
                Fiber<Void> receiver =
                        Fiber.start(
                                "receiver",
                                () ->
                                        DatagramContract.assertReceives(
                                                other, new DatagramHeader(), "number 0"));
                while (Shard.current().buffers().waitingFibers() == 0) {
                    Fiber.sleep(Duration.ofMillis(1));
                }
                assertThat(receiver.isDone()).isFalse();
                all.forEach(Buffer::close);
                receiver.join();
            }
        });
    }

    @Test
    void aReceiverThatGetsNoMemoryInTimeSaysSoAndTheDatagramStays() throws Exception {
        onShard(() -> {
            try (UdpSocket one = Network.bindUdp(anyPort(), DatagramOptions.defaults());
                    UdpSocket other = Network.bindUdp(anyPort(), DatagramOptions.defaults())) {
                send(one, other, 1);
                List<Buffer> all = takeAllBut(0);
                other.timeout(Duration.ofMillis(50));
                assertThatThrownBy(other::receive).isInstanceOf(BufferMemoryException.class);
                all.forEach(Buffer::close);
                DatagramContract.assertReceives(other, new DatagramHeader(), "number 0");
            }
        });
    }

    @Test
    void withLittleMemoryBatchesAreSmallAndComplete() throws Exception {
        onShard(() -> {
            try (UdpSocket one = Network.bindUdp(anyPort(), DatagramOptions.defaults());
                    UdpSocket other = Network.bindUdp(anyPort(), DatagramOptions.defaults())) {
                send(one, other, 50);
                List<Buffer> all = takeAllBut(3);
                DatagramHeader header = new DatagramHeader();
                for (int i = 0; i < 50; i++) {
                    DatagramContract.assertReceives(other, header, "number " + i);
                }
                all.forEach(Buffer::close);
            }
        });
    }
}
