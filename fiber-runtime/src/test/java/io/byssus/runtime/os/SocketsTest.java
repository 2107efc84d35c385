package io.byssus.runtime.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The socket calls, over the loopback device. */
class SocketsTest {
    private static final long LIMIT_NANOS = Duration.ofSeconds(5).toNanos();

    private final CallState state = new CallState();
    private final Arena arena = Arena.ofConfined();
    private final long address = arena.allocate(SocketAddresses.BYTES_MAX, 8).address();
    private final long length = arena.allocate(8, 8).address();
    private final MemorySegment bytes = arena.allocate(1024, 8);
    private int listening;
    private int client;
    private int server;

    @BeforeEach
    void connect() {
        listening = Sockets.stream(state, SocketAddresses.AF_INET);
        bind(listening);
        assertThat(Sockets.listen(state, listening, 8)).isZero();
        client = Sockets.stream(state, SocketAddresses.AF_INET);
        connectTo(localAddress(listening));
        waitFor(listening, Epoll.EPOLLIN);
        server = Sockets.accept(state, listening, address, length);
        assertThat(server).isNotNegative();
    }

    @AfterEach
    void closeAll() {
        for (int fd : new int[] {listening, client, server}) {
            Descriptors.close(state, fd);
        }
        arena.close();
    }

    @Test
    void acceptTellsThePeersAddress() {
        InetSocketAddress peer = SocketAddresses.read(address);
        assertThat(peer).isEqualTo(localAddress(client));
        assertThat(Sockets.accept(state, listening, address, length)).isEqualTo(-1);
        assertThat(state.errno()).isEqualTo(Errno.EAGAIN);
    }

    @Test
    void slicesOfAGatheringSendArriveInOrderAsOneStream() {
        long header = arena.allocate(MessageHeader.bytes(3), 8).address();
        MessageHeader.begin(header);
        String[] words = {"shards ", "and ", "fibers"};
        for (int i = 0; i < words.length; i++) {
            byte[] word = words[i].getBytes(StandardCharsets.US_ASCII);
            MemorySegment slice = arena.allocateFrom(ValueLayout.JAVA_BYTE, word);
            MessageHeader.slice(header, i, slice.address(), word.length);
        }
        MessageHeader.sliceCount(header, words.length);

        assertThat(Sockets.sendGathering(state, client, header)).isEqualTo(17);

        waitFor(server, Epoll.EPOLLIN);
        assertThat(receive(server)).isEqualTo(17);
        assertThat(bytes.getString(0)).isEqualTo("shards and fibers");
    }

    @Test
    void emptySocketWouldBlockAndAFinishedOneIsAtItsEnd() {
        assertThat(receive(server)).isEqualTo(-1);
        assertThat(state.errno()).isEqualTo(Errno.EAGAIN);

        assertThat(Sockets.shutdown(state, client, Sockets.SHUT_WR)).isZero();

        waitFor(server, Epoll.EPOLLIN);
        assertThat(receive(server)).isZero();
    }

    @Test
    void sendAfterAResetIsAnErrorAndNotASignal() {
        SocketOptions.resetOnClose(state, client);
        Descriptors.close(state, client);
        waitFor(server, Epoll.EPOLLERR);

        assertThat(receive(server)).isEqualTo(-1);
        assertThat(state.errno()).isEqualTo(Errno.ECONNRESET);
        assertThat(Sockets.send(state, server, bytes.address(), 1)).isEqualTo(-1);
        assertThat(state.errno()).isEqualTo(Errno.EPIPE);
        assertThat(Errno.isReset(Errno.EPIPE)).isTrue();

        client = Sockets.stream(state, SocketAddresses.AF_INET); // for closeAll
    }

    @Test
    void refusedConnectionIsFoundInTheSocketsError() {
        int other = Sockets.stream(state, SocketAddresses.AF_INET);
        bind(other); // bound, so that nobody listens on this port, and nobody can
        Descriptors.close(state, client);
        client = Sockets.stream(state, SocketAddresses.AF_INET);
        int errno = connectTo(localAddress(other));
        if (errno == Errno.EINPROGRESS) {
            waitFor(client, Epoll.EPOLLERR);
            errno = SocketOptions.ERROR.get(state, client);
        }
        assertThat(errno).isEqualTo(Errno.ECONNREFUSED);
        assertThat(SocketOptions.ERROR.get(state, client)).as("it clears").isZero();
        Descriptors.close(state, other);
    }

    @Test
    void optionsReadBackAsTheyWereSet() {
        for (SocketOptions option :
                new SocketOptions[] {
                    SocketOptions.NO_DELAY,
                    SocketOptions.KEEPALIVE,
                    SocketOptions.REUSE_ADDRESS,
                    SocketOptions.REUSE_PORT,
                }) {
            assertThat(option.set(state, client, 1)).as("%s", option).isZero();
            assertThat(option.get(state, client)).as("%s", option).isNotZero();
        }
        assertThat(SocketOptions.KEEPALIVE_IDLE_SECONDS.set(state, client, 77)).isZero();
        assertThat(SocketOptions.KEEPALIVE_IDLE_SECONDS.get(state, client)).isEqualTo(77);
        assertThat(SocketOptions.KEEPALIVE_INTERVAL_SECONDS.set(state, client, 7)).isZero();
        assertThat(SocketOptions.KEEPALIVE_INTERVAL_SECONDS.get(state, client)).isEqualTo(7);
        assertThat(SocketOptions.KEEPALIVE_PROBES.set(state, client, 5)).isZero();
        assertThat(SocketOptions.KEEPALIVE_PROBES.get(state, client)).isEqualTo(5);
        assertThat(SocketOptions.SEND_BUFFER.set(state, client, 8192)).isZero();
        assertThat(SocketOptions.SEND_BUFFER.get(state, client)).isGreaterThanOrEqualTo(8192);
        assertThat(SocketOptions.IPV6_ONLY.set(state, client, 1)).as("not IPv6").isEqualTo(-1);
    }

    private long receive(int fd) {
        return Sockets.receive(state, fd, bytes.address(), bytes.byteSize());
    }

    private void bind(int fd) {
        int written = SocketAddresses.write(new InetSocketAddress("127.0.0.1", 0), address);
        assertThat(Sockets.bind(state, fd, address, written)).isZero();
    }

    /** 0, or the errno. */
    private int connectTo(InetSocketAddress target) {
        int written = SocketAddresses.write(target, address);
        return Sockets.connect(state, client, address, written) == 0 ? 0 : state.errno();
    }

    private InetSocketAddress localAddress(int fd) {
        long own = arena.allocate(SocketAddresses.BYTES_MAX, 8).address();
        assertThat(Sockets.localAddress(state, fd, own, length)).isZero();
        return SocketAddresses.read(own);
    }

    private void waitFor(int fd, int interest) {
        int epoll = Epoll.create(state);
        long event = arena.allocate(Epoll.EVENT_BYTES, 8).address();
        long timespec = arena.allocate(16, 8).address();
        Epoll.put(event, interest, fd);
        assertThat(Epoll.control(state, epoll, Epoll.EPOLL_CTL_ADD, fd, event)).isZero();
        assertThat(Epoll.await(state, epoll, event, 1, LIMIT_NANOS, timespec)).isEqualTo(1);
        Descriptors.close(state, epoll);
    }
}
