package io.byssus.stack.ip;

import io.byssus.stack.wire.Icmpv4Header;

/**
 * The messages that we send of ourselves. Others are for routers; so is "fragmentation needed".
 *
 * <p>Each has a limit: how many may go to one destination in a second, and at once after a pause.
 */
public enum IcmpMessage {
    ECHO_REPLY(Icmpv4Header.ECHO_REPLY, 0, 1_000, 1_000),
    PORT_UNREACHABLE(Icmpv4Header.DESTINATION_UNREACHABLE, Icmpv4Header.CODE_PORT, 4, 8),
    PROTOCOL_UNREACHABLE(Icmpv4Header.DESTINATION_UNREACHABLE, Icmpv4Header.CODE_PROTOCOL, 4, 8),
    /** Time exceeded, code 1. */
    REASSEMBLY_TIME_EXCEEDED(Icmpv4Header.TIME_EXCEEDED, 1, 4, 8);

    private final int type;
    private final int code;
    private final int perSecond;
    private final int burst;

    IcmpMessage(int type, int code, int perSecond, int burst) {
        this.type = type;
        this.code = code;
        this.perSecond = perSecond;
        this.burst = burst;
    }

    int type() {
        return type;
    }

    int code() {
        return code;
    }

    int perSecond() {
        return perSecond;
    }

    int burst() {
        return burst;
    }
}
