package io.byssus.net;

import java.nio.ByteOrder;
import java.util.Objects;

/**
 * How frames are told from each other in a stream: each begins with the length of its body, in so
 * many bytes, unsigned. The length does not count itself.
 *
 * <p><b>Ownership:</b> immutable.
 *
 * @param lengthBytes of the length, 1 to 4
 * @param order in which these come; {@link ByteOrder#BIG_ENDIAN} is the network's
 * @param maxBytes the longest body that is read or written
 */
public record FrameFormat(int lengthBytes, ByteOrder order, int maxBytes) {
    private static final int LENGTH_BYTES_MAX = 4;

    /**
     * A format.
     *
     * @throws IllegalArgumentException if {@code lengthBytes} is not 1 to 4, or {@code maxBytes}
     *     negative or more than they can say
     */
    public FrameFormat {
        Objects.requireNonNull(order);
        if (lengthBytes < 1 || lengthBytes > LENGTH_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "lengthBytes=" + lengthBytes + ": must be 1 to " + LENGTH_BYTES_MAX);
        }
        if (maxBytes < 0 || (long) maxBytes >= 1L << (lengthBytes * Byte.SIZE)) {
            throw new IllegalArgumentException(
                    "maxBytes="
                            + maxBytes
                            + ": must be what lengthBytes="
                            + lengthBytes
                            + " can say");
        }
    }

    /** With the length in the network's order. */
    public static FrameFormat bigEndian(int lengthBytes, int maxBytes) {
        return new FrameFormat(lengthBytes, ByteOrder.BIG_ENDIAN, maxBytes);
    }

    /** With the lowest byte of the length first. */
    public static FrameFormat littleEndian(int lengthBytes, int maxBytes) {
        return new FrameFormat(lengthBytes, ByteOrder.LITTLE_ENDIAN, maxBytes);
    }

    /**
     * The prefix of {@code length}, the byte that is sent first being the lowest.
     *
     * @throws MessageTooLongException if it is more than {@link #maxBytes}
     */
    int prefix(int length) throws MessageTooLongException {
        if (length > maxBytes) {
            throw new MessageTooLongException(
                    "a frame of " + length + " bytes: maxBytes=" + maxBytes);
        }
        return order == ByteOrder.LITTLE_ENDIAN
                ? length
                : Integer.reverseBytes(length) >>> ((LENGTH_BYTES_MAX - lengthBytes) * Byte.SIZE);
    }

    /** The length that {@code prefix} says, as {@link #prefix} has it; unsigned. */
    long length(int prefix) {
        int length =
                order == ByteOrder.LITTLE_ENDIAN
                        ? prefix
                        : Integer.reverseBytes(prefix)
                                >>> ((LENGTH_BYTES_MAX - lengthBytes) * Byte.SIZE);
        return Integer.toUnsignedLong(length);
    }
}
