package io.byssus.stack.tcp;

/** Why a connection ended otherwise than in order (MUST-12: the application is told). */
public enum TcpFailure {
    NONE,
    /** The peer refused it: a reset in answer to our SYN. */
    REFUSED,
    /** The peer reset it. */
    RESET,
    /** The peer did not answer for too long. */
    TIMED_OUT,
    /** A router or the peer's host says that there is no way to it (RFC 1122, 4.2.3.9). */
    HOST_UNREACHABLE,
    NETWORK_UNREACHABLE,
    /** This end gave it up. */
    ABORTED
}
