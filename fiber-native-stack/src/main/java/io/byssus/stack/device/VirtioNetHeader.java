package io.byssus.stack.device;

import io.byssus.runtime.os.RawMemory;

/**
 * {@code struct virtio_net_hdr}, which stands before a frame and says what is left to do in it
 * (linux/virtio_net.h; virtio 1.2, 5.1.6). In the machine's byte order, as TAP has it by default.
 *
 * <pre>{@code
 * struct virtio_net_hdr {
 *   0  __u8       flags;
 *   1  __u8       gso_type;
 *   2  __virtio16 hdr_len;
 *   4  __virtio16 gso_size;
 *   6  __virtio16 csum_start;
 *   8  __virtio16 csum_offset;
 * };                            // 10 bytes
 * }</pre>
 */
final class VirtioNetHeader {
    static final int BYTES = 10;

    /** What {@link #offload} is for a header that contradicts itself, the frame or us. */
    static final long INVALID = -1;

    static final int FLAG_NEEDS_CSUM = 1;
    static final int FLAG_DATA_VALID = 2;
    static final int GSO_NONE = 0;
    static final int GSO_TCPV4 = 1;
    static final int GSO_ECN = 0x80;

    private static final int GSO_TYPE = 1;
    private static final int HEADER_LENGTH = 2;
    private static final int GSO_SIZE = 4;
    private static final int CSUM_START = 6;
    private static final int CSUM_OFFSET = 8;

    private VirtioNetHeader() {}

    /** Writes the header at {@code address} that asks for {@code offload}. */
    static void write(long address, long offload) {
        RawMemory.putByte(address, (byte) (Offload.needsChecksum(offload) ? FLAG_NEEDS_CSUM : 0));
        RawMemory.putByte(address + GSO_TYPE, (byte) gsoType(offload));
        RawMemory.putShort(address + HEADER_LENGTH, (short) Offload.headerLength(offload));
        RawMemory.putShort(address + GSO_SIZE, (short) Offload.segmentBytes(offload));
        RawMemory.putShort(address + CSUM_START, (short) Offload.checksumStart(offload));
        RawMemory.putShort(address + CSUM_OFFSET, (short) Offload.checksumOffset(offload));
    }

    /**
     * What the header at {@code address} says, or {@link #INVALID}. Its header length is left out:
     * the kernel gives the bytes that it happens to have in one piece.
     *
     * @param frameLength of the frame behind it
     */
    static long offload(long address, int frameLength) {
        int flags = RawMemory.getByte(address);
        long offload = (flags & FLAG_DATA_VALID) != 0 ? Offload.VERIFIED : Offload.NONE;
        if ((flags & FLAG_NEEDS_CSUM) != 0) {
            int checksumOffset = unsignedShort(address + CSUM_OFFSET);
            if (checksumOffset > Offload.CHECKSUM_OFFSET_MAX) {
                return INVALID;
            }
            offload |= Offload.checksum(unsignedShort(address + CSUM_START), checksumOffset);
        }
        return Offload.fits(offload, frameLength) ? segmentation(address, offload) : INVALID;
    }

    private static long segmentation(long address, long offload) {
        int type = Byte.toUnsignedInt(RawMemory.getByte(address + GSO_TYPE));
        int bytes = unsignedShort(address + GSO_SIZE);
        if (type == GSO_NONE) {
            return offload;
        }
        if ((type & ~GSO_ECN) != GSO_TCPV4 || bytes == 0) {
            return INVALID;
        }
        long segments = Offload.tcpSegments(offload, 0, bytes);
        return (type & GSO_ECN) == 0 ? segments : Offload.congestionWindowReduced(segments);
    }

    private static int gsoType(long offload) {
        if (!Offload.isTcpSegments(offload)) {
            return GSO_NONE;
        }
        return Offload.isCongestionWindowReduced(offload) ? GSO_TCPV4 | GSO_ECN : GSO_TCPV4;
    }

    private static int unsignedShort(long address) {
        return Short.toUnsignedInt(RawMemory.getShort(address));
    }
}
