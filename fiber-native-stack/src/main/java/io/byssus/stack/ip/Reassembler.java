package io.byssus.stack.ip;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.wire.Ipv4Header;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;

/**
 * Makes whole datagrams of fragments (RFC 791, 3.2; RFC 1122, 3.3.2).
 *
 * <p>Nothing is ever cut out of a fragment: if two of them overlap, the datagram is dropped, and so
 * is what still comes for it until its time is over (RFC 5722 says so for IPv6; an honest IPv4
 * sender makes no overlaps either). A fragment that comes twice exactly alike is dropped alone.
 *
 * <p>All of it is bounded: datagrams, fragments of each, memory (a fragment is charged with the
 * whole buffer that it keeps in use; a small one is copied out), and what one source may have of
 * it, a quarter. Where there is no room, the oldest of the source, or of all, is dropped.
 *
 * <p>A datagram has 30 seconds from its first fragment on. RFC 1122 recommends 60 to 120;
 * identifications come again sooner than that at today's rates (RFC 4963), and wrong fragments
 * would be put together.
 *
 * <p><b>Ownership:</b> confined to its shard. It owns the fragments that it has.
 */
public final class Reassembler {
    /** Is told of datagrams whose time is over. */
    public interface Expiry {
        /**
         * The datagram of which this is the first fragment has not become whole: the sender may be
         * told (RFC 792). Its owner is the callee now.
         */
        void expired(Buffer firstFragment);
    }

    public static final long NO_DEADLINE = Long.MAX_VALUE;

    static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** What one source may have is the whole divided by this. */
    static final int SHARES = 4;

    /** A fragment is copied if it fills less of its buffer than one part in so many. */
    private static final int SPARSE = 4;

    private static final int DATAGRAM_BYTES_MAX = 65_535;
    private static final int NONE = KeyedTable.NONE;

    private final BufferPool pool;
    private final long bytesMax;
    private final MemorySegment memory = RawMemory.all();
    private final Counters<ReassemblyEvent> counters = new Counters<>(ReassemblyEvent.class);

    /** By source and destination, protocol and identification; from the oldest to the newest. */
    private final KeyedTable table;

    private final PartialDatagram[] datagrams;

    /** By slot of the table: the slot in {@link #sources}. */
    private final int[] sourceOf;

    private final KeyedTable sources;

    /** By slot in {@link #sources}: its datagrams, from the oldest to the newest. */
    private final IndexLists bySource;

    private final int[] datagramsOf;
    private final long[] bytesOf;
    private long bytes;

    /**
     * Without any fragments.
     *
     * @param pool for whole datagrams
     * @param datagramsMax that are not whole, at a time
     * @param bytesMax that their fragments keep in use
     * @param secret random: it keeps others from choosing datagrams that share a bucket
     */
    public Reassembler(BufferPool pool, int datagramsMax, long bytesMax, long secret) {
        if (datagramsMax < SHARES || bytesMax < SHARES) {
            throw new IllegalArgumentException(
                    "datagramsMax=" + datagramsMax + " bytesMax=" + bytesMax);
        }
        this.pool = pool;
        this.bytesMax = bytesMax;
        table = new KeyedTable(datagramsMax, secret);
        datagrams = new PartialDatagram[datagramsMax];
        sourceOf = new int[datagramsMax];
        sources = new KeyedTable(datagramsMax, ~secret);
        bySource = new IndexLists(datagramsMax, datagramsMax);
        datagramsOf = new int[datagramsMax];
        bytesOf = new long[datagramsMax];
    }

    /** Whether a packet, whose header was checked, is a fragment. */
    public static boolean isFragment(MemorySegment memory, long packet) {
        return Ipv4Header.moreFragments(memory, packet)
                || Ipv4Header.fragmentOffset(memory, packet) != 0;
    }

    /**
     * Takes a fragment over: a buffer that begins with an IPv4 header which {@link
     * Ipv4Header#check} has found right; there may be padding behind the packet.
     *
     * @return the datagram that is whole now, owned by the caller, or null
     */
    public Buffer add(long now, Buffer packet) {
        counters.add(ReassemblyEvent.RECEIVED);
        if (!isPossible(packet)) {
            packet.close();
            return null;
        }
        long at = packet.address();
        long addresses =
                ((long) Ipv4Header.source(memory, at) << Integer.SIZE)
                        | Integer.toUnsignedLong(Ipv4Header.destination(memory, at));
        long identity =
                ((long) Ipv4Header.protocol(memory, at) << Short.SIZE)
                        | Ipv4Header.identification(memory, at);
        int slot = table.find(addresses, identity);
        if (slot == NONE) {
            slot = begin(now, addresses, identity);
        }
        return add(slot, packet);
    }

    /** When the time of a datagram is over, or {@link #NO_DEADLINE}. */
    public long deadline() {
        int oldest = table.oldest();
        return oldest == NONE ? NO_DEADLINE : datagrams[oldest].expiresAt();
    }

    /** Drops the datagrams whose time is over. */
    public void onDeadline(long now, Expiry expiry) {
        while (deadline() <= now) {
            int slot = table.oldest();
            PartialDatagram datagram = datagrams[slot];
            if (!datagram.isSpoiled()) {
                counters.add(ReassemblyEvent.TIMED_OUT);
            }
            discharge(slot, datagram.charge());
            Buffer first = datagram.takeFirst();
            datagram.release();
            remove(slot);
            if (first != null) {
                expiry.expired(first);
            }
        }
    }

    public Counters<ReassemblyEvent> counters() {
        return counters;
    }

    /** Bytes of memory that fragments keep in use. */
    public long bytes() {
        return bytes;
    }

    /** Datagrams that are not whole, those included of which the rest is to be dropped. */
    public int size() {
        return table.size();
    }

