package io.byssus.net.nio;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.net.ConnectOptions;
import io.byssus.net.Connection;
import io.byssus.net.ListenOptions;
import io.byssus.net.Listener;
import io.byssus.net.Network;
import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.reactor.ReactorBackend;
import io.byssus.runtime.reactor.ReactorOptions;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shards;
import io.byssus.runtime.time.ManualClock;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The backend alone: pipes stand for sockets, and the test is the loop. */
@Timeout(60)
class NioBackendTest {
    private static final InetSocketAddress NOBODY = new InetSocketAddress("127.0.0.1", 1);

    private final NioBackend nio = new NioBackend();
    private final Reactor reactor =
            new Reactor(0, new ManualClock(), nio, ReactorOptions.defaults());
    private Pipe pipe;
    private NioHandle handle;

    @BeforeEach
    void open() throws Exception {
        pipe = Pipe.open();
        pipe.source().configureBlocking(false);
        handle = new NioHandle(reactor, nio, pipe.source(), 0, NOBODY);
    }

    @AfterEach
    void close() throws Exception {
        pipe.source().close();
        pipe.sink().close();
        reactor.close();
    }

    private void write() throws Exception {
        assertThat(pipe.sink().write(ByteBuffer.allocate(1))).isOne();
    }

    @Test
    void anEventReachesItsHandle() throws Exception {
        handle.wantInput();
        assertThat(nio.poll()).isZero();
        assertThat(handle.has(NioHandle.READABLE)).isFalse();
        write();
        assertThat(nio.poll()).isOne();
        assertThat(handle.has(NioHandle.READABLE)).isTrue();
    }

    /** Otherwise a fiber that does not read would make its shard turn without an end. */
    @Test
    void whatNobodyTakesIsToldTwiceAndNoMoreUntilSomebodyWaitsAgain() throws Exception {
        handle.wantInput();
        write();
        assertThat(nio.poll()).isOne();
        assertThat(nio.poll()).isOne();
        assertThat(nio.poll()).isZero();
        handle.clear(NioHandle.READABLE);
        handle.wantInput();
        assertThat(nio.poll()).isOne();
        assertThat(handle.has(NioHandle.READABLE)).isTrue();
    }

    @Test
    void inputThatIsTakenInTimeIsToldAgainWithoutBeingAskedFor() throws Exception {
        handle.wantInput();
        for (int i = 0; i < 3; i++) {
            write();
            assertThat(nio.poll()).isOne();
            assertThat(handle.has(NioHandle.READABLE)).isTrue();
            handle.clear(NioHandle.READABLE);
            assertThat(pipe.source().read(ByteBuffer.allocate(10))).isOne();
            assertThat(nio.poll()).isZero();
        }
    }

    @Test
    void roomIsToldOnceForEachWait() throws Exception {
        pipe.sink().configureBlocking(false);
        NioHandle sink = new NioHandle(reactor, nio, pipe.sink(), 0, NOBODY);
        sink.want(SelectionKey.OP_WRITE);
        assertThat(nio.poll()).isOne();
        assertThat(sink.has(NioHandle.WRITABLE)).isTrue();
        assertThat(nio.poll()).isZero();
    }

    @Test
    void aClosedHandleHearsNothing() throws Exception {
        handle.wantInput();
        write();
        handle.closeChannel();
        assertThat(nio.poll()).isZero();
        assertThat(handle.has(NioHandle.READABLE)).isFalse();
    }

    @Test
    void aWakeUpEndsTheNextWaitToo() {
        nio.wake();
        assertThat(nio.await(ReactorBackend.NO_TIMEOUT)).isZero();
        Thread waker = Thread.ofPlatform().start(nio::wake);
        assertThat(nio.await(ReactorBackend.NO_TIMEOUT)).isZero();
        assertThat(waker).isNotNull();
    }

    @Test
    void aShortWaitIsRoundedUpAndNeverDown() {
        for (int i = 0; i < 20; i++) {
            long start = System.nanoTime();
            assertThat(nio.await(200_000)).isZero();
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(200_000);
        }
    }

    @Test
    void aWindowShowsTheBytesOfAnyBufferWithoutACopy() {
        MemoryWindow window = new MemoryWindow();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment small = arena.allocate(10);
            MemorySegment large = arena.allocate(3_000_000);
            small.set(ValueLayout.JAVA_BYTE, 3, (byte) 7);
            ByteBuffer view = window.view(small.address(), 10);
            assertThat(view.remaining()).isEqualTo(10);
            assertThat(view.get(view.position() + 3)).isEqualTo((byte) 7);
            view = window.view(large.address(), 3_000_000);
            assertThat(view.remaining()).isEqualTo(3_000_000);
            view.put(view.limit() - 1, (byte) 9);
            assertThat(large.get(ValueLayout.JAVA_BYTE, 2_999_999)).isEqualTo((byte) 9);
            assertThat(window.view(large.address(), 5)).isSameAs(view);
            assertThat(window.view(Buffer.EMPTY).hasRemaining()).isFalse();
        }
    }

    /** An interruptible channel closes when its thread is interrupted in a blocking call. */
    @Test
    void anInterruptedFiberDoesNotCloseTheChannelsThatItUses() throws Exception {
        RuntimeOptions options =
                new RuntimeOptions()
                        .smp(1)
                        .overprovisioned(true)
                        .shutdownGrace(Duration.ZERO)
                        .reactorBackend("nio");
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (Shards shards = Shards.start(options)) {
            String heard =
                    shards.submitTo(
                            0,
                            () -> {
                                try (Listener listener =
                                                Network.listen(any, ListenOptions.defaults());
                                        Connection client =
                                                Network.connect(
                                                        listener.localAddress(),
                                                        ConnectOptions.defaults());
                                        Connection server = listener.accept().connection()) {
                                    Thread.currentThread().interrupt();
                                    client.output().write("interrupted\n");
                                    client.output().flush();
                                    boolean kept = Thread.interrupted();
                                    String first = server.input().readLine(100).orElseThrow();
                                    client.output().write("and alive\n");
                                    client.output().flush();
                                    return kept
                                            + " "
                                            + first
                                            + " "
                                            + server.input().readLine(100).orElseThrow();
                                }
                            });
            assertThat(heard).isEqualTo("true interrupted and alive");
        }
    }
}
