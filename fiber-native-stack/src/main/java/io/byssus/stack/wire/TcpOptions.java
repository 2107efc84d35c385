package io.byssus.stack.wire;

import java.lang.foreign.MemorySegment;

/**
 * The options of one TCP segment: maximum segment size (RFC 9293, 3.7.1), window scale and
 * timestamps (RFC 7323), selective acknowledgment (RFC 2018). Others are skipped (MUST-6).
 *
 * <p>{@link #parse} fills one object again and again; the {@code write} functions put one option
 * each and answer its length, which the caller sums up and pads with {@link #pad}.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
public final class TcpOptions {
    /** What {@link #mss} and {@link #windowScale} are without the option. */
    public static final int ABSENT = -1;

    /** In a segment without other options; beside timestamps there is room for 3. */
    public static final int SACK_BLOCKS_MAX = 4;

    /** RFC 7323, 2.3: larger ones count as this. */
    public static final int WINDOW_SCALE_MAX = 14;

    public static final int MSS_BYTES = 4;
    public static final int WINDOW_SCALE_BYTES = 3;
    public static final int SACK_PERMITTED_BYTES = 2;
    public static final int TIMESTAMPS_BYTES = 10;
    public static final int SACK_BLOCK_BYTES = 8;

    private static final int END = 0;
    private static final int NOP = 1;
    private static final int MSS = 2;
    private static final int WINDOW_SCALE = 3;
    private static final int SACK_PERMITTED = 4;
    private static final int SACK = 5;
    private static final int TIMESTAMPS = 8;

    /** Kind and length. */
    private static final int HEAD_BYTES = 2;

    private static final int ECHO = 6;

    private int mss;
    private int windowScale;
    private boolean sackPermitted;
    private boolean timestamps;
    private int timestampValue;
    private int timestampEcho;
    private int sackBlocks;
    private final int[] sackStarts = new int[SACK_BLOCKS_MAX];
    private final int[] sackEnds = new int[SACK_BLOCKS_MAX];

    public TcpOptions() {
        clear();
    }

    /**
     * Reads the options of the segment at {@code offset}, whose lengths have been checked. Of an
     * option that comes twice the last one counts.
     *
     * @return {@link Defect#BAD_OPTION} if a length is impossible (MUST-7); what stood before it
     *     has been read, what follows has not
     */
    public Defect parse(MemorySegment frame, long offset) {
        clear();
        long end = offset + TcpHeader.headerLength(frame, offset);
        long at = offset + TcpHeader.BYTES_MIN;
        while (at < end) {
            int kind = BigEndian.unsignedByte(frame, at);
            if (kind == END) {
                break;
            }
            if (kind == NOP) {
                at++;
                continue;
            }
            int length = at + 1 < end ? BigEndian.unsignedByte(frame, at + 1) : 0;
            if (length < HEAD_BYTES || length > end - at || !accept(frame, at, kind, length)) {
                return Defect.BAD_OPTION;
            }
            at += length;
        }
        return Defect.NONE;
    }

    /** {@link #ABSENT}, or what the peer can receive. */
    public int mss() {
        return mss;
    }

    /** {@link #ABSENT}, or 0 to {@link #WINDOW_SCALE_MAX}. */
    public int windowScale() {
        return windowScale;
    }

    public boolean sackPermitted() {
        return sackPermitted;
    }

    public boolean hasTimestamps() {
        return timestamps;
    }

    /** TSval. */
    public int timestampValue() {
        return timestampValue;
    }

    /** TSecr. */
    public int timestampEcho() {
        return timestampEcho;
    }

    /** How many blocks the peer acknowledges selectively. */
    public int sackBlocks() {
        return sackBlocks;
    }

    /** The first sequence number of a block. */
    public int sackStart(int index) {
        return sackStarts[index];
    }

    /** The sequence number after a block's last. */
    public int sackEnd(int index) {
        return sackEnds[index];
    }

    /**
     * @return the bytes written
     */
    public static int writeMss(MemorySegment frame, long at, int mss) {
        head(frame, at, MSS, MSS_BYTES);
        BigEndian.putShort(frame, at + HEAD_BYTES, mss);
        return MSS_BYTES;
    }

    /**
     * @return the bytes written
     */
    public static int writeWindowScale(MemorySegment frame, long at, int shift) {
        head(frame, at, WINDOW_SCALE, WINDOW_SCALE_BYTES);
        BigEndian.putByte(frame, at + HEAD_BYTES, shift);
        return WINDOW_SCALE_BYTES;
    }

    /**
     * @return the bytes written
     */
    public static int writeSackPermitted(MemorySegment frame, long at) {
        head(frame, at, SACK_PERMITTED, SACK_PERMITTED_BYTES);
        return SACK_PERMITTED_BYTES;
    }

    /**
     * @return the bytes written
     */
    public static int writeTimestamps(MemorySegment frame, long at, int value, int echo) {
        head(frame, at, TIMESTAMPS, TIMESTAMPS_BYTES);
        BigEndian.putInt(frame, at + HEAD_BYTES, value);
        BigEndian.putInt(frame, at + ECHO, echo);
        return TIMESTAMPS_BYTES;
    }

    /**
     * Begins an option of {@code blocks} blocks, which the caller adds with {@link
     * #writeSackBlock}.
     *
     * @return the bytes written
     */
    public static int beginSack(MemorySegment frame, long at, int blocks) {
        assert blocks > 0 && blocks <= SACK_BLOCKS_MAX : "blocks=" + blocks;
        head(frame, at, SACK, HEAD_BYTES + blocks * SACK_BLOCK_BYTES);
        return HEAD_BYTES;
    }

    /**
     * @return the bytes written
     */
    public static int writeSackBlock(MemorySegment frame, long at, int start, int end) {
        BigEndian.putInt(frame, at, start);
        BigEndian.putInt(frame, at + Integer.BYTES, end);
        return SACK_BLOCK_BYTES;
    }

    /**
     * Writes {@code count} options that say nothing, for alignment.
     *
     * @return the bytes written
     */
    public static int writeNoOperations(MemorySegment frame, long at, int count) {
        for (int i = 0; i < count; i++) {
            BigEndian.putByte(frame, at + i, NOP);
        }
        return count;
    }

    /**
     * Fills up to the next multiple of 4 with zeros (MUST-69): the first of them ends the list.
     *
     * @param length of the options at {@code at}
     * @return their length with the padding
     */
    public static int pad(MemorySegment frame, long at, int length) {
        int padded = length;
        while (padded % Integer.BYTES != 0) {
            BigEndian.putByte(frame, at + padded, END);
            padded++;
        }
        return padded;
    }

    private void clear() {
        mss = ABSENT;
        windowScale = ABSENT;
        sackPermitted = false;
        timestamps = false;
        timestampValue = 0;
        timestampEcho = 0;
        sackBlocks = 0;
    }

    /** False if the option has a length that its standard does not give it. */
    private boolean accept(MemorySegment frame, long at, int kind, int length) {
        return switch (kind) {
            case MSS -> length == MSS_BYTES && acceptMss(frame, at);
            case WINDOW_SCALE -> length == WINDOW_SCALE_BYTES && acceptWindowScale(frame, at);
            case SACK_PERMITTED -> length == SACK_PERMITTED_BYTES && acceptSackPermitted();
            case TIMESTAMPS -> length == TIMESTAMPS_BYTES && acceptTimestamps(frame, at);
            case SACK -> acceptSack(frame, at, length - HEAD_BYTES);
            default -> true;
        };
    }

    private boolean acceptMss(MemorySegment frame, long at) {
        mss = BigEndian.unsignedShort(frame, at + HEAD_BYTES);
        return true;
    }

    private boolean acceptWindowScale(MemorySegment frame, long at) {
        windowScale = Math.min(BigEndian.unsignedByte(frame, at + HEAD_BYTES), WINDOW_SCALE_MAX);
        return true;
    }

    private boolean acceptSackPermitted() {
        sackPermitted = true;
        return true;
    }

    private boolean acceptTimestamps(MemorySegment frame, long at) {
        timestamps = true;
        timestampValue = BigEndian.int32(frame, at + HEAD_BYTES);
        timestampEcho = BigEndian.int32(frame, at + ECHO);
        return true;
    }

    private boolean acceptSack(MemorySegment frame, long at, int length) {
        if (length == 0 || length % SACK_BLOCK_BYTES != 0) {
            return false;
        }
        sackBlocks = length / SACK_BLOCK_BYTES; // no more than 4 fit into 40 bytes
        for (int i = 0; i < sackBlocks; i++) {
            long block = at + HEAD_BYTES + (long) i * SACK_BLOCK_BYTES;
            sackStarts[i] = BigEndian.int32(frame, block);
            sackEnds[i] = BigEndian.int32(frame, block + Integer.BYTES);
        }
        return true;
    }

    private static void head(MemorySegment frame, long at, int kind, int length) {
        BigEndian.putByte(frame, at, kind);
        BigEndian.putByte(frame, at + 1, length);
    }
}