    /** Drops everything. */
    public void close() {
        while (table.oldest() != NONE) {
            drop(table.oldest());
        }
    }

    /** Cuts the padding off; false if no datagram can have such a fragment. */
    private boolean isPossible(Buffer packet) {
        long at = packet.address();
        int totalLength = Ipv4Header.totalLength(memory, at);
        int headerLength = Ipv4Header.headerLength(memory, at);
        assert packet.length() >= totalLength && totalLength >= headerLength : packet;
        packet.trim(totalLength);
        int payload = totalLength - headerLength;
        if (payload == 0) {
            counters.add(ReassemblyEvent.EMPTY);
            return false;
        }
        if (Ipv4Header.moreFragments(memory, at) && payload % Ipv4Header.FRAGMENT_UNIT_BYTES != 0) {
            counters.add(ReassemblyEvent.ODD_LENGTH);
            return false;
        }
        int end = headerLength + Ipv4Header.fragmentOffset(memory, at) + payload;
        if (end > DATAGRAM_BYTES_MAX) {
            counters.add(ReassemblyEvent.TOO_LONG);
            return false;
        }
        return true;
    }

    private Buffer add(int slot, Buffer packet) {
        PartialDatagram datagram = datagrams[slot];
        if (datagram.isSpoiled()) {
            counters.add(ReassemblyEvent.TOO_LATE);
            packet.close();
            return null;
        }
        switch (datagram.judge(packet)) {
            case NEW -> {
                return insert(slot, packet);
            }
            case DUPLICATE -> counters.add(ReassemblyEvent.DUPLICATE);
            case OVERLAP -> spoil(slot, ReassemblyEvent.OVERLAP);
            case TOO_MANY -> spoil(slot, ReassemblyEvent.TOO_MANY);
        }
        packet.close();
        return null;
    }

    private Buffer insert(int slot, Buffer packet) {
        Buffer kept = packet;
        if (packet.length() < packet.capacity() / SPARSE) {
            kept = copy(packet);
            packet.close();
            if (kept == null) {
                counters.add(ReassemblyEvent.NO_MEMORY);
                return null;
            }
        }
        if (!makeRoom(slot, kept.capacity())) {
            kept.close();
            return null;
        }
        datagrams[slot].insert(kept);
        bytes += kept.capacity();
        bytesOf[sourceOf[slot]] += kept.capacity();
        return datagrams[slot].isComplete() ? finish(slot) : null;
    }

    private Buffer copy(Buffer packet) {
        Buffer copy = pool.allocateOrNull(packet.length());
        if (copy != null) {
            copy.put(0, packet);
        }
        return copy;
    }

    private Buffer finish(int slot) {
        PartialDatagram datagram = datagrams[slot];
        if (datagram.totalLength() > DATAGRAM_BYTES_MAX) {
            spoil(slot, ReassemblyEvent.TOO_LONG);
            return null;
        }
        if (datagram.hasMixedEcn()) {
            spoil(slot, ReassemblyEvent.MIXED_ECN);
            return null;
        }
        Buffer whole = pool.allocateReserved(datagram.totalLength());
        if (whole == null) {
            spoil(slot, ReassemblyEvent.NO_MEMORY);
            return null;
        }
        counters.add(ReassemblyEvent.REASSEMBLED);
        datagram.assemble(whole);
        drop(slot);
        return whole;
    }

    /** Begins a datagram; the oldest of its source, or of all, gives way if need be. */
    private int begin(long now, long addresses, long identity) {
        long address = addresses >>> Integer.SIZE;
        int source = sources.find(0, address);
        if (source != NONE && datagramsOf[source] >= table.capacity() / SHARES) {
            evict(bySource.first(source));
        }
        if (table.isFull()) {
            evict(table.oldest());
        }
        source = sources.find(0, address); // it may have been the one that gave way
        if (source == NONE) {
            source = sources.add(0, address);
        }
        int slot = table.add(addresses, identity);
        if (datagrams[slot] == null) {
            datagrams[slot] = new PartialDatagram();
        }
        datagrams[slot].begin(now + TIMEOUT_NANOS);
        sourceOf[slot] = source;
        bySource.append(source, slot);
        datagramsOf[source]++;
        return slot;
    }

    /** False if the datagram itself was the oldest, and so is gone. */
    private boolean makeRoom(int slot, int charge) {
        int source = sourceOf[slot];
        while (bytesOf[source] + charge > bytesMax / SHARES) {
            int oldest = bySource.first(source);
            evict(oldest);
            if (oldest == slot) {
                return false;
            }
        }
        while (bytes + charge > bytesMax) {
            int oldest = table.oldest();
            evict(oldest);
            if (oldest == slot) {
                return false;
            }
        }
        return true;
    }

    private void evict(int slot) {
        counters.add(ReassemblyEvent.EVICTED);
        drop(slot);
    }

    private void spoil(int slot, ReassemblyEvent why) {
        counters.add(why);
        discharge(slot, datagrams[slot].charge());
        datagrams[slot].spoil();
    }

    private void drop(int slot) {
        discharge(slot, datagrams[slot].charge());
        datagrams[slot].release();
        remove(slot);
    }

    private void discharge(int slot, long charge) {
        bytes -= charge;
        bytesOf[sourceOf[slot]] -= charge;
        assert bytes >= 0 && bytesOf[sourceOf[slot]] >= 0 : "bytes=" + bytes;
    }

    private void remove(int slot) {
        int source = sourceOf[slot];
        bySource.remove(source, slot);
        datagramsOf[source]--;
        if (datagramsOf[source] == 0) {
            assert bytesOf[source] == 0 : "bytes=" + bytesOf[source];
            sources.remove(source);
        }
        table.remove(slot);
    }
}
