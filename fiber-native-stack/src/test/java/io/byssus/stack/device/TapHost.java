package io.byssus.stack.device;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.os.CallState;
import io.byssus.runtime.os.Descriptors;
import io.byssus.runtime.os.Epoll;
import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.wire.EthernetHeader;
import io.byssus.stack.wire.Ipv4Address;
import io.byssus.stack.wire.Ipv4Header;
import io.byssus.testing.NetworkNamespace;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * A network namespace with TAP interfaces in it: the kernel at 10.9.0.1 behind one of them, and the
 * test at 10.9.0.2 in front of it.
 */
final class TapHost implements AutoCloseable {
    static final String NAME = "byssus0";
    static final int KERNEL_IP = Ipv4Address.parse("10.9.0.1");
    static final int OUR_IP = Ipv4Address.parse("10.9.0.2");

    private static final long LIMIT_NANOS = Duration.ofSeconds(10).toNanos();

    final NetworkNamespace namespace;
    final Frames frames = new Frames();
    private final List<TapDevice> devices = new ArrayList<>();
    private final CallState state = new CallState();

    TapHost() throws Exception {
        namespace = NetworkNamespace.create();
    }

    TapDevice open(TapOptions options) throws Exception {
        TapDevice device = namespace.run(() -> TapDevice.open(options, frames.pool()));
        devices.add(device);
        return device;
    }

    /** Switches the interface on and gives the kernel its address. */
    void up() throws Exception {
        namespace.must("ip", "addr", "add", "10.9.0.1/24", "dev", NAME);
        namespace.must("ip", "link", "set", NAME, "up");
    }

    /** The next frame that is wanted, for the caller to close; others are dropped. */
    Buffer await(TapDevice device, String what, Predicate<Buffer> wanted) {
        long startNanos = System.nanoTime();
        int epoll = Epoll.create(state);
        try (Arena arena = Arena.ofConfined()) {
            long event = arena.allocate(2L * Epoll.EVENT_BYTES, Long.BYTES).address();
            long timespec = arena.allocate(2 * Long.BYTES, Long.BYTES).address();
            Epoll.put(event, Epoll.EPOLLIN, 0);
            int added =
                    Epoll.control(state, epoll, Epoll.EPOLL_CTL_ADD, device.descriptor(), event);
            assert added == 0 : "errno=" + state.errno();
            while (true) {
                Buffer frame = device.receive();
                if (frame != null && wanted.test(frame)) {
                    return frame;
                }
                if (frame != null) {
                    frame.close();
                    continue;
                }
                long leftNanos = startNanos + LIMIT_NANOS - System.nanoTime();
                if (leftNanos < 0) {
                    throw new AssertionError("no " + what + " has arrived; " + device);
                }
                int ignored = Epoll.await(state, epoll, event, 1, leftNanos, timespec);
            }
        } finally {
            Descriptors.close(state, epoll);
        }
    }

    static boolean isArp(Buffer frame) {
        return EthernetHeader.type(RawMemory.all(), frame.address()) == EthernetHeader.TYPE_ARP;
    }

    /** Whether it is a whole IPv4 packet of this protocol to us. */
    static boolean isToUs(Buffer frame, int protocol) {
        long ip = frame.address() + EthernetHeader.BYTES;
        return EthernetHeader.type(RawMemory.all(), frame.address()) == EthernetHeader.TYPE_IPV4
                && Ipv4Header.protocol(RawMemory.all(), ip) == protocol
                && Ipv4Header.destination(RawMemory.all(), ip) == OUR_IP;
    }

    @Override
    public void close() {
        for (TapDevice device : devices) {
            device.close();
        }
        namespace.close();
        frames.assertNoneLeaked();
    }
}
