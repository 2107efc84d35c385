package io.byssus.stack.tcp;

/**
 * What the sender believes of the path. Transitions:
 *
 * <pre>
 * OPEN, DISORDER  -> each other   something beyond a gap is acknowledged, or no more
 * OPEN, DISORDER  -> CWR          a congestion mark is echoed
 * OPEN, DISORDER, CWR -> RECOVERY a segment is taken for lost
 * any             -> TIMEOUT      the retransmission timer fires
 * CWR, RECOVERY, TIMEOUT -> OPEN, DISORDER
 *                                 what was sent before it began is acknowledged, or it was in vain
 * </pre>
 */
enum RecoveryPhase {
    OPEN,
    /** Something is missing, perhaps only late. */
    DISORDER,
    /** The window shrinks because of a congestion mark; nothing is lost. */
    CWR,
    /** Lost segments are sent again (fast recovery). */
    RECOVERY,
    /** The timer has fired; slow start over what was lost. */
    TIMEOUT
}
