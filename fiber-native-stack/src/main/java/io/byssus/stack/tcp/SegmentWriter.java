package io.byssus.stack.tcp;

import io.byssus.runtime.os.RawMemory;
import io.byssus.stack.wire.TcpHeader;
import io.byssus.stack.wire.TcpOptions;
import java.lang.foreign.MemorySegment;

/**
 * Writes one segment of a connection into the frame that will carry it: header, options, text, all
 * but the checksum.
 *
 * <p>Every segment says where we are: what it acknowledges and how much more we take. So each one
 * settles whatever acknowledgment was due.
 *
 * <p><b>Ownership:</b> confined to its shard; one for all its connections.
 */
final class SegmentWriter {
    private static final MemorySegment MEMORY = RawMemory.all();
    private static final int URGENT_MAX = 0xffff;

    /** What aligns options to words. */
    private static final int ALIGNMENT = 2;

    private final TcpCounters counters;

    SegmentWriter(TcpCounters counters) {
        this.counters = counters;
    }

    /** Our SYN, with an acknowledgment of the peer's if that has come. */
    void writeSyn(long now, TcpConnection connection, SegmentSink sink, int flags) {
        boolean answers = (flags & TcpHeader.ACK) != 0;
        boolean timestamps = !answers || connection.timestamps.enabled();
        boolean selective = !answers || connection.selective;
        boolean scaled = !answers || connection.scaled;
        int length =
                TcpOptions.MSS_BYTES
                        + (timestamps ? TcpOptions.TIMESTAMPS_BYTES : 0)
                        + (selective ? TcpOptions.SACK_PERMITTED_BYTES : 0)
                        + (scaled ? TcpOptions.WINDOW_SCALE_BYTES : 0);
        int headerLength = TcpHeader.BYTES_MIN + roundUp(length);
        long at = sink.begin(connection, headerLength);
        long option = at + TcpHeader.BYTES_MIN;
        option += TcpOptions.writeMss(MEMORY, option, connection.stack.receiveMss());
        if (selective) {
            option += TcpOptions.writeSackPermitted(MEMORY, option);
        }
        if (timestamps) {
            option += writeTimestamps(now, connection, option);
        }
        if (scaled) {
            TcpOptions.writeWindowScale(MEMORY, option, connection.windowShift());
        }
        TcpOptions.pad(MEMORY, at + TcpHeader.BYTES_MIN, length);
        writeHeader(connection, at, headerLength, connection.send.initial(), flags);
        TcpHeader.window(MEMORY, at, connection.window.synWindow());
        if (answers) {
            connection.acks.onSent(connection.receive.next());
        }
        end(connection, sink, Ecn.NOT_CAPABLE, 0);
    }

    /**
     * A segment of the synchronized states.
     *
     * @param sequence its first number
     * @param textOffset where its text begins in the send queue
     * @param textLength bytes of text; the writer takes care that it fits
     */
    void write(
            long now,
            TcpConnection connection,
            SegmentSink sink,
            int flags,
            int sequence,
            int textOffset,
            int textLength,
            int congestionBits) {
        boolean timestamps = connection.timestamps.enabled();
        int blocks = sackBlocks(connection, textLength);
        int headerLength =
                TcpHeader.BYTES_MIN
                        + (timestamps ? Negotiation.TIMESTAMP_BYTES : 0)
                        + sackBytes(blocks);
        long at = sink.begin(connection, headerLength + textLength);
        long option = at + TcpHeader.BYTES_MIN;
        if (timestamps) {
            option += TcpOptions.writeNoOperations(MEMORY, option, ALIGNMENT);
            option += writeTimestamps(now, connection, option);
        }
        if (blocks > 0) {
            writeSack(connection, option, blocks);
        }
        if (textLength > 0) {
            connection.sendQueue.copy(textOffset, textLength, at + headerLength);
        }
        writeHeader(connection, at, headerLength, sequence, flags | connection.ecn.echoFlag());
        writeUrgent(connection, at, sequence);
        TcpHeader.window(
                MEMORY,
                at,
                connection.window.offer(
                        connection.receive.next(), connection.receiveQueue.charged()));
        connection.acks.onSent(connection.receive.next());
        end(connection, sink, congestionBits, connection.segmentBytes - sackBytes(blocks));
    }

