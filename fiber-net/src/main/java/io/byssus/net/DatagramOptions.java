package io.byssus.net;

import java.net.NetworkInterface;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * How to send and receive datagrams. Start from {@link #defaults}; each {@code with} method answers
 * a changed copy.
 *
 * <p><b>Ownership:</b> immutable.
 */
public final class DatagramOptions {
    /** The largest payload that UDP has a length for (RFC 768), its header taken off. */
    public static final int PAYLOAD_BYTES_LIMIT = 65_527;

    private static final int PAYLOAD_BYTES = 2048;
    private static final int BATCH = 32;
    private static final int BATCH_MAX = 256;
    private static final int TTL_MAX = 255;
    private static final DatagramOptions DEFAULTS = new DatagramOptions();

    // Changed in a copy only, before anybody sees it.
    private int payloadBytesMax = PAYLOAD_BYTES;
    private int batch = BATCH;
    private int sendBufferBytes;
    private int receiveBufferBytes;
    private boolean broadcast;
    private boolean reuseAddress;
    private boolean coalescing;
    private boolean segmentation = true;
    private int multicastTtl = 1;
    private boolean multicastLoop = true;
    private NetworkInterface multicastInterface;
    private boolean destinations;
    private boolean credentials;

    /** Null for those that the process's umask leaves. */
    private Set<PosixFilePermission> pathPermissions;

    private DatagramOptions() {}

    private DatagramOptions(DatagramOptions from) {
        payloadBytesMax = from.payloadBytesMax;
        batch = from.batch;
        sendBufferBytes = from.sendBufferBytes;
        receiveBufferBytes = from.receiveBufferBytes;
        broadcast = from.broadcast;
        reuseAddress = from.reuseAddress;
        coalescing = from.coalescing;
        segmentation = from.segmentation;
        multicastTtl = from.multicastTtl;
        multicastLoop = from.multicastLoop;
        multicastInterface = from.multicastInterface;
        destinations = from.destinations;
        credentials = from.credentials;
        pathPermissions = from.pathPermissions;
    }

    /** Payloads of up to 2048 bytes, in batches of up to 32. */
    public static DatagramOptions defaults() {
        return DEFAULTS;
    }

    /**
     * The largest payload that is received whole; 2048 bytes by default, which is more than an
     * Ethernet frame holds. A longer one is truncated, and says so. A received payload holds so
     * much of the shard's buffer memory, rounded up to a power of two, whatever its length.
     *
     * @throws IllegalArgumentException if not between 1 and {@link #PAYLOAD_BYTES_LIMIT}
     */
    public DatagramOptions withPayloadBytesMax(int bytes) {
        between("payloadBytesMax", bytes, 1, PAYLOAD_BYTES_LIMIT);
        return changed(o -> o.payloadBytesMax = bytes);
    }

    /**
     * Datagrams that one system call receives or sends at most; 32 by default. As many may wait in
     * the socket to be sent, and as many that were received but not asked for yet.
     *
     * @throws IllegalArgumentException if not between 1 and 256
     */
    public DatagramOptions withBatch(int datagrams) {
        between("batch", datagrams, 1, BATCH_MAX);
        return changed(o -> o.batch = datagrams);
    }

    /** The kernel's send buffer; 0 leaves it to the kernel. */
    public DatagramOptions withSendBufferBytes(int bytes) {
        between("sendBufferBytes", bytes, 0, Integer.MAX_VALUE);
        return changed(o -> o.sendBufferBytes = bytes);
    }

    /**
     * The kernel's receive buffer, beyond which it drops what arrives; 0 leaves it to the kernel,
     * whose own limit ({@code net.core.rmem_max}) applies.
     */
    public DatagramOptions withReceiveBufferBytes(int bytes) {
        between("receiveBufferBytes", bytes, 0, Integer.MAX_VALUE);
        return changed(o -> o.receiveBufferBytes = bytes);
    }

    /** Whether broadcast addresses may be sent to; false by default. */
    public DatagramOptions withBroadcast(boolean on) {
        return changed(o -> o.broadcast = on);
    }

    /**
     * Whether other sockets, of other programs too, may have the same address, if all of them say
     * so: what several receivers of a multicast group on one host need. For other datagrams it is
     * not said which of them gets one, so false by default.
     */
    public DatagramOptions withReuseAddress(boolean reuse) {
        return changed(o -> o.reuseAddress = reuse);
    }

    /**
     * Whether the kernel may put datagrams of one sender together (UDP_GRO), which makes bulk from
     * few senders much cheaper; false by default. They are handed out one by one all the same; but
     * each call needs buffers of 64 KiB, and a payload that is kept keeps all of one. Without
     * effect if the kernel cannot.
     */
    public DatagramOptions withCoalescing(boolean on) {
        return changed(o -> o.coalescing = on);
    }

    /**
     * Whether datagrams in a row of one length to one destination are given to the kernel as one
     * that it cuts (UDP_SEGMENT), which makes bulk much cheaper; true by default. Without effect if
     * the kernel or the interface cannot.
     */
    public DatagramOptions withSegmentation(boolean on) {
        return changed(o -> o.segmentation = on);
    }

    /**
     * Routers that a multicast datagram may pass, plus one; 1 by default, the own network.
     *
     * @throws IllegalArgumentException if not between 0 and 255
     */
    public DatagramOptions withMulticastTtl(int hops) {
        between("multicastTtl", hops, 0, TTL_MAX);
        return changed(o -> o.multicastTtl = hops);
    }

    /** Whether members on this host receive what it sends to a group; true by default. */
    public DatagramOptions withMulticastLoop(boolean on) {
        return changed(o -> o.multicastLoop = on);
    }

    /** The interface that groups are sent to; the routing table's choice by default. */
    public DatagramOptions withMulticastInterface(NetworkInterface sending) {
        return changed(o -> o.multicastInterface = Objects.requireNonNull(sending));
    }

    /**
     * Whether each datagram tells which address it was sent to ({@link DatagramHeader#destination};
     * IP_PKTINFO, RFC 3542), and whether an answer to it leaves from that address; false by
     * default. A socket on a wildcard address of a host that has several should say so: else the
     * routing table chooses where an answer comes from, and who asked another address ignores it.
     */
    public DatagramOptions withDestinations(boolean on) {
        return changed(o -> o.destinations = on);
    }

    /**
     * Whether each datagram of a Unix socket tells which user has sent it ({@link
     * DatagramHeader#credentials}; SCM_CREDENTIALS); false by default. Without effect for UDP.
     */
    public DatagramOptions withCredentials(boolean on) {
        return changed(o -> o.credentials = on);
    }

    /**
     * Who may send to the path of a Unix socket: those with write permission. By default the
     * process's umask decides. The path is never more open than this, not for a moment.
     */
    public DatagramOptions withPathPermissions(Set<PosixFilePermission> permissions) {
        return changed(o -> o.pathPermissions = Set.copyOf(permissions));
    }

    public int payloadBytesMax() {
        return payloadBytesMax;
    }

    public int batch() {
        return batch;
    }

    public int sendBufferBytes() {
        return sendBufferBytes;
    }

    public int receiveBufferBytes() {
        return receiveBufferBytes;
    }

    public boolean broadcast() {
        return broadcast;
    }

    public boolean reusesAddress() {
        return reuseAddress;
    }

    public boolean coalescing() {
        return coalescing;
    }

    public boolean segmentation() {
        return segmentation;
    }

    public int multicastTtl() {
        return multicastTtl;
    }

    public boolean multicastLoop() {
        return multicastLoop;
    }

    public Optional<NetworkInterface> multicastInterface() {
        return Optional.ofNullable(multicastInterface);
    }

    public boolean destinations() {
        return destinations;
    }

    public boolean credentials() {
        return credentials;
    }

    /** Those of {@link #withPathPermissions}. */
    public Optional<Set<PosixFilePermission>> pathPermissions() {
        return Optional.ofNullable(pathPermissions);
    }

    private DatagramOptions changed(Consumer<DatagramOptions> change) {
        DatagramOptions copy = new DatagramOptions(this);
        change.accept(copy);
        return copy;
    }

    private static void between(String name, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(
                    name + "=" + value + ": must be between " + min + " and " + max);
        }
    }
}
