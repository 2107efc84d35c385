package io.byssus.runtime.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EpollTest {
    private static final int CAPACITY = 4;
    private static final long TOKEN = 0x7fff_ffff_0000_0001L;

    private final CallState state = new CallState();
    private final Arena arena = Arena.ofConfined();
    private final long events =
            arena.allocate((long) CAPACITY * Epoll.EVENT_BYTES, Long.BYTES).address();
    private final long timespec = arena.allocate(2 * Long.BYTES, Long.BYTES).address();
    private int epoll;
    private int wakeUp;

    @BeforeEach
    void watchAnEventFd() {
        epoll = Epoll.create(state);
        wakeUp = EventFd.create(state);
        Epoll.put(events, Epoll.EPOLLIN | Epoll.EPOLLET, TOKEN);
        assertThat(Epoll.control(state, epoll, Epoll.EPOLL_CTL_ADD, wakeUp, events)).isZero();
    }

    @AfterEach
    void closeBoth() {
        Descriptors.close(state, wakeUp);
        Descriptors.close(state, epoll);
        arena.close();
    }

    @Test
    void eachSignalIsAnEdgeOfItsOwnThoughNobodyReadsTheCounter() {
        for (int round = 0; round < 3; round++) {
            assertThat(Epoll.poll(state, epoll, events, CAPACITY)).isZero();
            EventFd.signal(wakeUp);
            assertThat(Epoll.poll(state, epoll, events, CAPACITY)).isEqualTo(1);
            assertThat(Epoll.events(events)).isEqualTo(Epoll.EPOLLIN);
            assertThat(Epoll.data(events)).isEqualTo(TOKEN);
        }
    }

    @Test
    void signalOfAnotherThreadEndsAWaitWithoutLimit() throws Exception {
        Thread sender = Thread.ofPlatform().start(() -> EventFd.signal(wakeUp));
        assertThat(Epoll.await(state, epoll, events, CAPACITY)).isEqualTo(1);
        sender.join();
    }

    @Test
    void waitShorterThanAMillisecondIsNeitherZeroNorEarly() {
        long nanos = 300_000;
        long before = System.nanoTime();
        int count = Epoll.await(state, epoll, events, CAPACITY, nanos, timespec);
        assertThat(count).isZero();
        assertThat(System.nanoTime() - before).isGreaterThanOrEqualTo(nanos);
    }

    @Test
    void timedWaitEndsWithASignal() {
        EventFd.signal(wakeUp);
        assertThat(Epoll.await(state, epoll, events, CAPACITY, Long.MAX_VALUE, timespec))
                .isEqualTo(1);
    }

    @Test
    void removedDescriptorIsSilent() {
        assertThat(Epoll.control(state, epoll, Epoll.EPOLL_CTL_DEL, wakeUp, events)).isZero();
        EventFd.signal(wakeUp);
        assertThat(Epoll.poll(state, epoll, events, CAPACITY)).isZero();
        assertThat(Epoll.control(state, epoll, Epoll.EPOLL_CTL_DEL, wakeUp, events)).isEqualTo(-1);
        assertThat(state.errno()).isEqualTo(Errno.ENOENT);
    }

    @Test
    void descriptorsDoNotSurviveAnExec() throws Exception {
        int reserve = Descriptors.openReserve(state);
        int socket = Sockets.stream(state, SocketAddresses.AF_INET);
        try {
            assertThat(flags(epoll) & O_CLOEXEC).isNotZero();
            assertThat(flags(wakeUp) & O_CLOEXEC).isNotZero();
            assertThat(flags(wakeUp) & O_NONBLOCK).isNotZero();
            assertThat(flags(reserve) & O_CLOEXEC).isNotZero();
            assertThat(flags(socket) & O_CLOEXEC).isNotZero();
            assertThat(flags(socket) & O_NONBLOCK).isNotZero();
        } finally {
            Descriptors.close(state, socket);
            Descriptors.close(state, reserve);
        }
    }

    @Test
    void secondCloseOfADescriptorIsABug() {
        int fd = Epoll.create(state);
        Descriptors.close(state, fd);
        // Nothing else opens descriptors here while this runs, so the number is still free.
        assertThatThrownBy(() -> Descriptors.close(state, fd)).isInstanceOf(AssertionError.class);
    }

    private static final int O_NONBLOCK = 04000;
    private static final int O_CLOEXEC = 02000000;

    private static int flags(int fd) throws Exception {
        return Files.readAllLines(Path.of("/proc/self/fdinfo/" + fd)).stream()
                .filter(line -> line.startsWith("flags:"))
                .map(line -> Integer.parseInt(line.split("\\s+")[1], 8))
                .findFirst()
                .orElseThrow();
    }
}
