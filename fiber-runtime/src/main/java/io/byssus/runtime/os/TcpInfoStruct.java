package io.byssus.runtime.os;

/**
 * The part of {@code struct tcp_info} (linux/tcp.h) that we read:
 *
 * <pre>{@code
 * struct tcp_info {
 *     __u8  tcpi_state;            //  0, then 7 more bytes
 *     __u32 tcpi_rto;              //  8, microseconds
 *     __u32 tcpi_ato;
 *     __u32 tcpi_snd_mss;          // 16
 *     __u32 tcpi_rcv_mss;
 *     __u32 tcpi_unacked;          // 24, segments
 *     ...
 *     __u32 tcpi_rtt;              // 68, microseconds
 *     __u32 tcpi_rttvar;           // 72
 *     __u32 tcpi_snd_ssthresh;     // 76, segments
 *     __u32 tcpi_snd_cwnd;         // 80, segments
 *     ...
 *     __u32 tcpi_total_retrans;    // 100
 *     ...
 *     __u32 tcpi_notsent_bytes;    // 144
 *     __u32 tcpi_min_rtt;          // 148, microseconds
 *     ...
 *     __u32 tcpi_snd_wnd;          // 228, bytes
 * };
 * }</pre>
 */
public final class TcpInfoStruct {
    /** As far as every kernel has it that we run on. */
    public static final int BYTES = 232;

    private static final int RTO = 8;
    private static final int SEND_MSS = 16;
    private static final int UNACKNOWLEDGED = 24;
    private static final int ROUND_TRIP = 68;
    private static final int ROUND_TRIP_VARIATION = 72;
    private static final int THRESHOLD = 76;
    private static final int WINDOW = 80;
    private static final int RETRANSMITTED = 100;
    private static final int NOT_SENT = 144;
    private static final int ROUND_TRIP_MINIMUM = 148;
    private static final int SEND_WINDOW = 228;

    /** What {@code tcpi_min_rtt} is while there is no sample. */
    public static final long NO_MINIMUM = 0xffff_ffffL;

    private TcpInfoStruct() {}

    /** 1 to 11: {@code TCP_ESTABLISHED} and what follows it in net/tcp_states.h. */
    public static int state(long address) {
        return Byte.toUnsignedInt(RawMemory.getByte(address));
    }

    public static long timeoutMicros(long address) {
        return unsigned(address + RTO);
    }

    public static int segmentBytes(long address) {
        return RawMemory.getInt(address + SEND_MSS);
    }

    public static long unacknowledgedSegments(long address) {
        return unsigned(address + UNACKNOWLEDGED);
    }

    public static long roundTripMicros(long address) {
        return unsigned(address + ROUND_TRIP);
    }

    public static long roundTripVariationMicros(long address) {
        return unsigned(address + ROUND_TRIP_VARIATION);
    }

    public static long thresholdSegments(long address) {
        return unsigned(address + THRESHOLD);
    }

    public static long windowSegments(long address) {
        return unsigned(address + WINDOW);
    }

    public static long retransmittedSegments(long address) {
        return unsigned(address + RETRANSMITTED);
    }

    public static long notSentBytes(long address) {
        return unsigned(address + NOT_SENT);
    }

    /** {@link #NO_MINIMUM} if there is none. */
    public static long roundTripMinimumMicros(long address) {
        return unsigned(address + ROUND_TRIP_MINIMUM);
    }

    public static long sendWindowBytes(long address) {
        return unsigned(address + SEND_WINDOW);
    }

    private static long unsigned(long address) {
        return Integer.toUnsignedLong(RawMemory.getInt(address));
    }
}
