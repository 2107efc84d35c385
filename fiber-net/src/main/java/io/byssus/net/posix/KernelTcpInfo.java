package io.byssus.net.posix;

import io.byssus.net.TcpInfo;
import io.byssus.runtime.os.TcpInfoStruct;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Makes a {@link TcpInfo} of the kernel's {@code struct tcp_info}. */
final class KernelTcpInfo {
    /** TCP_INFINITE_SSTHRESH of the kernel. */
    private static final long NO_THRESHOLD = 0x7fff_ffff;

    /** As net/tcp_states.h counts them, from 1. */
    private static final List<String> STATES =
            List.of(
                    "ESTABLISHED",
                    "SYN_SENT",
                    "SYN_RECEIVED",
                    "FIN_WAIT_1",
                    "FIN_WAIT_2",
                    "TIME_WAIT",
                    "CLOSED",
                    "CLOSE_WAIT",
                    "LAST_ACK",
                    "LISTEN",
                    "CLOSING",
                    "SYN_RECEIVED");

    private KernelTcpInfo() {}

    static TcpInfo of(long struct) {
        int segmentBytes = TcpInfoStruct.segmentBytes(struct);
        long threshold = TcpInfoStruct.thresholdSegments(struct);
        long minimum = TcpInfoStruct.roundTripMinimumMicros(struct);
        return new TcpInfo(
                STATES.get(TcpInfoStruct.state(struct) - 1),
                micros(TcpInfoStruct.roundTripMicros(struct)),
                micros(TcpInfoStruct.roundTripVariationMicros(struct)),
                micros(minimum == TcpInfoStruct.NO_MINIMUM ? 0 : minimum),
                micros(TcpInfoStruct.timeoutMicros(struct)),
                segmentBytes,
                TcpInfoStruct.windowSegments(struct) * segmentBytes,
                threshold == NO_THRESHOLD ? Long.MAX_VALUE : threshold * segmentBytes,
                TcpInfoStruct.unacknowledgedSegments(struct) * segmentBytes,
                TcpInfoStruct.retransmittedSegments(struct),
                TcpInfoStruct.notSentBytes(struct),
                TcpInfoStruct.sendWindowBytes(struct));
    }

    private static Duration micros(long micros) {
        return Duration.ofNanos(TimeUnit.MICROSECONDS.toNanos(micros));
    }
}
