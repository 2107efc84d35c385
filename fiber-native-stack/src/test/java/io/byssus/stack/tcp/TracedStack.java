package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.ip.IpAddress;
import io.byssus.stack.wire.TcpHeader;
import io.byssus.stack.wire.TcpOptions;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * A {@link TcpStack} alone, with segments in and segments out as {@link TracedSegment}s, at a time
 * that a test sets. Whatever it sends is taken at once and kept until the test asks for it.
 *
 * <p>The peer's numbers wrap soon after its SYN. What both send is a numbered stream ({@link
 * QueueBuffers#at}), and is compared with that.
 */
final class TracedStack implements TcpHost, SegmentSink {
    static final IpAddress LOCAL = IpAddress.ofIpv4(0xc000_0201);
    static final IpAddress REMOTE = IpAddress.ofIpv4(0xc000_0202);
    static final int LOCAL_PORT = 80;
    static final int REMOTE_PORT = 50_000;
    static final int PEER_ORIGIN = -400;

    private static final MemorySegment RAW = RawMemory.all();
    private static final int FRAME_BYTES = 2048;
    private static final int HEADERS = 34;
    private static final long START = TimeUnit.SECONDS.toNanos(1000);

    /** A segment with the time at which it was sent. */
    record Sent(long nanos, TracedSegment segment, int trafficClass, Flow flow) {}

    final QueueBuffers buffers = new QueueBuffers();
    private final HostSecrets secrets = new HostSecrets(new SplittableRandom(2));
    final TcpStack stack;
    final ArrayDeque<Sent> sent = new ArrayDeque<>();

    /** What {@link TcpHost} answers. */
    int mtu = 1500;

    int pathMtu = 1500;
    long pathMtuRaisesAt = Long.MAX_VALUE;
    int suspicions;

    long now = START;
    IpAddress remote = REMOTE;
    int remotePort = REMOTE_PORT;
    int localPort = LOCAL_PORT;

    /** The number of our SYN, as soon as one was sent, and its timestamp less the milliseconds. */
    int origin;

    int timestampOrigin;
    int peerOrigin = PEER_ORIGIN;

    private Buffer frame;
    private int frameLength;
    private Flow frameFlow;

    TracedStack(TcpLimits limits) {
        stack = new TcpStack(now, this, limits, buffers.pool(), new SplittableRandom(1));
    }

    /** Segments arrive together; then the stack sends. */
    void arrive(String... segments) {
        for (String notation : segments) {
            deliver(TracedSegment.of(notation));
        }
        stack.emit(now, this);
    }

    private void deliver(TracedSegment segment) {
        try (Buffer arrived = buffers.pool().allocate(FRAME_BYTES)) {
            int ports = Flow.ports(localPort, remotePort);
            int header =
                    segment.write(
                            arrived.address() + HEADERS,
                            ports,
                            peerOrigin,
                            origin,
                            timestampOrigin);
            int first = segment.sequence() + (segment.has('S') ? 1 : 0);
            byte[] text = QueueBuffers.numbered(first, segment.text());
            arrived.put(HEADERS + header, text, 0, text.length);
            stack.onSegment(
                    now,
                    arrived,
                    HEADERS,
                    header + segment.text(),
                    LOCAL.high(),
                    LOCAL.low(),
                    remote.high(),
                    remote.low(),
                    switch (segment.congestion()) {
                        case "ce" -> Ecn.EXPERIENCED;
                        case "ect" -> Ecn.CAPABLE;
                        default -> Ecn.NOT_CAPABLE;
                    });
        }
    }

    /** Lets time pass, with all timers at their time. */
    void advance(long nanos) {
        long target = now + nanos;
        stack.emit(now, this);
        while (stack.deadline() <= target) {
            now = Math.max(now, stack.deadline());
            stack.onDeadline(now);
            stack.emit(now, this);
        }
        now = target;
        stack.onDeadline(now);
        stack.emit(now, this);
    }

    /** As {@link #advance}, until something is sent; false if nothing is. */
    boolean advanceUntilSent(long nanosMax) {
        long target = now + nanosMax;
        while (sent.isEmpty() && stack.deadline() <= target) {
            now = Math.max(now, stack.deadline());
            stack.onDeadline(now);
            stack.emit(now, this);
        }
        return !sent.isEmpty();
    }

    void close() {
        stack.close();
        buffers.assertNoneLeaked();
    }

    @Override
    public boolean hasRoom() {
        return true;
    }

    @Override
    public long begin(Flow flow, int length) {
        frame = buffers.pool().allocate(Math.max(length, FRAME_BYTES));
        frameLength = length;
        frameFlow = flow;
        return frame.address();
    }

    @Override
    public void end(int trafficClass, int segmentBytes) {
        long at = frame.address();
        int flags = TcpHeader.flags(RAW, at);
        if ((flags & (TcpHeader.SYN | TcpHeader.RST)) == TcpHeader.SYN) {
            origin = TcpHeader.sequence(RAW, at);
            noteTimestamp(at);
        }
        String mark =
                switch (trafficClass & Ecn.EXPERIENCED) {
                    case Ecn.CAPABLE -> "ect";
                    case Ecn.EXPERIENCED -> "ce";
                    default -> "";
                };
        TracedSegment segment =
                TracedSegment.read(at, frameLength, origin, peerOrigin, timestampOrigin, mark);
        int header = frameLength - segment.text();
        for (int i = 0; i < segment.text(); i++) {
            assertThat(frame.get(header + i))
                    .isEqualTo(QueueBuffers.at(segment.sequence() - 1 + i));
        }
        sent.add(new Sent(now, segment, trafficClass, frameFlow));
        frame.close();
        frame = null;
    }

    private void noteTimestamp(long at) {
        TcpOptions options = new TcpOptions();
        options.parse(RAW, at);
        if (options.hasTimestamps()) {
            timestampOrigin =
                    options.timestampValue() - (int) TimeUnit.NANOSECONDS.toMillis(now - START);
        }
    }

    @Override
    public int mtu() {
        return mtu;
    }

    @Override
    public int pathMtu(IpAddress remote) {
        return pathMtu;
    }

    @Override
    public long pathMtuRaisesAt(IpAddress remote) {
        return pathMtuRaisesAt;
    }

    @Override
    public boolean suspectPathMtu(IpAddress remote) {
        suspicions++;
        return false;
    }

    @Override
    public boolean hashesHome(IpAddress local, IpAddress remote, int ports) {
        return true;
    }

    @Override
    public boolean begins(Flow flow) {
        return true; // there is one shard
    }

    @Override
    public void ended(Flow flow) {
        // there is one shard
    }

    @Override
    public HostSecrets secrets() {
        return secrets;
    }
}
