package io.byssus.stack.tcp;

import io.byssus.stack.wire.TcpHeader;

/**
 * Explicit congestion notification of one connection (RFC 3168, 6.1): marks that arrive are echoed
 * until the peer says that it has slowed down; echoes make us slow down, once per round trip, and
 * say so.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
final class Ecn {
    /** How many bits of the traffic class it has, and how many differentiated services have. */
    static final int BITS = 2;

    static final int CODEPOINT_BITS = 6;

    /** The two low bits of the traffic class: not capable, capable, congestion experienced. */
    static final int NOT_CAPABLE = 0;

    static final int CAPABLE = 2;
    static final int EXPERIENCED = 3;

    private boolean enabled;
    private boolean echoing;

    Ecn() {}

    void enable() {
        enabled = true;
    }

    boolean enabled() {
        return enabled;
    }

    /** Notes marks on a segment that has arrived. */
    void onSegment(Segment segment) {
        if (!enabled) {
            return;
        }
        if (segment.has(TcpHeader.CWR)) {
            echoing = false;
        }
        if (segment.congestionBits == EXPERIENCED) {
            echoing = true;
        }
    }

    /** Whether the peer says that our segments met congestion. */
    boolean isEcho(Segment segment) {
        return enabled && segment.has(TcpHeader.ECE);
    }

    /** The flag to set on an outgoing segment that acknowledges. */
    int echoFlag() {
        return echoing ? TcpHeader.ECE : 0;
    }
}
