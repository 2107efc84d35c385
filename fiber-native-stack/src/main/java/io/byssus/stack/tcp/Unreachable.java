package io.byssus.stack.tcp;

/** Why a segment did not arrive, as ICMP tells. */
public enum Unreachable {
    HOST(TcpFailure.HOST_UNREACHABLE),
    /** A router says that there is no way now: that may pass, so nothing ends (MUST-56). */
    FOR_NOW(TcpFailure.HOST_UNREACHABLE),
    NETWORK(TcpFailure.NETWORK_UNREACHABLE),
    /** The next station on our own link does not answer: nobody has to be believed for that. */
    NEIGHBOUR(TcpFailure.HOST_UNREACHABLE),
    /** The peer's host has no TCP, or nobody at the port. */
    PORT(TcpFailure.REFUSED),
    /** A router may not fragment it; the path's MTU is known by now. */
    TOO_LARGE(TcpFailure.NONE);

    private final TcpFailure failure;

    Unreachable(TcpFailure failure) {
        this.failure = failure;
    }

    TcpFailure failure() {
        return failure;
    }
}
