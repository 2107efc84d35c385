package io.byssus.stack.device;

import io.byssus.runtime.memory.Buffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;

/**
 * Writes frames in the format that Wireshark and tcpdump read: a pcap file with times in
 * nanoseconds (<a
 * href="https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcap/">draft-ietf-opsawg-pcap</a>).
 *
 * <pre>
 * file:    magic (4), major (2), minor (2), 0 (8), snap length (4), link type (4)
 * packet:  seconds (4), nanoseconds (4), captured length (4), original length (4), bytes
 * </pre>
 *
 * <p><b>Ownership:</b> one thread, which may wait for the channel: it is for finding out, not for
 * production. Everything is written at once, so that the file is whole up to a crash.
 */
public final class PcapWriter implements AutoCloseable {
    private static final int MAGIC_NANOSECONDS = 0xa1b23c4d;
    private static final short MAJOR = 2;
    private static final short MINOR = 4;
    private static final int LINK_TYPE_ETHERNET = 1;
    private static final int FILE_HEADER_BYTES = 24;
    private static final int PACKET_HEADER_BYTES = 16;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    /** Larger than any frame, those that a device segments later included. */
    private static final int SNAP_LENGTH = 1 << 18;

    private final WritableByteChannel channel;
    private final ByteBuffer header =
            ByteBuffer.allocate(FILE_HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);

    /** Begins a file; the channel belongs to the writer. */
    public PcapWriter(WritableByteChannel channel) throws IOException {
        this.channel = channel;
        header.putInt(MAGIC_NANOSECONDS).putShort(MAJOR).putShort(MINOR).putLong(0);
        header.putInt(SNAP_LENGTH).putInt(LINK_TYPE_ETHERNET);
        writeAll(header.flip());
    }

    /**
     * Writes one frame, which stays the caller's and as it is.
     *
     * @param epochNanos when it passed, since 1970
     * @param offload what is left to do in it: a checksum is completed on paper
     */
    public void write(long epochNanos, Buffer frame, long offload) throws IOException {
        int captured = Math.min(frame.length(), SNAP_LENGTH);
        header.clear().limit(PACKET_HEADER_BYTES);
        header.putInt((int) (epochNanos / NANOS_PER_SECOND));
        header.putInt((int) (epochNanos % NANOS_PER_SECOND));
        header.putInt(captured).putInt(frame.length());
        writeAll(header.flip());
        ByteBuffer bytes = frame.asByteBuffer();
        int start = bytes.position();
        int end = start + captured;
        if (Offload.needsChecksum(offload)) {
            int checksumAt = start + Offload.checksumAt(offload);
            writeAll(bytes.limit(checksumAt));
            writeAll(bigEndian(Offload.completeChecksum(offload, frame)));
            bytes.limit(end).position(checksumAt + Short.BYTES);
        }
        writeAll(bytes.limit(end));
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** Through the header's buffer, which is free again when a frame's bytes follow. */
    private ByteBuffer bigEndian(int checksum) {
        header.clear();
        return header.put((byte) (checksum >>> Byte.SIZE)).put((byte) checksum).flip();
    }

    private void writeAll(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