    /** A reset of a synchronized connection. */
    void writeReset(TcpConnection connection, SegmentSink sink) {
        long at = sink.begin(connection, TcpHeader.BYTES_MIN);
        writeHeader(
                connection,
                at,
                TcpHeader.BYTES_MIN,
                connection.send.next(),
                TcpHeader.RST | TcpHeader.ACK);
        TcpHeader.window(MEMORY, at, 0);
        counters.outResets++;
        end(connection, sink, Ecn.NOT_CAPABLE, 0);
    }

    /** How much new text a segment can hold beside what it should say. */
    static int textMax(TcpConnection connection) {
        return connection.reassembly.hasSackBlocks() && connection.selective
                ? connection.segmentBytes - sackBytes(sackBlocksMax(connection))
                : connection.segmentBytes;
    }

    /** Blocks for which there is room: what is sent again is as long as it was the first time. */
    private static int sackBlocks(TcpConnection connection, int textLength) {
        if (!connection.selective || !connection.reassembly.hasSackBlocks()) {
            return 0;
        }
        // What the device cuts has this much in each.
        int text = textLength > connection.segmentBytes ? textMax(connection) : textLength;
        int room = connection.segmentBytes - text - ALIGNMENT - 2;
        int fit = Math.max(0, room / TcpOptions.SACK_BLOCK_BYTES);
        return connection.reassembly.sackBlocks(Math.min(fit, sackBlocksMax(connection)));
    }

    private static int sackBlocksMax(TcpConnection connection) {
        return connection.timestamps.enabled()
                ? TcpOptions.SACK_BLOCKS_MAX - 1
                : TcpOptions.SACK_BLOCKS_MAX;
    }

    private static int sackBytes(int blocks) {
        return blocks == 0 ? 0 : ALIGNMENT + 2 + blocks * TcpOptions.SACK_BLOCK_BYTES;
    }

    private static int roundUp(int length) {
        return (length + Integer.BYTES - 1) & -Integer.BYTES;
    }

    private static int writeTimestamps(long now, TcpConnection connection, long at) {
        return TcpOptions.writeTimestamps(
                MEMORY, at, connection.timestamps.value(now), connection.timestamps.echo());
    }

    private static void writeSack(TcpConnection connection, long at, int blocks) {
        long option = at + TcpOptions.writeNoOperations(MEMORY, at, ALIGNMENT);
        option += TcpOptions.beginSack(MEMORY, option, blocks);
        for (int i = 0; i < blocks; i++) {
            option +=
                    TcpOptions.writeSackBlock(
                            MEMORY,
                            option,
                            connection.reassembly.sackStart(i),
                            connection.reassembly.sackEnd(i));
        }
    }

    private void writeHeader(
            TcpConnection connection, long at, int headerLength, int sequence, int flags) {
        TcpHeader.sourcePort(MEMORY, at, connection.localPort());
        TcpHeader.destinationPort(MEMORY, at, connection.remotePort());
        TcpHeader.sequence(MEMORY, at, sequence);
        TcpHeader.acknowledgment(
                MEMORY, at, (flags & TcpHeader.ACK) == 0 ? 0 : connection.receive.next());
        TcpHeader.headerLength(MEMORY, at, headerLength);
        TcpHeader.flags(MEMORY, at, flags);
        TcpHeader.urgentPointer(MEMORY, at, 0);
    }

    private static void writeUrgent(TcpConnection connection, long at, int sequence) {
        if (!connection.urgentQueued) {
            return;
        }
        int ahead = SequenceNumber.distance(sequence, connection.urgentEnd);
        if (ahead <= 0) {
            connection.urgentQueued =
                    SequenceNumber.isBefore(connection.send.unacknowledged(), connection.urgentEnd);
            return;
        }
        TcpHeader.flags(MEMORY, at, TcpHeader.flags(MEMORY, at) | TcpHeader.URG);
        TcpHeader.urgentPointer(MEMORY, at, Math.min(ahead, URGENT_MAX));
    }

    private void end(
            TcpConnection connection, SegmentSink sink, int congestionBits, int segmentBytes) {
        counters.outSegments++;
        sink.end(connection.differentiatedServices | congestionBits, segmentBytes);
    }
}
