package io.byssus.stack;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.memory.Home;
import io.byssus.runtime.time.ManualClock;
import io.byssus.stack.device.FaultCounters;
import io.byssus.stack.device.Faults;
import io.byssus.stack.device.FaultyDevice;
import io.byssus.stack.device.InMemoryLink;
import io.byssus.stack.device.LinkDevice;
import io.byssus.stack.ip.IpAddress;
import io.byssus.stack.ip.Ipv4Configuration;
import io.byssus.stack.ip.Ipv4Subnet;
import io.byssus.stack.tcp.TcpConnection;
import io.byssus.stack.tcp.TcpLimits;
import io.byssus.stack.tcp.TcpListener;
import io.byssus.stack.tcp.TcpSettings;
import io.byssus.stack.tcp.TcpState;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/**
 * One connection in virtual time, over which the left host sends to the right one as much as it
 * can, for a while. The same seed gives the same transfer, bit for bit.
 *
 * <p><b>Ownership:</b> one thread.
 */
public final class SimulatedTransfer implements Home {
    private static final int PORT = 7;
    private static final int MTU = 1500;
    private static final int NETWORK = 0x0a000000;
    private static final int MASK = 0xffffff00;
    private static final long LEFT_MAC = 0x0200_0000_0001L;
    private static final long RIGHT_MAC = 0x0200_0000_0002L;
    private static final int FRAMES_MAX = 1 << 16;
    private static final int WRITE_BYTES = 16 << 10;
    private static final Duration HANDSHAKE_MAX = Duration.ofMinutes(2);

    private final ManualClock clock = new ManualClock();
    private final BufferPool pool = new BufferPool(this, BufferPool.Mode.RECYCLING);
    private final FaultyDevice path;
    private final Host left;
    private final Host right;
    private TcpListener listener;
    private TcpConnection sender;
    private TcpConnection receiver;
    private boolean senderWoken;
    private boolean receiverWoken;
    private long received;

    /** Two hosts and the path between them, the same in both directions. */
    public SimulatedTransfer(long seed, Faults faults) {
        SplittableRandom random = new SplittableRandom(seed);
        InMemoryLink link = new InMemoryLink(LEFT_MAC, RIGHT_MAC, MTU, FRAMES_MAX);
        path = new FaultyDevice(link.left(), clock, faults, faults, random.split());
        left = host(1, path, random.split());
        right = host(2, link.right(), random.split());
    }

    private Host host(int number, LinkDevice device, SplittableRandom random) {
        Ipv4Configuration configuration =
                new Ipv4Configuration(
                        List.of(new Ipv4Subnet(NETWORK + number, MASK)),
                        Ipv4Configuration.NO_GATEWAY,
                        MTU,
                        device.macAddress());
        return new Host(
                clock.nanoTime(),
                configuration,
                TcpLimits.DEFAULTS,
                device,
                pool,
                random,
                Steering.single(random));
    }

    /** What happened to the frames of the sender. */
    public FaultCounters data() {
        return path.outgoing();
    }

    /** What happened to those of the receiver. */
    public FaultCounters acknowledgments() {
        return path.incoming();
    }

    /** Payload bytes that arrive within {@code time}, which begins with the handshake. */
    public long run(Duration time) throws IOException {
        IpAddress here = IpAddress.ofIpv4(NETWORK + 1);
        IpAddress there = IpAddress.ofIpv4(NETWORK + 2);
        listen(there);
        sender =
                left.tcp()
                        .connect(
                                clock.nanoTime(),
                                here,
                                0,
                                there,
                                PORT,
                                TcpSettings.DEFAULTS,
                                events -> senderWoken = true);
        if (!runUntil(() -> sender.state() == TcpState.ESTABLISHED, HANDSHAKE_MAX)) {
            throw new IOException("no handshake: " + sender);
        }
        runUntil(() -> false, time);
        long bytes = received;
        left.close();
        right.close();
        pool.close();
        return bytes;
    }

    private void listen(IpAddress address) {
        TcpListener.User user =
                new TcpListener.User() {
                    @Override
                    public void onOpened() {}

                    @Override
                    public void onAcceptable() {
                        receiverWoken = true;
                    }

                    @Override
                    public void onGone() {}
                };
        listener = right.tcp().listen(address, PORT, 1, TcpSettings.DEFAULTS, user);
    }

    /** Lets the time pass until {@code done}, or for {@code limit}; says whether it is done. */
    private boolean runUntil(BooleanSupplier done, Duration limit) {
        long end = clock.nanoTime() + limit.toNanos();
        while (true) {
            boolean any = true;
            while (any) {
                any = turn(clock.nanoTime());
            }
            if (done.getAsBoolean()) {
                return true;
            }
            long next = Math.min(left.deadline(), right.deadline());
            clock.advance(Duration.ofNanos(Math.max(0, Math.min(next, end) - clock.nanoTime())));
            if (next > end) {
                return false;
            }
        }
    }

    private boolean turn(long now) {
        boolean any = left.turn(now) > 0;
        any |= right.turn(now) > 0;
        if (senderWoken) {
            senderWoken = false;
            any = true;
            write();
        }
        if (receiverWoken) {
            receiverWoken = false;
            any = true;
            read();
        }
        return any;
    }

    private void write() {
        while (sender.canSend() && sender.sendSpace() > 0) {
            sender.send(pool.allocate(WRITE_BYTES));
        }
    }

    private void read() {
        if (receiver == null) {
            receiver = right.tcp().accept(listener);
            if (receiver == null) {
                return;
            }
            receiver.user(events -> receiverWoken = true);
        }
        for (Buffer text = receiver.receive(); text != null; text = receiver.receive()) {
            received += text.length();
            text.close();
        }
    }

    @Override
    public boolean isCurrent() {
        return true;
    }

    @Override
    public void execute(Runnable task) {
        task.run();
    }
}
