package io.byssus.stack.tcp;

/** The congestion controls to choose from, in {@link TcpLimits}. */
public enum CongestionAlgorithm {
    /** RFC 9438; the default. */
    CUBIC {
        @Override
        public CongestionController create(int segmentBytes) {
            return new Cubic(segmentBytes);
        }
    },
    /** RFC 5681. */
    RENO {
        @Override
        public CongestionController create(int segmentBytes) {
            return new Reno(segmentBytes);
        }
    };

    /**
     * The controller of a new connection.
     *
     * @param segmentBytes the most data that a segment carries (SMSS), at least 1
     */
    public abstract CongestionController create(int segmentBytes);
}
