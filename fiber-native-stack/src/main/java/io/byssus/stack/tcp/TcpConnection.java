package io.byssus.stack.tcp;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.time.Timer;
import io.byssus.stack.ip.IpAddress;

/**
 * One connection: its variables, and what the application may do with it. What arriving segments do
 * to it is in {@link SegmentArrival}, what it sends in {@link SegmentEmission}, what time does in
 * {@link ConnectionTimers}.
 *
 * <p>It has one entry in its shard's timer wheel, which is armed anew only when the deadline comes
 * nearer; one that has moved away is found out when the entry fires.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
public final class TcpConnection extends Timer implements Flow {
    /** How it was opened: a peer that refuses is told differently (MUST-11). */
    enum Opening {
        ACTIVE,
        PASSIVE
    }

    final TcpStack stack;
    final Opening opening;
    final IpAddress local;
    final IpAddress remote;
    final int ports;
    final TcpSettings settings;

    final SendSequence send = new SendSequence();
    final ReceiveWindow window = new ReceiveWindow();
    final ReceiveSequence receive = new ReceiveSequence(window);
    final Timestamps timestamps = new Timestamps();
    final AckSchedule acks = new AckSchedule();
    final WindowProbe probe = new WindowProbe();

    /** Null when it is over. */
    Handshake handshake = new Handshake();

    final RoundTripEstimator roundTrip = new RoundTripEstimator();
    final CongestionController congestion;
    final LossRecovery recovery;
    final SendQueue sendQueue;
    final ReceiveQueue receiveQueue;
    final ReassemblyQueue reassembly;
    final Ecn ecn = new Ecn();

    /** Null unless the application wants it. */
    Keepalive keepalive;

    /** Text of a full segment, its options being what they are. */
    int segmentBytes;

    /** When the path may take larger segments again. */
    long raiseSegmentsAt = ConnectionTimers.NONE;

    /** What the peer said it can receive in one segment. */
    int peerMss = Negotiation.MSS_DEFAULT;

    /** Whether windows are scaled, both ways (RFC 7323, 2.2). */
    boolean scaled;

    /** Whether acknowledgments are selective (RFC 2018). */
    boolean selective;

    /** Whether the application has closed its output, and whether the FIN has been sent. */
    boolean outputClosed;

    boolean finSent;

    /** Whether nobody will read or write any more. */
    boolean orphaned;

    /** Whether a reset is to be sent, and nothing after it. */
    boolean resetDue;

    /** The number after the last urgent byte that was sent or queued (SND.UP). */
    int urgentEnd;

    boolean urgentQueued;

    /** When an orphaned FIN-WAIT-2 ends. */
    long finWaitDeadline = ConnectionTimers.NONE;

    /** When the peer was last heard of. */
    long lastHeardNanos;

    /** When the peer said last that its window is closed. */
    long windowClosedNanos;

    /** Where it stands in the traffic class. */
    int differentiatedServices;

    /** What has happened since the user was told. */
    int events;

    /** Whether it is in the stack's list of those that have something to send, and before whom. */
    boolean dirty;

    TcpConnection nextDirty;

    /** Bytes that its queues hold, as the stack's budget knows it. */
    int charged;

    /** Whether it waits for memory to send from. */
    boolean starved;

    /** Its places among those with gaps, and with text to send; null until they are needed. */
    ConnectionList.Place gapped;

    MemoryReclaim.Writer writing;

    /** When it may send another challenge ACK. */
    long nextChallengeNanos;

    /** When what only a busy connection needs is given back, if it is idle then. */
    long trimDeadline = ConnectionTimers.NONE;

    /** Whether its listener counts it as half open. */
    boolean halfOpen;

    /** The deadline that the wheel's entry stands for. */
    long armedFor = ConnectionTimers.NONE;

    /** The listener that it waits for, until it is accepted. */
    TcpListener listener;

    private TcpState state = TcpState.CLOSED;
    private TcpFailure failure = TcpFailure.NONE;
    private TcpFailure trouble = TcpFailure.NONE;
    private TcpUser user;

    TcpConnection(
            TcpStack stack,
            Opening opening,
            IpAddress local,
            IpAddress remote,
            int ports,
            TcpSettings settings) {
        this.stack = stack;
        this.opening = opening;
        this.local = local;
        this.remote = remote;
        this.ports = ports;
        this.settings = settings;
        this.congestion = stack.newCongestionController();
        this.recovery = new LossRecovery(congestion, roundTrip, new ProportionalRateReduction());
        this.sendQueue = new SendQueue(stack.buffers());
        this.receiveQueue = new ReceiveQueue(stack.buffers());
        this.reassembly = new ReassemblyQueue(stack.buffers(), settings.receiveBytesMax());
        window.init(
                stack.receiveMss(),
                Math.min(stack.memory().receiveBytesInitial(), settings.receiveBytesMax()),
                settings.receiveBytesMax());
    }

    /** Before the SYN, or the answer to one. */
    void begin(long now, int initialSequence, int timestampOffset) {
        send.begin(initialSequence);
        timestamps.offset(timestampOffset);
        nextChallengeNanos = now;
        lastHeardNanos = now;
        windowClosedNanos = now;
    }

    @Override
    public long localHigh() {
        return local.high();
    }

    @Override
    public long localLow() {
        return local.low();
    }

    @Override
    public long remoteHigh() {
        return remote.high();
    }

    @Override
    public long remoteLow() {
        return remote.low();
    }

    @Override
    public int ports() {
        return ports;
    }

    public IpAddress localAddress() {
        return local;
    }

    public IpAddress remoteAddress() {
        return remote;
    }

    public TcpState state() {
        return state;
    }

    /** Why it has ended, if not in order. */
    public TcpFailure failure() {
        return failure;
    }

    /**
     * What is wrong though it may pass: nobody acknowledges what is sent (R1), or ICMP says that
     * there is no way. None again as soon as something has arrived.
     */
    public TcpFailure trouble() {
        return trouble;
    }

    /** Who is told of events from now on; those that nobody was told of are told at once. */
    public void user(TcpUser newUser) {
        user = newUser;
        tellUser();
    }

    /** The next text that has arrived, owned by the caller; null if there is none now. */
    public Buffer receive() {
        Buffer text = receiveQueue.poll();
        if (text != null) {
            receive.onTaken(consumed());
            window.onTaken(stack.now(), text.length(), !stack.memory().isScarce());
            if (state.canReceive() && window.updateDue(receive.next(), receiveQueue.charged())) {
                acks.now();
            }
            stack.settle(this);
        }
        return text;
    }

    /** How many bytes wait to be sent or acknowledged. */
    public int queued() {
        return sendQueue.length();
    }

    /** How many bytes wait to be received. */
    public int receivable() {
        return receiveQueue.length();
    }

    /** Whether the peer's stream has ended and all of it was received. */
    public boolean atEnd() {
        return receive.isFinished() && receiveQueue.length() == 0;
    }

    /** Whether the peer's stream has ended, received or not. */
    public boolean peerHasEnded() {
        return receive.isFinished();
    }

    /** How many of {@link #queued} have not been sent. */
    public int unsentBytes() {
        return Math.max(unsent(), 0);
    }

    /**
     * How many bytes {@link #send} takes before the writer should wait; 0 or less for none. The
     * stack's memory may be what is short: then {@link TcpEvents#WRITABLE} tells of that too.
     */
    public int sendSpace() {
        int space = settings.sendBytesMax() - sendQueue.length();
        return space <= 0 ? space : stack.memory().room(this, space);
    }

    /** Whether {@link #send} is allowed: the output is open, and the connection is not lost. */
    public boolean canSend() {
        return state.canSend() && !outputClosed;
    }

    /** Queues {@code text}, which belongs to the connection from now on. */
    public void send(Buffer text) {
        assert canSend() : state;
        sendQueue.append(text);
        stack.settle(this);
    }

    /** Says that what has been queued so far is urgent (MUST-30; SHLD-13 advises against it). */
    public void markUrgent() {
        urgentQueued = true;
        int first = state.isSynchronized() ? send.unacknowledged() : send.initial() + 1;
        urgentEnd = first + sendQueue.length();
        stack.markDirty(this);
    }

    /** Whether there is urgent data that has not been received (MUST-33). */
    public boolean hasUrgent() {
        return receive.hasUrgent();
    }

    /** The number of the next byte that the application takes. */
    int consumed() {
        return receive.next() - receiveQueue.length() - (receive.isFinished() ? 1 : 0);
    }

    /**
     * Marks what is sent from now on (RFC 2474; MUST-48, SHLD-21): not within a flight, which the
     * network would reorder (SHLD-23).
     *
     * @param codepoint 0 to 63
     */
    public void differentiatedServices(int codepoint) {
        assert codepoint >>> Ecn.CODEPOINT_BITS == 0 : "codepoint=" + codepoint;
        differentiatedServices = codepoint << Ecn.BITS;
    }

    /** Ends the output when all that is queued has been sent. Idempotent. */
    public void closeOutput() {
        if (outputClosed) {
            return;
        }
        outputClosed = true;
        switch (state) {
            case ESTABLISHED -> transitionTo(TcpState.FIN_WAIT_1);
            case CLOSE_WAIT -> transitionTo(TcpState.LAST_ACK);
            case SYN_SENT, SYN_RECEIVED -> {
                // what is queued follows when the handshake is done, and the FIN
            }
            case CLOSED, FIN_WAIT_1, FIN_WAIT_2, CLOSING, LAST_ACK, TIME_WAIT -> {
                // there is no output
            }
        }
        stack.settle(this);
    }

    /**
     * Gives the connection up in order: what is queued is still sent. With unread text it is reset
     * instead (SHLD-3), and so is a peer that goes on sending.
     */
    public void close() {
        if (orphaned) {
            return;
        }
        user = null;
        orphaned = true;
        if (receiveQueue.length() > 0) {
            stack.counters().abortsOnClose++;
            abort();
            return;
        }
        reassembly.close();
        if (state == TcpState.SYN_SENT) {
            end(TcpFailure.NONE); // with what is queued (RFC 9293, 3.10.4)
        }
        closeOutput();
        if (state == TcpState.FIN_WAIT_2) {
            finWaitDeadline = stack.now() + ConnectionTimers.ORPHAN_NANOS;
            stack.rearm(this);
        }
        // In states that are over, what was not read is given back here.
        if (state == TcpState.CLOSED || state == TcpState.TIME_WAIT) {
            releaseQueues();
            stack.settle(this);
        }
    }

    /** Gives the connection up at once; the peer is told by a reset. Idempotent. */
    public void abort() {
        user = null;
        orphaned = true;
        switch (state) {
            case SYN_RECEIVED, ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, CLOSE_WAIT -> {
                resetDue = true;
                releaseQueues();
            }
            case SYN_SENT, CLOSING, LAST_ACK -> end(TcpFailure.ABORTED);
            case CLOSED, TIME_WAIT -> releaseQueues();
        }
        stack.settle(this);
    }

    /** One transition of RFC 9293's state diagram. */
    void transitionTo(TcpState next) {
        assert state.mayBecome(next) : state + " to " + next;
        state = next;
        if (next == TcpState.CLOSED || next == TcpState.TIME_WAIT) {
            events |= TcpEvents.CLOSED | TcpEvents.READABLE | TcpEvents.WRITABLE;
        }
    }

    /** Something may be wrong, and the user may want to know. */
    void troubled(TcpFailure why) {
        // What ICMP has told says more than silence does.
        trouble = why == TcpFailure.TIMED_OUT && trouble != TcpFailure.NONE ? trouble : why;
        events |= TcpEvents.TROUBLE;
    }

    void untroubled() {
        trouble = TcpFailure.NONE;
    }

    /** The peer has not answered for too long: as ICMP has told, if it has. */
    void timeOut() {
        end(trouble == TcpFailure.NONE ? TcpFailure.TIMED_OUT : trouble);
    }

    /** The connection is over: it has no part in the network any more. */
    void end(TcpFailure why) {
        if (state == TcpState.CLOSED && failure != TcpFailure.NONE) {
            return;
        }
        failure = why;
        if (state != TcpState.CLOSED) {
            transitionTo(TcpState.CLOSED);
        }
        resetDue = false;
        sendQueue.close();
        reassembly.close();
        recovery.close();
        if (orphaned) {
            receiveQueue.close();
        }
        stack.forget(this);
    }

    /** As {@link #end} without a failure: what has not been read can still be. */
    void enterTimeWait(long now) {
        transitionTo(TcpState.TIME_WAIT);
        reassembly.close();
        sendQueue.close();
        recovery.close();
        stack.timeWait(now, this);
    }

    /** Gives back what nobody will read or send any more. */
    private void releaseQueues() {
        receiveQueue.close();
        reassembly.close();
        sendQueue.close();
    }

    /** Whether it keeps arrays that an idle connection can do without. */
    boolean isRoomy() {
        return sendQueue.isRoomy()
                || receiveQueue.isRoomy()
                || reassembly.isRoomy()
                || recovery.segments().isRoomy();
    }

    /** Lets go of the arrays that are empty. */
    void trim() {
        if (sendQueue.isEmpty()) {
            sendQueue.close();
        }
        if (receiveQueue.isEmpty()) {
            receiveQueue.close();
        }
        if (reassembly.isEmpty()) {
            reassembly.close();
        }
        recovery.trim();
        stack.memory().trim(this);
    }

    /** The scale of our windows, if both ends scale. */
    int windowShift() {
        return ReceiveWindow.shiftFor(settings.receiveBytesMax());
    }

    /** Bytes that its queues hold. */
    int measure() {
        return sendQueue.charged() + receiveQueue.charged() + reassembly.charged();
    }

    /** Tells the user what has happened since the last time. */
    void tellUser() {
        if (user != null && events != 0) {
            int told = events;
            events = 0;
            user.onEvents(told);
        }
    }

    /** What is known of the path. Cold: for people. */
    public PathState pathState() {
        return new PathState(
                roundTrip.smoothedNanos(),
                roundTrip.variationNanos(),
                roundTrip.minimumNanos(),
                roundTrip.timeoutNanos(),
                segmentBytes,
                congestion.window(),
                congestion.slowStartThreshold(),
                recovery.inFlight(),
                send.window(),
                state.isSynchronized() ? receive.window() : 0,
                recovery.counters().retransmittedSegments,
                recovery.phase().name());
    }

    /** Numbers between those that are acknowledged and the next new one. */
    int inFlight() {
        return SequenceNumber.distance(send.unacknowledged(), send.next());
    }

    /** Bytes of text that have not been sent yet. */
    int unsent() {
        return finSent ? 0 : sendQueue.length() - inFlight();
    }

    @Override
    protected void onExpiry() {
        stack.onExpiry(this);
    }

    @Override
    public String toString() {
        return local + ":" + localPort() + " - " + remote + ":" + remotePort() + " " + state;
    }
}
