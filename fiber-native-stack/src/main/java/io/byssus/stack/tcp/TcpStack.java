package io.byssus.stack.tcp;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.time.TimerWheel;
import io.byssus.stack.ip.IpAddress;
import io.byssus.stack.ip.SipHash;
import io.byssus.stack.wire.Defect;
import io.byssus.stack.wire.TcpHeader;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * One shard's TCP: its connections, listeners and the records of TIME-WAIT. Segments and the time
 * go in; what is to be sent is pulled out with {@link #emit}, after a batch of segments and after
 * the application has had its turn, so that one segment carries both its answer and the
 * acknowledgment.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
public final class TcpStack {
    /** Segments that one connection sends before the next one has its turn. */
    private static final int BURST = 16;

    private final TcpHost host;
    private final TcpLimits limits;
    private final BufferPool buffers;
    private final TcpCounters counters = new TcpCounters();
    private final FlowTable<TcpConnection> connections;
    private final List<TcpListener> listeners = new ArrayList<>();
    private final TimeWaitTable timeWait;
    private final KnownFlows known;
    private final TimerWheel wheel;
    private final FlowSecrets secrets;
    private final ActiveOpen activeOpen;
    private final DeliveryErrors deliveryErrors;
    private final ChallengeAckLimiter challengeLimiter;

    /**
     * Of answers to segments that belong to no connection. Anyone can use that budget up, so what
     * is left of it must not depend on anybody's connection.
     */
    private final ChallengeAckLimiter strayLimiter;

    private final TcpMemory memory;
    private final Segment segment = new Segment();
    private final SegmentArrival arrival;
    private final SegmentEmission emission;
    private final Replies replies;
    private final PassiveOpen passiveOpen;

    /** Those that may have something to send, in the order in which they asked. */
    private final DirtyList dirty = new DirtyList();

    private long now;

    /**
     * @param host what the layers below know
     * @param random for secrets, ports and limits: unpredictable, but in a simulation
     */
    public TcpStack(
            long now, TcpHost host, TcpLimits limits, BufferPool buffers, RandomGenerator random) {
        this.now = now;
        this.host = host;
        this.limits = limits;
        this.buffers = buffers;
        this.wheel = new TimerWheel(now);
        this.connections = new FlowTable<>(new SipHash(random), limits.connectionsMax());
        this.timeWait =
                new TimeWaitTable(
                        new SipHash(random), limits.timeWaitMax(), TimeWaitTable.DURATION_NANOS);
        this.known = new KnownFlows(host, connections, timeWait);
        this.secrets = host.secrets().flows;
        this.activeOpen = new ActiveOpen(this, new PortSelector(new SipHash(random), random));
        this.deliveryErrors = new DeliveryErrors(this);
        this.challengeLimiter =
                new ChallengeAckLimiter(random, ChallengeAckLimiter.PER_SECOND, now);
        this.strayLimiter = new ChallengeAckLimiter(random, ChallengeAckLimiter.PER_SECOND, now);
        this.memory = new TcpMemory(limits.memoryBytesMax(), buffers, counters);
        this.arrival = new SegmentArrival(this);
        this.emission = new SegmentEmission(this);
        this.replies = new Replies(counters);
        this.passiveOpen = new PassiveOpen(this, host.secrets().cookies);
    }

    public long now() {
        return now;
    }

    public TcpCounters counters() {
        return counters;
    }

    /** Every connection, for dumps; not per segment. */
    public List<TcpConnection> connections() {
        return connections.snapshot();
    }

    public List<TcpListener> listeners() {
        return List.copyOf(listeners);
    }

    public int timeWaitCount() {
        return timeWait.size();
    }

    /**
     * Takes in the segment of {@code length} bytes at {@code offset} of {@code frame}, whose
     * checksum is right and whose addresses can be answered. The frame stays the caller's.
     *
     * @param congestionBits of the IP header's traffic class
     */
    public void onSegment(
            long now,
            Buffer frame,
            int offset,
            int length,
            long localHigh,
            long localLow,
            long remoteHigh,
            long remoteLow,
            int congestionBits) {
        this.now = now;
        counters.inSegments++;
        if (segment.parse(frame, offset, length) != Defect.NONE) {
            counters.inErrors++;
            return;
        }
        segment.congestionBits = congestionBits;
        segment.addresses(localHigh, localLow, remoteHigh, remoteLow);
        TcpConnection connection =
                connections.find(localHigh, localLow, remoteHigh, remoteLow, segment.ports());
        if (connection != null) {
            arrival.process(now, connection, segment);
            settle(connection);
        } else {
            onSegmentWithoutConnection(now);
        }
    }

    private void onSegmentWithoutConnection(long now) {
        int record =
                timeWait.find(
                        segment.localHigh(),
                        segment.localLow(),
                        segment.remoteHigh(),
                        segment.remoteLow(),
                        segment.ports());
        if (record == TimeWaitTable.NONE) {
            passiveOpen.onSegment(now, segment, PassiveOpen.NO_RECORD);
            return;
        }
        long timestamp =
                segment.options.hasTimestamps()
                        ? Integer.toUnsignedLong(segment.options.timestampValue())
                        : TimeWaitTable.NO_TIMESTAMP;
        switch (timeWait.onSegment(
                now, record, segment.flags, segment.sequence, segment.textLength, timestamp)) {
            case DROP -> {
                // it is late, and harmless
            }
            case ACKNOWLEDGE -> acknowledgeInTimeWait(now, record);
            case REOPEN -> passiveOpen.onSegment(now, segment, record);
        }
    }

    private void acknowledgeInTimeWait(long now, int record) {
        if (!strayLimiter.allows(now)) {
            counters.challengeAcksSuppressed++;
            return;
        }
        Replies.Reply reply = replies.add(segment);
        if (reply == null) {
            return;
        }
        reply.flags = TcpHeader.ACK;
        reply.sequence = timeWait.sendNext(record);
        reply.acknowledgment = timeWait.receiveNext(record);
        if (timeWait.hasTimestamps(record)) {
            reply.timestamps(
                    TimestampClock.value(now, secrets.timestampOffset(segment)),
                    timeWait.timestampRecent(record));
        }
    }

    /**
     * Sends what there is to send while the sink has room: answers first, then the connections in
     * turn.
     *
     * @return whether something was sent
     */
    public boolean emit(long now, SegmentSink sink) {
        this.now = now;
        boolean any = replies.emit(sink);
        while (!dirty.isEmpty() && sink.hasRoom()) {
            any |= emitBurst(now, dirty.poll(), sink);
        }
        return any;
    }

    private boolean emitBurst(long now, TcpConnection connection, SegmentSink sink) {
        int count = 0;
        boolean more = true;
        while (more && count < BURST && sink.hasRoom()) {
            more = emission.emit(now, connection, sink);
            count += more ? 1 : 0;
        }
        if (more) {
            dirty.add(connection);
        }
        if (connection.state() != TcpState.CLOSED) {
            rearm(connection);
        }
        return count > 0;
    }

    /** Whether {@link #emit} may have something to send. */
    public boolean hasOutput() {
        return !dirty.isEmpty() || !replies.isEmpty();
    }

    /** When {@link #onDeadline} is due; {@code Long.MAX_VALUE} if never. */
    public long deadline() {
        return Math.min(wheel.nextDeadlineNanos(), timeWait.deadline());
    }

    /** Lets the timers fire that are due; after the segments that have arrived. */
    public void onDeadline(long now) {
        this.now = now;
        wheel.advance(now);
        timeWait.onDeadline(now);
    }

    /** A connection's entry in the wheel has fired; its deadline may have moved away meanwhile. */
    void onExpiry(TcpConnection connection) {
        connection.armedFor = ConnectionTimers.NONE;
        if (now >= ConnectionTimers.deadline(connection)) {
            ConnectionTimers.onDeadline(now, connection);
        }
        settle(connection);
    }

    /**
     * Opens a connection.
     *
     * @param localPort 0 for any
     * @return null if there is no free port, or no room for another connection
     */
    public TcpConnection connect(
            long now,
            IpAddress local,
            int localPort,
            IpAddress remote,
            int remotePort,
            TcpSettings settings,
            TcpUser user) {
        this.now = now;
        int port = activeOpen.port(local, localPort, remote, remotePort);
        if (port < 0) {
            return null;
        }
        TcpConnection connection =
                new TcpConnection(
                        this,
                        TcpConnection.Opening.ACTIVE,
                        local,
                        remote,
                        Flow.ports(port, remotePort),
                        settings);
        if (known.enter(connection) != KnownFlows.Entry.ENTERED) {
            return null;
        }
        counters.activeOpens++;
        counters.connections++;
        connection.begin(
                now, secrets.sequence(now, connection), secrets.timestampOffset(connection));
        connection.transitionTo(TcpState.SYN_SENT);
        connection.handshake.begin(now, settings.connectTimeoutNanos());
        connection.user(user);
        settle(connection);
        return connection;
    }

    /**
     * Begins to listen.
     *
     * @param address unspecified for all of the host's
     * @param user told what happens
     * @return null if another listens there
     */
    public TcpListener listen(
            IpAddress address, int port, int backlog, TcpSettings settings, TcpListener.User user) {
        for (TcpListener other : listeners) {
            if (other.port() == port
                    && (other.address().equals(address)
                            || other.address().isUnspecified()
                            || address.isUnspecified())) {
                return null;
            }
        }
        TcpListener listener =
                new TcpListener(address, port, backlog, limits.halfOpenMax(), settings, user);
        listeners.add(listener);
        return listener;
    }

    /** Stops listening: what waits there to be accepted, or is half open, is reset. Idempotent. */
    public void close(TcpListener listener) {
        if (!listeners.remove(listener)) {
            return;
        }
        listener.drain();
        for (TcpConnection connection : connections.snapshot()) {
            if (connection.listener == listener) {
                connection.abort();
            }
        }
        while (listener.hasAcceptable()) {
            listener.accept().abort();
        }
    }

    /** Hands a connection that waited to whoever accepts it; null if none waits. */
    public TcpConnection accept(TcpListener listener) {
        TcpConnection connection = listener.accept();
        if (connection != null) {
            connection.listener = null;
        }
        return connection;
    }

    /** The listener for a local end, or null. */
    TcpListener listener(long localHigh, long localLow, int localPort) {
        for (int i = 0; i < listeners.size(); i++) {
            if (listeners.get(i).matches(localHigh, localLow, localPort)) {
                return listeners.get(i);
            }
        }
        return null;
    }

    public boolean isListening(IpAddress address, int port) {
        return listener(address.high(), address.low(), port) != null;
    }

    /** Whether there is a connection of these ends, or the record of one in TIME-WAIT. */
    public boolean knows(
            long localHigh, long localLow, long remoteHigh, long remoteLow, int ports) {
        return known.knows(localHigh, localLow, remoteHigh, remoteLow, ports);
    }

    /** Whether a connection has sent this number and waits for its acknowledgment. */
    public boolean isInFlight(
            long localHigh,
            long localLow,
            long remoteHigh,
            long remoteLow,
            int ports,
            int sequence) {
        TcpConnection connection =
                connections.find(localHigh, localLow, remoteHigh, remoteLow, ports);
        return connection != null
                && SequenceNumber.isWithin(
                        sequence, connection.send.unacknowledged(), connection.inFlight());
    }

    /**
     * A router or the peer's host could not deliver a segment (RFC 1122, 4.2.3.9; RFC 5927).
     *
     * @param sequence of the segment that it quotes: it must be one that is in flight
     */
    public void onUnreachable(
            long now,
            Unreachable reason,
            long localHigh,
            long localLow,
            long remoteHigh,
            long remoteLow,
            int ports,
            int sequence) {
        this.now = now;
        if (!isInFlight(localHigh, localLow, remoteHigh, remoteLow, ports, sequence)) {
            counters.implausibleErrors++;
            return;
        }
        TcpConnection connection =
                connections.find(localHigh, localLow, remoteHigh, remoteLow, ports);
        deliveryErrors.onUnreachable(now, connection, reason);
        settle(connection);
    }

    DeliveryErrors deliveryErrors() {
        return deliveryErrors;
    }

    TcpHost host() {
        return host;
    }

    BufferPool buffers() {
        return buffers;
    }

    CongestionController newCongestionController() {
        return limits.congestion().create(receiveMss());
    }

    /** The largest segment that we receive (MUST-67), told in every SYN. */
    int receiveMss() {
        return host.mtu() - TcpHost.HEADER_BYTES;
    }

    /** The largest segment that the path is known to take. */
    int pathMss(TcpConnection connection) {
        return Math.min(host.pathMtu(connection.remote), host.mtu()) - TcpHost.HEADER_BYTES;
    }

    TcpLimits limits() {
        return limits;
    }

    Replies replies() {
        return replies;
    }

    /** Enters a connection of a passive open. */
    KnownFlows.Entry enter(TcpConnection connection) {
        KnownFlows.Entry entry = known.enter(connection);
        if (entry == KnownFlows.Entry.ENTERED) {
            counters.passiveOpens++;
            counters.connections++;
            connection.listener.user().onOpened();
        }
        return entry;
    }

    /** A handshake with a listener is complete. */
    void established(TcpConnection connection) {
        TcpListener listener = connection.listener;
        if (connection.halfOpen) {
            connection.halfOpen = false;
            listener.halfClosed();
        }
        known.established(connection);
        listener.established(connection);
    }

    /** What peers see of us and must not be able to foresee. */
    FlowSecrets secrets() {
        return secrets;
    }

    /** As for any flow, after every number of the connection that is in TIME-WAIT. */
    int initialSequenceAfter(Flow flow, int record) {
        return secrets.sequenceFrom(now, flow, timeWait.sendNext(record) + 1);
    }

    /** The first segment of a connection that a cookie has made. */
    void arrive(long now, TcpConnection connection, Segment first) {
        arrival.process(now, connection, first);
        settle(connection);
    }

    /** Answers a segment of a half-open connection that has no place in it (RFC 9293, 3.10.7.1). */
    void resetInAnswer(long now, Segment segment) {
        if (segment.has(TcpHeader.RST)) {
            return;
        }
        if (!strayLimiter.allows(now)) {
            counters.challengeAcksSuppressed++;
            return;
        }
        Replies.Reply reply = replies.add(segment);
        if (reply != null) {
            counters.outResets++;
            reply.reset(segment);
        }
    }

    /**
     * Whether a segment outside the window is answered. Text or a FIN that comes again waits for
     * the answer; others may be one, and two ends must not go on answering each other.
     */
    boolean mayAnswerDuplicate(long now, TcpConnection connection) {
        return (segment.length() > 0 && !segment.has(TcpHeader.SYN))
                || mayChallenge(now, connection);
    }

    /** Whether a segment that may be forged is answered (RFC 5961, 7). */
    boolean mayChallenge(long now, TcpConnection connection) {
        if (!challengeLimiter.allows(now, connection.nextChallengeNanos)) {
            return false;
        }
        connection.nextChallengeNanos = ChallengeAckLimiter.next(now);
        return true;
    }

    TcpMemory memory() {
        return memory;
    }

    void markDirty(TcpConnection connection) {
        assert owns(connection);
        dirty.add(connection);
    }

    /** After anything that has changed a connection. */
    void settle(TcpConnection connection) {
        assert owns(connection);
        memory.settle(now, connection);
        if (connection.state() != TcpState.CLOSED) {
            if (connection.trimDeadline == ConnectionTimers.NONE && connection.isRoomy()) {
                connection.trimDeadline = now + ConnectionTimers.IDLE_NANOS;
            }
            dirty.add(connection);
            rearm(connection);
        }
        connection.tellUser();
        memory.feed();
    }

    /** Whether a connection is touched by whom it belongs to: its own stack, on its own shard. */
    private boolean owns(TcpConnection connection) {
        return connection.stack == this && buffers.isHome();
    }

    /** Arms the connection's entry in the wheel, unless it fires early enough anyway. */
    void rearm(TcpConnection connection) {
        long deadline = ConnectionTimers.deadline(connection);
        if (deadline >= connection.armedFor) {
            return;
        }
        wheel.cancel(connection);
        wheel.arm(connection, deadline);
        connection.armedFor = deadline;
    }

    /** The connection has ended in order, and this end closed first. */
    void timeWait(long now, TcpConnection connection) {
        counters.timeWaited++;
        int record =
                timeWait.add(now, connection, connection.send.next(), connection.receive.next());
        if (connection.timestamps.enabled()) {
            timeWait.timestampRecent(record, connection.timestamps.echo());
        }
        forget(connection);
    }

    /** The connection has left the network. */
    void forget(TcpConnection connection) {
        memory.forget(connection); // nobody may settle it hereafter
        wheel.cancel(connection);
        connection.armedFor = ConnectionTimers.NONE;
        if (!known.leave(connection)) {
            return;
        }
        counters.connections--;
        TcpListener listener = connection.listener;
        if (connection.halfOpen) {
            connection.halfOpen = false;
            connection.listener = null;
            listener.halfClosed();
            listener.user().onGone();
        }
    }

    /** Ends everything without a word; when the stack closes. */
    public void close() {
        for (TcpConnection connection : connections.snapshot()) {
            connection.orphaned = true;
            connection.end(TcpFailure.ABORTED);
            settle(connection);
        }
        listeners.clear();
    }
}
