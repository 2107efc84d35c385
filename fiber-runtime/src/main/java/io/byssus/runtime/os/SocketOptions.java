package io.byssus.runtime.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** {@code setsockopt} and {@code getsockopt}, for the options that we use. Cold: it allocates. */
public enum SocketOptions {
    REUSE_ADDRESS(Level.SOCKET, 2),
    /** Asynchronous error of the socket; reading it clears it. */
    ERROR(Level.SOCKET, 4),
    BROADCAST(Level.SOCKET, 6),
    SEND_BUFFER(Level.SOCKET, 7),
    RECEIVE_BUFFER(Level.SOCKET, 8),
    KEEPALIVE(Level.SOCKET, 9),
    /** A {@code struct linger}: on or off, then seconds; set through {@link #resetOnClose}. */
    LINGER(Level.SOCKET, 13),
    REUSE_PORT(Level.SOCKET, 15),
    /** A {@link PeerCredentialsStruct}; read through {@link #read}. */
    PEER_CREDENTIALS(Level.SOCKET, 17),
    /** Whether each datagram tells who has sent it, as {@link PeerCredentialsStruct}. */
    PASS_CREDENTIALS(Level.SOCKET, 16),
    /** Counters of a socket's memory, nine ints; read through {@link #read}. */
    MEMORY_INFO(Level.SOCKET, 55),
    NO_DELAY(Level.TCP, 1),
    KEEPALIVE_IDLE_SECONDS(Level.TCP, 4),
    KEEPALIVE_INTERVAL_SECONDS(Level.TCP, 5),
    KEEPALIVE_PROBES(Level.TCP, 6),
    /** A {@link TcpInfoStruct}; read through {@link #read}. */
    INFO(Level.TCP, 11),
    IPV6_ONLY(Level.IPV6, 26),
    /** Bytes of the datagrams that each message is cut into, 0 for off. */
    UDP_SEGMENT(Level.UDP, 103),
    /** Whether the kernel may put datagrams together. */
    UDP_COALESCE(Level.UDP, 104),
    /** Whether each datagram tells where it was sent to, as {@link PacketInfo}. */
    PACKET_INFO_4(Level.IP, 8),
    PACKET_INFO_6(Level.IPV6, 49),
    /** A {@code struct ip_mreqn}: {@link MulticastRequest#sendingInterface}. */
    MULTICAST_INTERFACE_4(Level.IP, 32),
    MULTICAST_TTL_4(Level.IP, 33),
    MULTICAST_LOOP_4(Level.IP, 34),
    MULTICAST_INTERFACE_6(Level.IPV6, 17),
    MULTICAST_HOPS_6(Level.IPV6, 18),
    MULTICAST_LOOP_6(Level.IPV6, 19),
    /** This and the next are {@link MulticastRequest}s, with the family's level at each call. */
    JOIN_GROUP(Level.IP, 42),
    LEAVE_GROUP(Level.IP, 45),
    JOIN_SOURCE_GROUP(Level.IP, 46),
    LEAVE_SOURCE_GROUP(Level.IP, 47),
    /** How long what was sent may go unacknowledged; 0 for the kernel's own limit. */
    USER_TIMEOUT_MILLIS(Level.TCP, 18),
    /** Of a listening socket: handshakes under way that may bring data. */
    FAST_OPEN(Level.TCP, 23),
    /** Of a connecting one: the first send connects, if the kernel has a cookie. */
    FAST_OPEN_CONNECT(Level.TCP, 30),
    /** The codepoint of differentiated services, above two bits that are ECN's. */
    TYPE_OF_SERVICE(Level.IP, 1),
    /** As {@link #TYPE_OF_SERVICE}. */
    TRAFFIC_CLASS(Level.IPV6, 67);

    private enum Level {
        IP(0),
        SOCKET(1),
        TCP(6),
        UDP(17),
        IPV6(41);

        private final int number;

        Level(int number) {
            this.number = number;
        }
    }

    private static final MethodHandle SETSOCKOPT =
            Downcalls.withErrno(
                    "setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle GETSOCKOPT =
            Downcalls.withErrno(
                    "getsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);

    private final int level;
    private final int name;

    SocketOptions(Level level, int name) {
        this.level = level.number;
        this.name = name;
    }

    /** Sets this option: 0, or -1. */
    public int set(CallState state, int fd, int value) {
        try (Arena arena = Arena.ofConfined()) {
            return set(state, fd, arena.allocateFrom(JAVA_INT, value));
        }
    }

    /**
     * Sets this option to a struct: 0, or -1.
     *
     * @param address of {@code length} bytes
     */
    public int setStruct(CallState state, int fd, long address, int length) {
        return set(state, fd, level, address, length);
    }

    /** As {@link #setStruct}, of an option that IPv4 and IPv6 have under the same number. */
    public int setStruct(CallState state, int fd, int family, long address, int length) {
        Level ofFamily = family == SocketAddresses.AF_INET6 ? Level.IPV6 : Level.IP;
        return set(state, fd, ofFamily.number, address, length);
    }

    /** The option's value; 0 if the kernel does not tell. */
    public int get(CallState state, int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(JAVA_INT);
            MemorySegment length = arena.allocateFrom(JAVA_INT, Integer.BYTES);
            int ignored =
                    (int)
                            GETSOCKOPT.invokeExact(
                                    state.segment,
                                    fd,
                                    level,
                                    name,
                                    value.address(),
                                    length.address());
            return ignored == 0 ? value.get(ValueLayout.JAVA_INT, 0) : 0;
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }

    /**
     * Reads an option that is a struct.
     *
     * @param address of {@code capacity} bytes
     * @return how many the kernel has written, or -1
     */
    public int read(CallState state, int fd, long address, int capacity) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment length = arena.allocateFrom(JAVA_INT, capacity);
            int result =
                    (int)
                            GETSOCKOPT.invokeExact(
                                    state.segment, fd, level, name, address, length.address());
            return result == 0 ? length.get(ValueLayout.JAVA_INT, 0) : -1;
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }

    /** Makes {@code close} drop what was not sent and reset the connection. */
    public static void resetOnClose(CallState state, int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment linger = arena.allocateFrom(JAVA_INT, 1, 0);
            LINGER.set(state, fd, linger);
        }
    }

    private int set(CallState state, int fd, MemorySegment value) {
        return set(state, fd, level, value.address(), (int) value.byteSize());
    }

    private int set(CallState state, int fd, int level, long address, int length) {
        try {
            return (int) SETSOCKOPT.invokeExact(state.segment, fd, level, name, address, length);
        } catch (Throwable e) {
            throw Downcalls.unreachable(e);
        }
    }
}
